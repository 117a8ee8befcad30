"""The record of every session that was begun, so that it can be ended before its time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.reporting.documents.store import Documents


def begin(sessions: Documents, key: str, account: str, generation: int, now: datetime, until: datetime) -> None:
    sessions.insert_one(
        {
            "_id": key,
            "account": account,
            "generation": generation,
            "started_at": now,
            "expires_at": until,
            "ended_at": None,
        }
    )


def one(sessions: Documents, key: str) -> dict[str, Any] | None:
    return sessions.find_one({"_id": key})


def end(sessions: Documents, key: str, now: datetime) -> None:
    sessions.update_one({"_id": key, "ended_at": None}, {"$set": {"ended_at": now}})
