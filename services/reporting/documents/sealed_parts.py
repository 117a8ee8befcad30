"""Sealed parts of cases: of each the one that was stored first stays.

What is long and told of all children alike lies once for its incident, under a key of its own, and each case has that
key under its own key. The ids begin with the case's or the incident's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bson.binary import Binary
from pymongo import DeleteMany, InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from services.reporting.documents.failures import duplicates
from services.reporting.documents.store import Documents
from services.reporting.documents.writes import in_calls

REPORT = "report"  # the source of what the report itself told


@dataclass(frozen=True)
class Found:
    """What a source told of a case, still sealed. `shares`: name -> where the long text lies, and its wrapped key."""

    parts: Mapping[str, bytes] = field(default_factory=dict)
    shares: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)


def id_of(case: str, source: str) -> str:
    return f"{case}|{source}"


def document_of(
    case: str, source: str, parts: Mapping[str, bytes], shares: Mapping[str, tuple[str, bytes]] | None = None
) -> dict[str, Any]:
    # Pairs, because a name that came with an event may have a dot or a dollar sign.
    pairs = [[name, Binary(blob)] for name, blob in parts.items()]
    document: dict[str, Any] = {"_id": id_of(case, source), "case_id": case, "parts": pairs}
    if shares:
        document["shares"] = [[name, where, Binary(key)] for name, (where, key) in shares.items()]
    return document


def shared_of(where: str, incident: str, blob: bytes) -> dict[str, Any]:
    """The one text itself; `where` begins with the incident's id."""
    return {"_id": where, "case_id": incident, "parts": [["", Binary(blob)]]}


def size_of(document: Mapping[str, Any]) -> int:
    return sum(len(pair[-1]) for pair in document["parts"]) + 200 * (1 + len(document.get("shares", ())))


def add(parts: Documents, documents: Iterable[Mapping[str, Any]]) -> None:
    """Store each part unless it is there: a second copy of an event tells at most what did not open in the first."""
    for made in in_calls(documents, size_of):
        try:
            parts.bulk_write([InsertOne(dict(document)) for document in made], ordered=False)
        except BulkWriteError as error:
            _complete(parts, [made[position] for position in duplicates(error)])


def _complete(parts: Documents, made: list[Mapping[str, Any]]) -> None:
    known = {one["_id"]: _names(one) for one in parts.find({"_id": {"$in": [one["_id"] for one in made]}}, _NAMES)}
    operations = []
    for document in made:
        told = known.get(document["_id"])
        if told is None:
            continue  # erased meanwhile
        # Two projectors may both add it: then it is there twice, and either opens.
        more = {
            kind: {"$each": lacking}
            for kind in ("parts", "shares")
            if (lacking := [entry for entry in document.get(kind, ()) if entry[0] not in told])
        }
        if more:
            operations.append(UpdateOne({"_id": document["_id"]}, {"$push": more}))
    if operations:
        parts.bulk_write(operations, ordered=False)


def find(parts: Documents, case: str, source: str) -> Found | None:
    """What that source told of a case; still sealed."""
    document = parts.find_one({"_id": id_of(case, source)})
    if document is None:
        return None
    return Found(
        {name: bytes(blob) for name, blob in document["parts"]},
        {name: (where, bytes(key)) for name, where, key in document.get("shares", ())},
    )


def told_of(parts: Documents, case: str, part: str) -> list[tuple[str, bytes]]:
    """(name, what is sealed) of a part by the report itself and by supplements; without what all children share."""
    return sorted(
        (name, bytes(blob))
        for document in parts.find(_of(case), {"parts": 1})
        for name, blob in document["parts"]
        if name.partition(":")[0] == part
    )


def shared(parts: Documents, where: str) -> bytes | None:
    document = parts.find_one({"_id": where})
    return None if document is None else bytes(document["parts"][0][1])


def names(parts: Documents, case: str) -> list[str]:
    """The names of all that is sealed of a case."""
    return sorted({name for document in parts.find(_of(case), _NAMES) for name in _names(document)})


# Of each entry its name and nothing of what is sealed.
_FIRST = {"$map": {"input": {"$ifNull": ["$$list", []]}, "in": {"$first": "$$this"}}}
_NAMES = {kind: {"$let": {"vars": {"list": f"${kind}"}, "in": _FIRST}} for kind in ("parts", "shares")}


def _names(document: Mapping[str, Any]) -> set[str]:
    """Of a document as `_NAMES` reads it."""
    return {*document["parts"], *document["shares"]}


def remove(parts: Documents, owners: Iterable[str]) -> None:
    """All that is sealed of these cases, and what is shared by the cases of these incidents."""
    operations = [DeleteMany(_of(owner)) for owner in owners]
    if operations:
        parts.bulk_write(operations, ordered=False)


def _of(owner: str) -> dict[str, Any]:
    """The ids that begin with this one, by the index that every collection has: "}" comes after "|"."""
    return {"_id": {"$gte": f"{owner}|", "$lt": f"{owner}}}"}}
