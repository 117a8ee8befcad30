"""Sealed parts of cases: of each the one that was stored first stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bson.binary import Binary
from pymongo import DeleteMany, InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from services.reporting.documents.failures import duplicates
from services.reporting.documents.store import Documents

REPORT = "report"  # the source of what the report itself told


def id_of(case: str, source: str) -> str:
    return f"{case}|{source}"


def document_of(case: str, source: str, parts: Mapping[str, bytes]) -> dict[str, Any]:
    # Pairs, because a name that came with an event may have a dot or a dollar sign.
    pairs = [[name, Binary(blob)] for name, blob in parts.items()]
    return {"_id": id_of(case, source), "case_id": case, "parts": pairs}


def add(parts: Documents, documents: Iterable[Mapping[str, Any]]) -> None:
    """Store each part unless it is there: a second copy of an event tells at most what did not open in the first."""
    made = list(documents)
    if not made:
        return
    try:
        parts.bulk_write([InsertOne(dict(document)) for document in made], ordered=False)
    except BulkWriteError as error:
        _complete(parts, [made[position] for position in duplicates(error)])


def _complete(parts: Documents, made: list[Mapping[str, Any]]) -> None:
    there = parts.find({"_id": {"$in": [document["_id"] for document in made]}})
    known = {document["_id"]: {name for name, _ in document["parts"]} for document in there}
    lacking = {
        document["_id"]: [pair for pair in document["parts"] if pair[0] not in known[document["_id"]]]
        for document in made
        if document["_id"] in known
    }
    # Two projectors may both add it: then it is there twice, and either opens.
    operations = [
        UpdateOne({"_id": key}, {"$push": {"parts": {"$each": more}}}) for key, more in lacking.items() if more
    ]
    if operations:
        parts.bulk_write(operations, ordered=False)


def find(parts: Documents, cases: Iterable[str], source: str) -> dict[str, dict[str, bytes]]:
    """What that source told, by case and name; still sealed."""
    found = parts.find({"_id": {"$in": [id_of(case, source) for case in cases]}})
    return {document["case_id"]: {name: bytes(blob) for name, blob in document["parts"]} for document in found}


def names(parts: Documents, case: str) -> list[str]:
    """The names of all that is sealed of a case."""
    return sorted(name for document in parts.find(_of(case)) for name, _ in document["parts"])


def remove(parts: Documents, cases: Iterable[str]) -> None:
    """All that is sealed of these cases."""
    operations = [DeleteMany(_of(case)) for case in cases]
    if operations:
        parts.bulk_write(operations, ordered=False)


def _of(case: str) -> dict[str, Any]:
    """The ids that begin with the case's, by the index that every collection has: "}" comes after "|"."""
    return {"_id": {"$gte": f"{case}|", "$lt": f"{case}}}"}}
