"""Keys of cases: made once, found again, and after an erasure a stone that says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.reporting.documents.failures import duplicates
from services.reporting.documents.store import Documents


def ensure(keys: Documents, made: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Store each unless its case has one, and return those that were not stored: by case, as they are kept.

    What is kept may be a stone. Nearly every case is new, so the look-up comes second.
    """
    documents = list(made)
    if not documents:
        return {}
    try:
        keys.bulk_write([InsertOne(dict(document)) for document in documents], ordered=False)
    except BulkWriteError as error:
        there = [documents[position] for position in duplicates(error)]
        return _given(keys, there, get(keys, [document["_id"] for document in there]))
    return {}


def _given(
    keys: Documents, made: Iterable[Mapping[str, Any]], found: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """A hold may have come before the first key: such a case gets the one that was made."""
    bare = [one for one in made if not {"wrapped", "erased_at"} & found.get(one["_id"], {}).keys()]
    if not bare:
        return found
    unset = {"wrapped": {"$exists": False}, "erased_at": {"$exists": False}}
    keys.bulk_write([UpdateOne({"_id": one["_id"], **unset}, {"$set": dict(one)}) for one in bare], ordered=False)
    return found | get(keys, [one["_id"] for one in bare])


def get(keys: Documents, cases: Iterable[str]) -> dict[str, dict[str, Any]]:
    return {document["_id"]: document for document in keys.find({"_id": {"$in": list(cases)}})}


def erased(keys: Documents, cases: Iterable[str] | None = None) -> set[str]:
    """Which of these cases were erased; which at all, without any given."""
    query: dict[str, Any] = {"erased_at": {"$exists": True}}
    if cases is not None:
        query["_id"] = {"$in": list(cases)}
    return {document["_id"] for document in keys.find(query, {"_id": 1})}


def closed_incidents(keys: Documents) -> set[str]:
    """Incidents of which a case was erased and none can be opened any more."""
    erased = set(keys.distinct("incident_id", {"erased_at": {"$exists": True}}))
    living = {"incident_id": {"$in": sorted(erased)}, "wrapped": {"$exists": True}}
    return erased - set(keys.distinct("incident_id", living)) if erased else set()


def destroy(keys: Documents, case: str, incident: str, at: datetime, by: str) -> bool:
    """Put a stone in the place of the key, also where there is none yet. False when a hold forbids it.

    Once there it stays as it is: who asks again changes neither the day nor the name.
    """
    stone = {"incident_id": incident, "erased_at": at, "erased_by": by}
    try:
        keys.update_one(
            {"_id": case, "hold": {"$exists": False}, "erased_at": {"$exists": False}},
            {"$set": stone, "$unset": {"wrapped": "", "under": ""}},
            upsert=True,
        )
    except DuplicateKeyError:
        found = keys.find_one({"_id": case})
        return found is not None and "erased_at" in found
    return True


def hold(keys: Documents, case: str, incident: str, at: datetime, by: str) -> bool:
    """Forbid the erasure, also of a case without a key yet. False when it is erased already."""
    held = {"incident_id": incident, "hold": {"at": at, "by": by}}
    try:
        keys.update_one({"_id": case, "erased_at": {"$exists": False}}, {"$set": held}, upsert=True)
    except DuplicateKeyError:
        return False
    return True


def release(keys: Documents, case: str) -> bool:
    """Allow the erasure again. False when nothing forbade it."""
    return keys.update_one({"_id": case, "hold": {"$exists": True}}, {"$unset": {"hold": ""}}).modified_count == 1


def counts(keys: Documents) -> tuple[int, int]:
    """How many are erased, and how many held."""
    return keys.count_documents({"erased_at": {"$exists": True}}), keys.count_documents({"hold.at": {"$exists": True}})


def under(keys: Documents) -> str | None:
    """The fingerprint of the key that the first of them is wrapped under; all are under the same."""
    found = keys.find_one({"under": {"$exists": True}}, {"under": 1})
    return None if found is None else str(found["under"])


def every(keys: Documents) -> Iterator[dict[str, Any]]:
    yield from keys.find().sort("_id", 1)
