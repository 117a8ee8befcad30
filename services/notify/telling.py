"""The events that notify tells (pure): what of an alert leaves it. No names, no addresses, no content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from services.notify.clocks import EVENT_OF, Move
from services.notify.incident import Incident
from shared.events import Event

SOURCE = "/notify"
_NAMESPACE = UUID("5f2f9d0e-4c0b-5d3e-9a41-0c6a5b7d1e22")


def identifier(*parts: str) -> str:
    """UUIDv5 of the parts: the same parts, the same id, in whatever process."""
    return str(uuid5(_NAMESPACE, "\x1f".join(parts)))


def alert_id(incident_id: str, agency: str, duty: str, occasion: str) -> str:
    return identifier("alert", incident_id, agency, duty, occasion)


def alert_event(
    name: str, alert: Mapping[str, Any], at: datetime, *, channel: str | None = None, reason: str | None = None
) -> Event:
    """`alert.<name>` of an alert document as it will be after the change. Its id comes of alert, name and version."""
    acknowledged_at = alert.get("acknowledged_at")
    return Event(
        id=identifier("event", alert["_id"], name, str(alert["version"])),
        name=f"alert.{name}",
        source=SOURCE,
        time=at,
        subject=alert["incident_id"],
        commune=alert.get("commune"),
        directory=alert.get("directory") or "",
        drill=bool(alert.get("drill")),
        traceparent=alert.get("traceparent"),
        data={
            "alert_id": alert["_id"],
            "incident_id": alert["incident_id"],
            "case_code": alert["code"],
            "agency": alert["agency"],
            "agency_kind": alert["agency_kind"],
            "duty": alert["duty"],
            "occasion": alert["occasion"],
            "state": alert["state"],
            "version": alert["version"],
            "raised_at": alert["raised_at"].isoformat(),
            "due_at": alert["due_at"].isoformat(),
            "acknowledged_at": acknowledged_at.isoformat() if acknowledged_at else None,
            "escalation_level": alert.get("escalation_level", 0),
            "channel": channel,
            "reason": reason,
        },
    )


def deadline_event(incident: Incident, move: Move, directory: str, at: datetime) -> Event:
    """`deadline.<what happened>` of one clock of one child. Its id comes of case, clock and version."""
    clock = move.clock
    return Event(
        id=identifier("event", incident.id, clock.case_id, clock.code, str(move.version)),
        name=f"deadline.{EVENT_OF[move.state]}",
        source=SOURCE,
        time=at,
        subject=incident.id,
        commune=incident.commune,
        directory=directory,
        drill=incident.drill,
        traceparent=incident.traceparent,
        data={
            "incident_id": incident.id,
            "case_id": clock.case_id,
            "clock": clock.code,
            "state": move.state,
            "version": move.version,
            "due_at": clock.due_at.isoformat(),
            "met_at": clock.met_at.isoformat() if clock.met_at is not None else None,
        },
    )


def contacts_event(roster: Mapping[str, Any], *, agencies: Iterable[str], unit: str | None, directory: str) -> Event:
    """`contacts.listed` of one agency, as its roster is stored. `agencies`: all that have contacts."""
    return Event(
        id=identifier("event", "contacts", roster["agency"], str(roster["version"]), roster["at"].isoformat()),
        name="contacts.listed",
        source=SOURCE,
        time=roster["at"],
        commune=unit,
        directory=directory,
        data={
            "agency": roster["agency"],
            "version": roster["version"],
            "at": roster["at"].isoformat(),
            "contacts": [dict(one) for one in roster["contacts"]],
            "agencies": sorted(agencies),
        },
    )


def stored(event: Event) -> dict[str, Any]:
    """An event as it waits in the document that it tells of."""
    return {
        "id": event.id,
        "at": event.time,
        "event": {
            "name": event.name,
            "version": event.version,
            "time": event.time.isoformat(),
            "subject": event.subject,
            "commune": event.commune,
            "directory": event.directory,
            "drill": event.drill,
            "traceparent": event.traceparent,
            "data": event.data,
        },
    }


def restored(row: Mapping[str, Any]) -> Event:
    """The event of what `stored` made."""
    fields = row["event"]
    return Event(
        id=row["id"],
        name=fields["name"],
        source=SOURCE,
        time=datetime.fromisoformat(fields["time"]),
        data=dict(fields["data"]),
        subject=fields["subject"],
        version=fields["version"],
        commune=fields["commune"],
        directory=fields["directory"],
        drill=fields["drill"],
        traceparent=fields["traceparent"],
    )
