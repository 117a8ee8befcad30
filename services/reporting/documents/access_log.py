"""The rows of the access log as they are stored: numbered without a gap, never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.reporting.documents.store import Documents


def last(log: Documents) -> dict[str, Any] | None:
    return log.find_one({}, sort=[("_id", DESCENDING)])


def insert(log: Documents, row: Mapping[str, Any]) -> bool:
    """False when another process has written this number in between."""
    try:
        log.insert_one(dict(row))
    except DuplicateKeyError:
        return False
    return True


def rows(log: Documents) -> Iterator[dict[str, Any]]:
    """All of them, from the first."""
    yield from log.find({}, sort=[("_id", ASCENDING)])


def page(
    log: Documents, before: int | None, limit: int, match: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The newest rows below a number."""
    query = dict(match or {})
    if before is not None:
        query["_id"] = {"$lt": before}
    return list(log.find(query, sort=[("_id", DESCENDING)], limit=limit))
