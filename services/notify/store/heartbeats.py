"""Signs of life of the workers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.notify.documents.connection import store
from services.notify.store import collections
from services.notify.store.collections import Row


def beat(worker: str, fields: Mapping[str, Any]) -> None:
    with store():
        collections.heartbeats().update_one({"_id": worker}, {"$set": dict(fields)}, upsert=True)


def gone(worker: str) -> None:
    """It leaves on purpose."""
    with store():
        collections.heartbeats().delete_one({"_id": worker})


def since(at: datetime) -> list[Row]:
    """Workers that gave a sign of life since then."""
    with store():
        return list(collections.heartbeats().find({"at": {"$gte": at}}))


def newest() -> datetime | None:
    with store():
        found = collections.heartbeats().find_one(sort=[("at", -1)])
    return found["at"] if found is not None else None
