"""Stored documents as the HTTP interface shows them (pure): targets masked, times RFC 3339.

Whoever may not know who is suspected must not find it by who was told at first, by whom somebody acts instead, or by
the schools of the other children: they get what a case page shows to them, and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from services.notify.masking import masked
from services.notify.states import WITHDRAWN
from shared.calendar import LOCAL
from shared.directory import Directory


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


def outer_views(found: Iterable[Mapping[str, Any]], agency: str | None, directory: Directory) -> list[dict[str, Any]]:
    """The alerts as they are for those outside the circle; `agency` is the reader's own, if it is one's."""
    return [
        outer_view(alert, own=alert["agency"] == agency)
        for alert in found
        if alert["state"] != WITHDRAWN
        and (alert["agency"] == agency or not directory.code("agency_kinds", alert["agency_kind"]).flag("per_child"))
    ]


def outer_view(alert: Mapping[str, Any], *, own: bool) -> dict[str, Any]:
    shown = alert_view(alert)
    # "instead_of:<agency>" and the number of a second alert say who must not know or did not, at least for a time.
    del shown["why"]
    shown["occasion"] = str(shown["occasion"]).partition("/")[0]
    if not own:
        shown["acknowledged_by"] = None
    living = [row for row in alert.get("deliveries", []) if row.get("ended_at") is None]
    shown["deliveries"] = [delivery_view(row) for row in living]
    return shown


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
