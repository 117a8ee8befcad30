"""Rollups: a whole document is written, and only if the mark it was computed for is not older than the stored one's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo import ReplaceOne
from pymongo.errors import BulkWriteError

from services.reporting.documents.failures import duplicates
from services.reporting.documents.store import Documents

_TRIES = 3


def get(rollups: Documents, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    return {document["_id"]: document for document in rollups.find({"_id": {"$in": list(ids)}})}


def put(rollups: Documents, documents: Iterable[Mapping[str, Any]]) -> None:
    """Store each unless one with a higher mark is there already."""
    operations = [
        ReplaceOne({"_id": document["_id"], "wanted": {"$lte": document["wanted"]}}, dict(document), upsert=True)
        for document in documents
    ]
    # A duplicate key says: a newer one is there, or another recompute has just inserted one. The next try tells which,
    # for now there is a document to compare with; what is a duplicate then still is newer than ours.
    for _ in range(_TRIES):
        if not operations:
            return
        try:
            rollups.bulk_write(operations, ordered=False)
        except BulkWriteError as error:
            operations = [operations[position] for position in duplicates(error)]
        else:
            return
