"""Events that wait, in `outgoing`, in the document that they tell of, until the broker has them."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

from pymongo import UpdateOne

from services.reporting.documents.store import Documents


def waiting(documents: Documents, limit: int, held: Set[tuple[str, str]]) -> list[tuple[str, dict[str, Any]]]:
    """(document id, event as stored) of what the broker has not confirmed, oldest first."""
    found = documents.find({"outgoing.at": {"$exists": True}}, {"outgoing": 1}).sort("outgoing.at", 1)
    rows = [
        (document["_id"], event)
        for document in found.limit(limit + len(held))
        for event in document.get("outgoing", [])
        if (document["_id"], event["id"]) not in held
    ]
    return rows[:limit]


def told(documents: Documents, keys: Sequence[tuple[str, str]]) -> None:
    """Take away what the broker has."""
    if keys:
        documents.bulk_write(
            [UpdateOne({"_id": key}, {"$pull": {"outgoing": {"id": event}}}) for key, event in keys], ordered=False
        )
