"""Sealed parts of cases: what was stored first stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bson.binary import Binary
from pymongo import InsertOne
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
    """Store each unless it is there: a second copy of an event tells nothing new."""
    operations = [InsertOne(dict(document)) for document in documents]
    if not operations:
        return
    try:
        parts.bulk_write(operations, ordered=False)
    except BulkWriteError as error:
        duplicates(error)


def find(parts: Documents, cases: Iterable[str], source: str) -> dict[str, dict[str, bytes]]:
    """What that source told, by case and name; still sealed."""
    found = parts.find({"_id": {"$in": [id_of(case, source) for case in cases]}})
    return {document["case_id"]: {name: bytes(blob) for name, blob in document["parts"]} for document in found}


def names(parts: Documents, case: str) -> list[str]:
    """The names of all that is sealed of a case."""
    return sorted(name for document in parts.find({"case_id": case}) for name, _ in document["parts"])


def remove(parts: Documents, cases: Iterable[str]) -> int:
    return parts.delete_many({"case_id": {"$in": list(cases)}}).deleted_count
