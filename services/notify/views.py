"""Stored documents as the HTTP interface shows them (pure): targets masked, times RFC 3339."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.notify.masking import masked
from shared.calendar import LOCAL


def alert_view(alert: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("incident_id", "code", "agency", "agency_kind", "duty", "occasion", "why", "state")
    return {
        "alert_id": alert["_id"],
        **{name: alert.get(name) for name in kept},
        "drill": bool(alert.get("drill")),
        "raised_at": moment(alert["raised_at"]),
        "due_at": moment(alert["due_at"]),
        "acknowledged_at": moment(alert.get("acknowledged_at")),
        "acknowledged_by": alert.get("acknowledged_by"),
        "escalation_level": alert.get("escalation_level", 0),
        "deliveries": [delivery_view(row) for row in alert.get("deliveries", [])],
    }


def delivery_view(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "channel": row["channel"],
        "to": masked(row["to"]),
        "agency": row.get("agency"),
        "level": row.get("level", 0),
        "state": row["state"],
        "attempts": len(row.get("attempts", [])),
        "updated_at": moment(row["updated_at"]),
    }


def spool_view(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "spool": row["_id"],
        "last_seq": row["last_seq"],
        "seen": row["intervals"],
        "seen_at": moment(row["seen_at"]),
        "gaps": [{**gap, "since": moment(gap["since"])} for gap in row.get("gaps", [])],
    }


def moment(value: datetime | None) -> str | None:
    """In Vietnam's time, to the second."""
    return value.astimezone(LOCAL).isoformat(timespec="seconds") if value is not None else None
