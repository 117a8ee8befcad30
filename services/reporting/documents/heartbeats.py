"""The worker's sign of life, which the application reads: they are two processes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.reporting.documents.store import Documents

_WORKER = "worker"


def beat(heartbeats: Documents, at: datetime, problem: str | None) -> None:
    heartbeats.replace_one({"_id": _WORKER}, {"at": at, "problem": problem}, upsert=True)


def last(heartbeats: Documents) -> dict[str, Any] | None:
    return heartbeats.find_one({"_id": _WORKER})
