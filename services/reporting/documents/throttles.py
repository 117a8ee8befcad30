"""How often something failed lately, and from when on it may be tried again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.reporting.documents.store import Documents


def reserve(
    throttles: Documents, key: str, waits: Sequence[float], now: datetime, forgotten_after: timedelta
) -> datetime | None:
    """Count one attempt as failed before it is looked at; None, or the time from which the next one may come.

    `waits`: seconds after the first failure, the second and so on; the last holds for all that follow. One update, so
    that many attempts at the same moment are as many failures.
    """
    changed = _one_more(waits, now, forgotten_after)
    for _ in range(3):
        try:
            throttles.find_one_and_update(
                {"_id": key, "next_at": {"$lte": now}}, changed, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            found = throttles.find_one({"_id": key}, {"next_at": 1})
            if found is not None and found["next_at"] > now:
                waits_until: datetime = found["next_at"]
                return waits_until
            continue  # it was made, or forgotten, at this very moment
        return None
    return now + timedelta(seconds=1)


def failed(throttles: Documents, key: str, waits: Sequence[float], now: datetime, forgotten_after: timedelta) -> int:
    """Count a failure that has happened; how many there are now. `waits` as for `reserve`."""
    for _ in range(2):
        try:
            found = throttles.find_one_and_update(
                {"_id": key}, _one_more(waits, now, forgotten_after), upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            continue  # two at the same moment were the first
        return int(found["failures"]) if found is not None else 1
    return 1


def _one_more(waits: Sequence[float], now: datetime, forgotten_after: timedelta) -> list[dict[str, Any]]:
    nth = {"$min": ["$failures", len(waits)]}
    seconds = {"$arrayElemAt": [list(waits), {"$subtract": [nth, 1]}]}
    return [
        {"$set": {"failures": {"$add": [{"$ifNull": ["$failures", 0]}, 1]}}},
        {
            "$set": {
                "next_at": {"$add": [now, {"$multiply": [1000, seconds]}]},
                "expires_at": now + forgotten_after,
            }
        },
    ]


def blocked(throttles: Documents, keys: Sequence[str], now: datetime) -> datetime | None:
    """The latest time any of these names, if it is yet to come. Counts nothing."""
    found = throttles.find_one({"_id": {"$in": list(keys)}, "next_at": {"$gt": now}}, sort=[("next_at", -1)])
    until: datetime | None = found["next_at"] if found is not None else None
    return until


def forgive(throttles: Documents, key: str, now: datetime) -> None:
    """The last attempt was no failure after all."""
    throttles.update_one({"_id": key, "failures": {"$gt": 0}}, {"$inc": {"failures": -1}, "$set": {"next_at": now}})


def forget(throttles: Documents, keys: Sequence[str]) -> None:
    throttles.delete_many({"_id": {"$in": list(keys)}})
