"""The law's deadlines of each child's case (pure): report, steps and a time go in, where each clock stands comes out.

A clock is folded anew from all facts each time: a step that is typed late but was done in time makes a missed clock a
met one, and facts may come in any order. What is stored is only what was told of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.notify.incident import EARLIER, SUPPLEMENT, Child, Fact, Incident, merged
from services.notify.moments import stored_moment
from shared.case_steps import ENDS, ISOLATED, ISOLATION_ENDED, MEETS, REOPENED
from shared.directory import Directory

EMERGENCY, SUBMITTED, APPROVED, ISOLATION = "EMERGENCY_MEASURE", "PLAN_SUBMITTED", "PLAN_APPROVED", "ISOLATION_END"

RUNNING, WARNED, MISSED = "running", "warned", "missed"
MET, LATE, STOPPED = "met", "late", "stopped"
# The event of each state. `late` is a clock that was met after its time: met all the same, and not in time.
EVENT_OF = {RUNNING: "started", WARNED: "warned", MISSED: "missed", MET: "met", LATE: "met", STOPPED: "stopped"}
ALARMING = frozenset({WARNED, MISSED})
# The last sixth: two hours of twelve, a bit more than a day of five working days.
_WARNING = 6


@dataclass(frozen=True)
class Clock:
    """One deadline of one child, as the facts have it. `stopped_at`: the case ended before it was met."""

    case_id: str
    number: int
    code: str
    started_at: datetime
    due_at: datetime
    met_at: datetime | None = None
    stopped_at: datetime | None = None

    @property
    def warn_at(self) -> datetime:
        return self.due_at - (self.due_at - self.started_at) / _WARNING

    def state(self, now: datetime) -> str:
        if self.met_at is not None:
            return MET if self.met_at <= self.due_at else LATE
        if self.stopped_at is not None:
            # Closing a case afterwards does not undo that the time had passed.
            return STOPPED if self.stopped_at <= self.due_at else MISSED
        return MISSED if now >= self.due_at else WARNED if now >= self.warn_at else RUNNING

    def next_at(self, now: datetime) -> datetime | None:
        """When somebody has to look again."""
        if self.met_at is not None or self.stopped_at is not None or now >= self.due_at:
            return None
        return self.due_at if now >= self.warn_at else self.warn_at


@dataclass(frozen=True)
class Move:
    """A clock whose state is other than what was told. `alarm`: somebody is to be told, and not only the record.

    A clock that is born overdue (an old report, a step typed weeks later) is shown, and nobody is woken for it.
    """

    clock: Clock
    state: str
    version: int
    alarm: bool


@dataclass(frozen=True)
class Folded:
    rows: list[dict[str, Any]]
    moves: tuple[Move, ...]
    next_at: datetime | None


def fold(
    incident: Incident, stored: Iterable[Mapping[str, Any]], directory: Directory, now: datetime, *, born: bool
) -> Folded:
    """The clocks as they are to be stored and what has moved since `stored`. `born`: with the report itself, whose
    running clocks go without saying: every reader knows that a report starts them.
    """
    known = {(row["case_id"], row["clock"]): row for row in stored}
    rows, moves, waits = [], [], []
    for clock in clocks_of(incident, directory):
        state, before = clock.state(now), known.pop((clock.case_id, clock.code), None)
        version = before["version"] if before is not None else 0
        if before is None or _differs(before, clock, state):
            version += 1
            if before is not None or not born or state != RUNNING:
                moves.append(Move(clock, state, version, alarm=before is not None and state in ALARMING))
        wait = clock.next_at(now)
        waits += [wait] if wait is not None else []
        rows.append(_row(clock, state, version, wait))
    for row in known.values():
        # A clock that no fact asks for any more: the step that began it does not count, or the case was opened again.
        # Of a code that the directory lacks now nobody can say so, and what was met or missed stays as it was told.
        if row["state"] in {RUNNING, WARNED} and row["clock"] in directory.clocks:
            moves.append(Move(_gone(row, now), STOPPED, row["version"] + 1, alarm=False))
            rows.append({**row, "state": STOPPED, "version": row["version"] + 1, "next_at": None})
        else:
            rows.append(dict(row))
    return Folded(rows, tuple(moves), _stored(min(waits, default=None)))


def _gone(row: Mapping[str, Any], now: datetime) -> Clock:
    return Clock(row["case_id"], row["number"], row["clock"], row["started_at"], row["due_at"], stopped_at=now)


def clocks_of(incident: Incident, directory: Directory) -> tuple[Clock, ...]:
    """Every clock of every child. None for what was entered long after the fact."""
    if incident.backfill:
        return ()
    return tuple(clock for child in incident.children for clock in _of_child(incident, child, directory))


def _of_child(incident: Incident, child: Child, directory: Directory) -> Iterable[Clock]:
    received = min(
        [incident.received_at, *(f.at for f in incident.facts if f.kind == EARLIER and f.case_id == child.case_id)]
    )
    begun, steps, ended = _since_opened(incident.by_staff, child.case_id)
    start = begun or received
    urgent = urgent_since(incident, received, directory)
    starts = {SUBMITTED: start, APPROVED: start, **({EMERGENCY: max(start, urgent)} if urgent is not None else {})}
    for code in (EMERGENCY, SUBMITTED, APPROVED):
        if code in starts and code in directory.clocks:
            due = directory.clock(code).limit.due(starts[code], directory.workdays)
            met = min((step.at for step in steps if step.step in MEETS[code]), default=None)
            clock = Clock(child.case_id, child.number, code, starts[code], due, met)
            yield clock if met is not None or ended is None else replace(clock, stopped_at=ended.at)
    if ISOLATION in directory.clocks:
        yield from _isolation(child, steps, ended, directory)


def _isolation(child: Child, steps: Sequence[Fact], ended: Fact | None, directory: Directory) -> Iterable[Clock]:
    """The latest isolation. Prolonging it starts no new time: the limit counts from its first day."""
    clock: Clock | None = None
    for step in steps:
        if step.step == ISOLATED:
            if clock is None or clock.met_at is not None:
                due = directory.clock(ISOLATION).limit.due(step.at, directory.workdays)
                clock = Clock(child.case_id, child.number, ISOLATION, step.at, due)
            if step.until is not None and step.until > clock.started_at:
                longest = directory.clock(ISOLATION).limit.due(clock.started_at, directory.workdays)
                clock = replace(clock, due_at=min(longest, step.until))
        elif step.step == ISOLATION_ENDED and clock is not None and clock.met_at is None:
            clock = replace(clock, met_at=step.at)
    if clock is not None:
        yield clock if clock.met_at is not None or ended is None else replace(clock, stopped_at=ended.at)


def _since_opened(facts: Iterable[Fact], case_id: str) -> tuple[datetime | None, list[Fact], Fact | None]:
    """When the case was reopened last (None: never), the steps since, and the step that ended it since."""
    begun: datetime | None = None
    steps: list[Fact] = []
    ended: Fact | None = None
    of_case = [fact for fact in facts if fact.case_id == case_id]
    for fact in sorted(of_case, key=lambda fact: (fact.at, fact.place)):
        if fact.step == REOPENED and ended is not None:
            begun, steps, ended = fact.at, [], None
        elif fact.step in ENDS:
            ended = ended or fact
        else:
            steps.append(fact)
    return begun, steps, ended


def urgent_since(incident: Incident, received: datetime, directory: Directory) -> datetime | None:
    """Since when the decree's hours run: from the report, or from what was added to it; None if nothing is urgent."""
    clear = incident.reported
    if directory.urgent(clear.kinds, clear.danger):
        return received
    for fact in sorted(incident.facts, key=lambda fact: fact.place):
        if fact.kind == SUPPLEMENT:
            clear = merged(clear, [fact])
            if directory.urgent(clear.kinds, clear.danger):
                return fact.at
    return None


def _differs(row: Mapping[str, Any], clock: Clock, state: str) -> bool:
    return (row["state"], row["due_at"], row.get("met_at")) != (state, _stored(clock.due_at), _stored(clock.met_at))


def _row(clock: Clock, state: str, version: int, next_at: datetime | None) -> dict[str, Any]:
    return {
        "case_id": clock.case_id,
        "number": clock.number,
        "clock": clock.code,
        "started_at": _stored(clock.started_at),
        "due_at": _stored(clock.due_at),
        "met_at": _stored(clock.met_at),
        "state": state,
        "version": version,
        "next_at": _stored(next_at),
    }


def _stored(at: datetime | None) -> datetime | None:
    """As the database keeps it: otherwise a clock would seem to move whenever it is read back."""
    return stored_moment(at) if at is not None else None
