"""Incidents whose facts are here and whose cases cannot be folded from them: each is a child in no number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from services.reporting.documents.store import Documents


def note(unfolded: Documents, reasons: Mapping[str, str], now: datetime) -> None:
    """Keep them by incident, with the kind of failure; `since` is when the first try failed."""
    operations = [
        UpdateOne({"_id": incident}, {"$set": {"reason": reason}, "$setOnInsert": {"since": now}}, upsert=True)
        for incident, reason in reasons.items()
    ]
    if operations:
        unfolded.bulk_write(operations, ordered=False)


def settled(unfolded: Documents, incidents: Iterable[str]) -> None:
    """These have been folded."""
    # Hardly ever is there one, and a read costs the engine less than a write that finds nothing.
    found = [one["_id"] for one in unfolded.find({"_id": {"$in": list(incidents)}}, {"_id": 1})]
    if found:
        unfolded.delete_many({"_id": {"$in": found}})


def listed(unfolded: Documents, limit: int) -> list[dict[str, Any]]:
    """{"incident_id", "reason", "since"}, the oldest first."""
    found = unfolded.find().sort("since", 1).limit(limit)
    return [{"incident_id": one["_id"], "reason": one["reason"], "since": one["since"]} for one in found]


def count(unfolded: Documents) -> int:
    return unfolded.count_documents({})
