"""From events to what notify knows of an incident (pure)."""

from __future__ import annotations

from datetime import datetime

from services.notify.incident import STEP, SUPPLEMENT, Child, Fact, Incident
from services.notify.moments import stored_moment
from shared.authority import Clear
from shared.events import Event
from shared.events.incident import Reported
from shared.events.staff import StepRecorded


def from_reported(event: Event, report: Reported) -> Incident:
    return Incident(
        id=report.incident_id,
        code=report.code,
        commune=report.commune,
        village=report.village,
        received_at=stored_moment(report.received_at, instead=report.accepted_at),
        accepted_at=stored_moment(report.accepted_at),
        drill=event.drill,
        backfill=report.backfill,
        traceparent=event.traceparent,
        directory=event.directory,
        reported=Clear.from_reported(event.data),
        children=tuple(Child(case.case_id, case.number) for case in report.cases),
    )


def fact_of(event: Event) -> tuple[str, Fact] | None:
    """Incident id and fact of a step or a supplement; None for one that names no incident."""
    if event.name == "case.step_recorded":
        step = StepRecorded.from_data(event.data)
        return step.incident_id, Fact(
            id=event.id,
            kind=STEP,
            at=stored_moment(step.at, instead=step.recorded_at),
            recorded_at=stored_moment(step.recorded_at),
            case_id=step.case_id,
            step=step.step,
            by=step.by,
            by_staff=step.client is None,
            agency=step.agency,
            contact=step.contact,
            hats=tuple(sorted(set(step.hats))),
            contacts=tuple(sorted(set(step.contacts))),
            spared_at=stored_moment(step.spared_at, instead=step.recorded_at) if step.spared_at is not None else None,
            until=stored_moment(step.until, instead=step.at) if step.until is not None else None,
            withhold_from=tuple(sorted(set(step.withhold_from))),
            withhold_contacts=tuple(sorted(set(step.withhold_contacts))),
            released=tuple(sorted(set(step.released))),
            released_contacts=tuple(sorted(set(step.released_contacts))),
            merged_into=step.merged_into,
        )
    incident = event.data.get("incident_id") or event.subject
    if not incident:
        return None
    at = stored_moment(datetime.fromisoformat(str(event.data["accepted_at"])))
    danger = event.data.get("immediate_danger")
    return str(incident), Fact(
        id=event.id,
        kind=SUPPLEMENT,
        at=at,
        recorded_at=at,
        withhold_from=tuple(sorted(set(event.data.get("withhold_from") or ()))),
        danger=danger if isinstance(danger, bool) else None,
        kinds=tuple(sorted(set(event.data.get("kinds") or ()))),
    )
