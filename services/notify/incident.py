"""One incident as notify knows it (pure): what was reported, and every later fact that changes who may know or by when.

Facts are kept by event id and folded anew each time, so that they may come in any order, before the report too, and
twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from shared.authority import Clear, declared, own_approvals, planless_approvals
from shared.case_steps import CONFLICT, ENDS, MERGED, RELEASED, REOPENED
from shared.step_times import counted_at

STEP, SUPPLEMENT, EARLIER = "step", "supplement", "earlier"
# These say who may know or ask something; nothing was done for the child yet.
NO_ACTION = frozenset({CONFLICT, RELEASED, "QUESTION_TO_REPORTER", MERGED})
FIRST_OCCASION = "first"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Child:
    case_id: str
    number: int


@dataclass(frozen=True)
class Fact:
    """`at` is when it happened, `recorded_at` when it was told. `case_id` is empty for what concerns all children.

    STEP: `step`, its author `by` with `agency`, `contact` and everything else that this person is (`hats`, `contacts`,
    `spared_at`), and what it says. SUPPLEMENT: what the reporter added, `danger` and `kinds` among it. EARLIER: another
    report about this child was merged into this one, and was received at `at`.
    """

    id: str
    kind: str
    at: datetime
    recorded_at: datetime
    case_id: str = ""
    step: str = ""
    by: str = ""
    by_staff: bool = False
    agency: str | None = None
    contact: str | None = None
    hats: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    spared_at: datetime | None = None
    until: datetime | None = None
    withhold_from: tuple[str, ...] = ()
    withhold_contacts: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    released_contacts: tuple[str, ...] = ()
    merged_into: str | None = None
    danger: bool | None = None
    kinds: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[datetime, str]:
        return self.recorded_at, self.id

    @property
    def opens_or_closes(self) -> bool:
        """Whether it changes who may know or what is owed."""
        said = self.withhold_from or self.withhold_contacts or self.released or self.released_contacts or self.kinds
        return bool(said) or self.danger is not None

    def as_row(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_row(cls, row: Row) -> Fact:
        known: dict[str, Any] = {name: row[name] for name in cls.__dataclass_fields__ if name in row}
        for name, value in known.items():
            known[name] = tuple(value) if isinstance(value, list) else value
        return cls(**known)


@dataclass(frozen=True)
class Incident:
    """`reported` are the clear facts of the report alone; `clear` with all that came later. Times are UTC.

    `void_merges`: ids of the merges that count for nothing, because of the case that they name (`merging` says which).
    `late_merges`: those into a case that was over by then, which end this one as any other end does.
    """

    id: str
    code: str
    commune: str
    village: str | None
    received_at: datetime
    accepted_at: datetime
    drill: bool
    backfill: bool
    traceparent: str | None
    directory: str
    reported: Clear
    children: tuple[Child, ...]
    facts: tuple[Fact, ...] = field(default=())
    void_merges: frozenset[str] = frozenset()
    late_merges: frozenset[str] = frozenset()

    @property
    def clear(self) -> Clear:
        return merged(self.reported, self.facts)

    @cached_property
    def deciding(self) -> tuple[Fact, ...]:
        """The facts that count, each with the time that counts: not what somebody wrote after it was declared that they
        must not know, nor the approval of one's own plan or of none.
        """
        late = declared(self.facts, self.reported.withhold_from).late
        received = min([self.received_at, *(fact.at for fact in self.facts if fact.kind == EARLIER)])
        facts = [_dated(fact, received) for fact in self.facts if fact.id not in late]
        steps = sorted((fact for fact in facts if fact.kind == STEP), key=lambda fact: (fact.at, fact.place))
        void = own_approvals(steps) | planless_approvals(steps) | self.void_merges
        return tuple(fact for fact in facts if fact.id not in void)

    @cached_property
    def by_staff(self) -> tuple[Fact, ...]:
        """The steps that count for deadlines and for who is still asked. What a partner tells is kept and shown; its
        key alone neither ends nor begins anything.
        """
        return tuple(fact for fact in self.deciding if fact.kind == STEP and fact.by_staff)

    def acted_since(self, occasion: str) -> bool:
        """Whether staff recorded of each child that something was done for it, or that it is over, since what gave rise
        to an alert of this occasion: what was done before does not answer it, nor what was done for another child.
        """
        cause = next((fact.place for fact in self.facts if fact.id == occasion.partition("/")[0]), None)
        since = [fact for fact in self.by_staff if cause is None or fact.place > cause]
        done = {fact.case_id for fact in since if fact.step not in NO_ACTION}
        done |= {fact.case_id for fact in since if fact.step in ENDS and fact == self.last_word(fact.case_id)}
        return all(child.case_id in done for child in self.children) if self.children else bool(done)

    @property
    def ended(self) -> bool:
        """Whether staff have ended the case of every child."""
        return bool(self.children) and all(self._over(child.case_id) for child in self.children)

    @property
    def ended_by(self) -> frozenset[str]:
        """The agencies in whose name the cases that are over were ended."""
        words = (self.last_word(child.case_id) for child in self.children)
        return frozenset(word.agency for word in words if word is not None and word.step in ENDS and word.agency)

    @property
    def merged_away(self) -> bool:
        """Whether every child's case is part of another one now, whose alerts stand for this one's too."""
        words = [self.last_word(child.case_id) for child in self.children]
        living = (word is not None and word.step == MERGED and word.id not in self.late_merges for word in words)
        return bool(words) and all(living)

    @property
    def reopened(self) -> Fact | None:
        """The newest step that opened a case again which is open now."""
        found = [word for child in self.children if (word := self._opened_again(child.case_id)) is not None]
        return max(found, key=lambda fact: fact.place, default=None)

    def last_word(self, case_id: str, before: tuple[datetime, str] | None = None) -> Fact | None:
        """What ended this case or opened it again last; None for one that was never ended. `before`: as it was told by
        then.
        """
        words = self._words(case_id, before)
        return words[-1] if words else None

    def _words(self, case_id: str, before: tuple[datetime, str] | None = None) -> list[Fact]:
        """Ends, and what opened the case again after an end, by the time when they were done."""
        words: list[Fact] = []
        told = [fact for fact in self.by_staff if before is None or fact.place < before]
        for fact in sorted(told, key=lambda fact: (fact.at, fact.place)):
            if fact.case_id == case_id and (fact.step in ENDS or (fact.step == REOPENED and words)):
                words.append(fact)
        return words

    def _opened_again(self, case_id: str) -> Fact | None:
        again: Fact | None = None
        for word in self._words(case_id):
            again = None if word.step in ENDS else again or word
        return again

    def _over(self, case_id: str) -> bool:
        last = self.last_word(case_id)
        return last is not None and last.step in ENDS


def merged(clear: Clear, facts: Iterable[Fact]) -> Clear:
    """The clear facts after these; `clear` are the reported ones, for what was declared later can be lifted again. Who
    must not know is authority's to say. Danger that anybody sees now is danger.
    """
    known = list(facts)
    said = declared(known, clear.withhold_from)
    clear = replace(
        clear,
        withhold_from=said.withhold_from,
        withheld_contacts=clear.withheld_contacts | said.withhold_contacts,
        released=clear.released | said.released,
    )
    for fact in known:
        if fact.kind == SUPPLEMENT:
            kinds = tuple(dict.fromkeys((*clear.kinds, *fact.kinds)))
            clear = replace(clear, kinds=kinds, danger=True if fact.danger else clear.danger)
    return clear


def _dated(fact: Fact, received_at: datetime) -> Fact:
    at = counted_at(fact.at, fact.recorded_at, received_at) if fact.kind == STEP else fact.at
    return fact if at == fact.at else replace(fact, at=at)
