"""Documents that are stored once: of two workers at the same moment one stores each, and neither fails for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from services.notify.store.collections import Rows

_DUPLICATE = 11000


def stored_now(rows: Rows, documents: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Store by id what is not there, in one round trip; the ids of those that this call stored and no other.

    Raises what pymongo raises.
    """
    if not documents:
        return set()
    ids = list(documents)
    upserts = [UpdateOne({"_id": one}, {"$setOnInsert": dict(documents[one])}, upsert=True) for one in ids]
    try:
        done: Mapping[str, Any] = rows.bulk_write(upserts, ordered=False).bulk_api_result
    except BulkWriteError as error:
        # Another worker at the same moment: it stored that one. The error's text quotes documents and goes nowhere.
        failures = error.details.get("writeErrors", [])
        if not failures or any(failure.get("code") != _DUPLICATE for failure in failures):
            raise
        done = error.details
    return {ids[one["index"]] for one in done.get("upserted", [])}
