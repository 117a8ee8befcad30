"""The events that a snapshot tells (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from services.reporting.reports.audiences import FULL
from services.reporting.telling import SOURCE
from shared.events import Event

_NAMESPACE = UUID("b51d4f0a-3c0e-5a44-8d0b-7f5f2f6f9e10")


def event_of(name: str, snapshot: Mapping[str, Any], at: datetime, reader: str | None = None) -> Event:
    """`report.<name>` of a snapshot. Its id comes of the snapshot, the name and the reader: said twice, it is one."""
    data = {field: snapshot[field] for field in ("definition", "unit", "calendar", "period", "version")}
    data["at"] = at.isoformat()
    if reader is not None:
        data["reader"] = reader
    elif snapshot.get("access_log_head"):
        # It leaves the house with what is published: the log's end cannot be cut off unnoticed.
        data["access_log_head"] = snapshot["access_log_head"]
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
