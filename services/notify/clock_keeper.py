"""Moves the clocks of an incident: its events and its messages are written in the same update as its state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from services.notify import clocks, escalation, raising, telling
from services.notify.incident import Incident
from services.notify.incident_rows import as_row
from services.notify.routing import barrier_around
from services.notify.set_aside import SetAside
from services.notify.store import contacts, incidents
from services.notify.store.collections import Row
from services.notify.stored_incidents import judged
from shared import crashpoints, logs, metrics
from shared.authority import Contact, ladder
from shared.authority.ladder import COMMITTEE
from shared.directory import Directory

_TRIES = 30
_BATCH = 100

log = logs.get(__name__)
_MOVED = metrics.counter("notify_clocks_total", "Clocks that moved, by clock and state", ("clock", "state"))


class Ports(Protocol):
    """What is asked of the handlers' ports."""

    @property
    def now(self) -> Callable[[], datetime]: ...
    @property
    def wake_incident(self) -> Callable[[str], None]: ...
    @property
    def told_of_incident(self) -> Callable[[], None]: ...
    @property
    def tell_operator(self) -> Callable[[str, str, str], object]: ...

    def to_people(self, incident: Incident) -> bool: ...


def born(incident: Incident, directory: Directory, now: datetime) -> dict[str, Any]:
    """The document of an incident that has just been reported, its clocks started. Nobody is told of a running one."""
    folded = _folded(incident, [], directory, now, born=True)
    return {
        **as_row(incident),
        "clocks": folded.rows,
        "next_action_at": folded.next_at,
        "outgoing": [_event(incident, move, directory, now) for move in folded.moves],
    }


def advance(row: Row, incident: Incident, ports: Ports, directory: Directory, everyone: Sequence[Contact]) -> None:
    """Bring the clocks to what the facts and the time demand. `row` and `incident` are the same, as read."""
    current, known = row, incident
    for _ in range(_TRIES):
        now = ports.now()
        # A report that comes after a fact of its own starts its clocks here, and they are as new as in `born`.
        folded = _folded(known, current.get("clocks", []), directory, now, born=not current.get("clocks"))
        stored = current.get("clocks", []), current.get("next_action_at")
        if not folded.moves and stored == (folded.rows, folded.next_at):
            return
        messages: list[dict[str, Any]] = []
        for move in folded.moves:
            if move.alarm and ports.to_people(known):
                found = _messages(known, move, directory, everyone, now)
                messages += found
                if not found and move.state == clocks.MISSED:
                    _tell_operator(known, move, ports)
        events = [_event(known, move, directory, now) for move in folded.moves]
        if incidents.move_clocks(current, folded.rows, folded.next_at, events=events, deliveries=messages):
            crashpoints.reach("notify.clocks_moved")
            for move in folded.moves:
                _MOVED.labels(move.clock.code, move.state).inc()
                log.info("clock", incident_id=known.id, name=move.clock.code, state=move.state)
            if messages:
                ports.wake_incident(known.id)
            if events:
                ports.told_of_incident()
            return
        again = incidents.get(known.id)
        fresh = judged(again)
        if again is None or fresh is None:
            return
        current, known = again, fresh
    raise RuntimeError("an incident changed each time its clocks were about to move")


class ClockRunner:
    """Every second: clocks whose time has come."""

    def __init__(
        self,
        directory: Callable[[], Directory],
        ports: Ports,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._directory, self._ports, self._now = directory, ports, now
        self._aside = SetAside()

    def once(self) -> int:
        """One round; how many incidents had something due. Raises `DependencyDown`."""
        now = self._now()
        found = incidents.due(now, _BATCH, but=self._aside.ids(now))
        if not found:
            return 0
        everyone, directory = contacts.everyone(), self._directory()
        for row in found:
            with self._aside.guarding(row["_id"], now):
                incident = judged(row)
                if incident is not None:
                    advance(row, incident, self._ports, directory, everyone)
        return len(found)


def _folded(incident: Incident, stored: Any, directory: Directory, now: datetime, *, born: bool) -> clocks.Folded:
    try:
        return clocks.fold(incident, stored, directory, now, born=born)
    except (ValueError, OverflowError) as error:
        # A time that no calendar holds: the people were told, and they must not be lost for want of a deadline.
        log.error("no deadline can be worked out", incident_id=incident.id, error=error)
        return clocks.Folded(list(stored), (), None)


def _event(incident: Incident, move: clocks.Move, directory: Directory, now: datetime) -> dict[str, Any]:
    return telling.stored(telling.deadline_event(incident, move, directory.version, now))


def _tell_operator(incident: Incident, move: clocks.Move, ports: Ports) -> None:
    """Nobody who may know can be reached. Told first: told and not written is told once more, by the same id."""
    clock = move.clock
    ports.tell_operator(
        "clock_untold",
        f"{clock.case_id}/{clock.code}/{move.version}",
        f"Trường hợp {incident.code}-{clock.number} quá hạn mà không báo được cho ai. Hãy gọi ngay cơ quan cấp trên.",
    )


def _messages(
    incident: Incident, move: clocks.Move, directory: Directory, everyone: Sequence[Contact], now: datetime
) -> list[dict[str, Any]]:
    about = {
        "case_id": move.clock.case_id,
        "number": move.clock.number,
        "clock": move.clock.code,
        "state": move.state,
        "due_at": move.clock.due_at,
        "clock_name": directory.clock(move.clock.code).vi,
        "basis": directory.clock(move.clock.code).basis,
        "commune_name": raising.unit_name(directory, incident.commune),
        "village_name": raising.unit_name(directory, incident.village),
    }
    rows = []
    for target in _audience(incident, move.state, directory, everyone, now):
        identity = telling.identifier(
            "delivery", incident.id, move.clock.case_id, move.clock.code, str(move.version), target.channel, target.to
        )
        rows.append({**raising.delivery(identity, target, 0, now), "about": about})
    return rows


def _audience(
    incident: Incident, state: str, directory: Directory, everyone: Sequence[Contact], now: datetime
) -> tuple[escalation.Target, ...]:
    """The committee's people who may know, of a missed clock its second ones too; else those above it; never nobody
    whom the lists have.
    """
    barrier = barrier_around(incident.clear, directory, everyone, now)
    committees = [one.code for one in directory.responsible(COMMITTEE, incident.commune, (), now)]
    found: dict[str, escalation.Target] = {}
    for agency in committees:
        both = (escalation.FIRST, escalation.SECOND) if state == clocks.MISSED else ()
        for order in both or (escalation.order_above(everyone, agency, barrier),):
            for target in escalation.targets(everyone, agency, order, barrier, found):
                found.setdefault(target.to, target)
    for agency in committees if not found else ():
        for above in ladder(agency, directory, now, barrier.agencies):
            order = escalation.order_above(everyone, above, barrier)
            reached = escalation.targets(everyone, above, order, barrier, ())
            if reached:
                return reached
    return tuple(found.values())
