"""Who must not know because somebody said so, over all that was told of an incident (pure; the rule stands here alone).

A grant is good for its hours and intake looks nothing up, so a form that was open may still be sent by somebody who
must not know any more. It is kept and shown with its author; but it withholds nothing, lets nobody back in and decides
nothing: whoever is under suspicion must not be able to declare the conflict of all the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from shared.case_steps import APPROVED, PLAN, RELEASED

_ALWAYS = datetime.min.replace(tzinfo=UTC)


class Told(Protocol):
    """A step of an incident, of whichever of its cases, or a supplement of its reporter (`step` is empty).

    `agency` and `contact` are those under which a step's author wrote; `hats` and `contacts` everything that this
    person is by the roster: codes of agencies with their kinds and units, and ids of contacts. `by_staff`: not a
    partner's. `spared_at`: the author was told as the last resort, by a grant of that moment.
    """

    @property
    def id(self) -> str: ...
    @property
    def step(self) -> str: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def by_staff(self) -> bool: ...
    @property
    def agency(self) -> str | None: ...
    @property
    def contact(self) -> str | None: ...
    @property
    def hats(self) -> Collection[str]: ...
    @property
    def contacts(self) -> Collection[str]: ...
    @property
    def spared_at(self) -> datetime | None: ...
    @property
    def withhold_from(self) -> Collection[str]: ...
    @property
    def withhold_contacts(self) -> Collection[str]: ...
    @property
    def released(self) -> Collection[str]: ...
    @property
    def released_contacts(self) -> Collection[str]: ...


@dataclass(frozen=True)
class Declared:
    """late: ids of the steps whose author must not have known any more. withhold_from, withhold_contacts: who must not
    know now, what the reporter asked among it; liftable: those of withhold_from that only a step declared. released:
    who was let back in, which lifts what follows from the suspected person's relation.
    """

    late: frozenset[str] = frozenset()
    withhold_from: frozenset[str] = frozenset()
    withhold_contacts: frozenset[str] = frozenset()
    released: frozenset[str] = frozenset()
    liftable: frozenset[str] = frozenset()


def declared(told: Iterable[Told], asked: Collection[str] = ()) -> Declared:
    """In the order in which it was recorded; `asked` are the agencies, kinds and units that the report itself named.

    * What the reporter asked, in the report or later, is never lifted.
    * What a step declared is lifted by a later AGENCY_RELEASED of staff who may know, and may be declared anew.
    * Somebody who declares their own conflict says so in time: what a step withholds counts from the next one on.
    * Who is told as the last resort though kept out may act, or nobody could lift what keeps out everybody: all that
      was said before their grant does not count against what they write by it; what is said after it does.
    * A partner keeps out no person, and no agency that staff let back in: a key alone must not undo what they decided.

    Codes are compared as they stand: intake writes the agencies of a kind or a unit beside it.
    """
    # Each with the moment since which it is so.
    wanted, by_step, contacts = dict.fromkeys(asked, _ALWAYS), dict[str, datetime](), dict[str, datetime]()
    late, back = set[str](), set[str]()
    for one in sorted(told, key=lambda one: (one.recorded_at, one.id)):
        if not one.step:
            wanted.update(dict.fromkeys(one.withhold_from, one.recorded_at))
            continue
        since = one.spared_at
        if _kept_out(_codes(one), since, wanted, by_step) or _kept_out(_contacts(one), since, contacts):
            late.add(one.id)
            continue
        if one.step == RELEASED and one.by_staff:
            back.update(one.released)
            by_step = _without(by_step, one.released)
            contacts = _without(contacts, one.released_contacts)
        by_step.update(dict.fromkeys(_may_keep_out(one, back), one.recorded_at))
        if one.by_staff:
            contacts.update(dict.fromkeys(one.withhold_contacts, one.recorded_at))
    return Declared(
        late=frozenset(late),
        withhold_from=frozenset({*wanted, *by_step}),
        withhold_contacts=frozenset(contacts),
        released=frozenset(back),
        liftable=frozenset(by_step.keys() - wanted.keys()),
    )


def _kept_out(names: Iterable[str], spared_at: datetime | None, *since: Mapping[str, datetime]) -> bool:
    return any(name in one and (spared_at is None or one[name] > spared_at) for name in names for one in since)


def _may_keep_out(one: Told, back: Collection[str]) -> Iterable[str]:
    return one.withhold_from if one.by_staff else [code for code in one.withhold_from if code not in back]


def _without(since: Mapping[str, datetime], released: Collection[str]) -> dict[str, datetime]:
    return {name: at for name, at in since.items() if name not in released}


class Author(Protocol):
    """`by`: an account or a partner, `by_staff` tells which."""

    @property
    def by(self) -> str: ...
    @property
    def by_staff(self) -> bool: ...
    @property
    def contact(self) -> str | None: ...
    @property
    def contacts(self) -> Collection[str]: ...


def one_person(one: Author, other: Author) -> bool:
    """Whether two steps are one person's: by the account, or by any contact that both are. So nobody approves their own
    plan, under another hat either.
    """
    return (one.by_staff and other.by_staff and one.by == other.by) or not _contacts(one).isdisjoint(_contacts(other))


class Planning(Author, Protocol):
    """A step of one child's case."""

    @property
    def id(self) -> str: ...
    @property
    def case_id(self) -> str: ...
    @property
    def step(self) -> str: ...


def own_approvals(steps: Iterable[Planning]) -> frozenset[str]:
    """Ids of the approvals by whoever submitted the plan that was in force; `steps` by the time they were done, of all
    children. An approval that is dated before any plan is one of the first.
    """
    plans: dict[str, Planning] = {}
    early: dict[str, list[Planning]] = {}
    found = set[str]()
    for one in steps:
        if one.step == PLAN:
            found.update(approval.id for approval in early.pop(one.case_id, ()) if one_person(approval, one))
            plans[one.case_id] = one
        elif one.step == APPROVED and one.case_id not in plans:
            early.setdefault(one.case_id, []).append(one)
        elif one.step == APPROVED and one_person(one, plans[one.case_id]):
            found.add(one.id)
    return frozenset(found)


def planless_approvals(steps: Iterable[Planning]) -> frozenset[str]:
    """Ids of the approvals that no plan of that child came before; `steps` as for `own_approvals`. There was nothing
    to approve.
    """
    planned, found = set[str](), set[str]()
    for one in steps:
        if one.step == PLAN:
            planned.add(one.case_id)
        elif one.step == APPROVED and one.case_id not in planned:
            found.add(one.id)
    return frozenset(found)


def _codes(told: Told) -> set[str]:
    return {*told.hats, *((told.agency,) if told.agency else ())}


def _contacts(told: Told | Author) -> set[str]:
    return {*told.contacts, *((told.contact,) if told.contact else ())}
