"""The list of cases that one viewer works on (pure): an incident is one entry, its children are lines of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.reporting.staff import case_clocks
from services.reporting.staff.case_view import kinds_label, place_label, state_label, urgent
from services.reporting.staff.wording import ago, local
from shared.directory import Directory

Case = Mapping[str, Any]


@dataclass(frozen=True)
class ChildLine:
    """`clock` is the next one that runs out, in words; `late` says that it has, and that its length is the law's."""

    code: str
    number: int
    state: str
    open: bool
    clock: str
    when: str
    late: bool
    due: datetime | None


@dataclass(frozen=True)
class Entry:
    """`unanswered`: an alert for this viewer's own agency that nobody has acknowledged."""

    code: str
    drill: bool
    urgent: bool
    unanswered: bool
    kinds: str
    place: str
    received: str
    ago: str
    received_at: datetime
    children: list[ChildLine]

    @property
    def late(self) -> bool:
        return any(child.late for child in self.children)

    @property
    def due(self) -> datetime | None:
        return min((child.due for child in self.children if child.due is not None), default=None)


def entries(cases: Iterable[Case], directory: Directory, agency: str | None, now: datetime) -> list[Entry]:
    """The incidents of these cases: what runs out first comes first, what has no clock running last, newest first."""
    by_incident: dict[str, list[Case]] = {}
    for case in cases:
        by_incident.setdefault(case["incident_id"], []).append(case)
    found = [_entry(children, directory, agency, now) for children in by_incident.values()]
    return sorted(found, key=lambda one: (one.due is None, one.due or now, -one.received_at.timestamp(), one.code))


def _entry(cases: list[Case], directory: Directory, agency: str | None, now: datetime) -> Entry:
    first = cases[0]
    return Entry(
        code=first["incident_code"],
        drill=first["drill"],
        urgent=any(urgent(case, directory) for case in cases),
        unanswered=any(
            alert.get("agency") == agency and alert.get("acknowledged_at") is None and alert.get("state") != "withdrawn"
            for alert in first["alerts"]
        )
        and any(case["open"] for case in cases),
        kinds=kinds_label(first, directory),
        place=place_label(first, directory),
        received=local(first["received_at"]),
        ago=ago(first["received_at"], now),
        received_at=first["received_at"],
        children=[_child(case, directory, now) for case in sorted(cases, key=lambda case: case["number"])],
    )


def _child(case: Case, directory: Directory, now: datetime) -> ChildLine:
    clock = case_clocks.next_of(case_clocks.clocks_of(case, directory, now))
    return ChildLine(
        code=case["code"],
        number=case["number"],
        state=state_label(case["state"], directory),
        open=case["open"],
        clock=(clock.label if clock.law else f"Mốc nhắc việc: {clock.label}") if clock is not None else "",
        when=clock.words if clock is not None else "",
        late=clock is not None and clock.late_by_law,
        due=clock.due if clock is not None else None,
    )
