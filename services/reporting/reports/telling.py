"""The events that a snapshot tells (pure), and how they wait in its document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from services.reporting.reports.audiences import FULL
from shared.events import Event

SOURCE = "/reporting"
_NAMESPACE = UUID("b51d4f0a-3c0e-5a44-8d0b-7f5f2f6f9e10")


def event_of(name: str, snapshot: Mapping[str, Any], at: datetime, reader: str | None = None) -> Event:
    """`report.<name>` of a snapshot. Its id comes of the snapshot, the name and the reader: said twice, it is one."""
    data = {field: snapshot[field] for field in ("definition", "unit", "calendar", "period", "version")}
    data["at"] = at.isoformat()
    if reader is not None:
        data["reader"] = reader
    return Event(
        id=str(uuid5(_NAMESPACE, "\x1f".join([snapshot["_id"], name, reader or ""]))),
        name=f"report.{name}",
        source=SOURCE,
        time=at,
        # Only who counts cases of its own has a full copy: a commune.
        commune=snapshot["unit"] if FULL in snapshot["audiences"] else None,
        directory=snapshot["directory"],
        data=data,
    )


def stored(event: Event) -> dict[str, Any]:
    """An event as it waits in the document that it tells of."""
    return {
        "id": event.id,
        "at": event.time,
        "name": event.name,
        "commune": event.commune,
        "directory": event.directory,
        "data": event.data,
    }


def restored(row: Mapping[str, Any]) -> Event:
    return Event(
        id=row["id"],
        name=row["name"],
        source=SOURCE,
        time=row["at"],
        commune=row["commune"],
        directory=row["directory"],
        data=row["data"],
    )
