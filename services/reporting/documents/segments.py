"""Marks: how often each unit's half-month was asked to be computed again. They only rise and are never deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from services.reporting.documents.failures import duplicates
from services.reporting.documents.store import Documents

Pair = tuple[str, str]  # unit, half-month
_TRIES = 5


def place_of(pair: Pair) -> str:
    return f"{pair[0]}|{pair[1]}"


def pair_of(place: str) -> Pair:
    unit, _, segment = place.rpartition("|")
    return unit, segment


def want(segments: Documents, pairs: Iterable[Pair]) -> None:
    """Raise the mark of each by one.

    A retry of a write that was interrupted may raise it twice: a mark is compared, never counted.
    """
    operations = [
        UpdateOne(
            {"_id": place_of(pair)},
            {"$inc": {"wanted": 1}, "$set": {"dirty": True}, "$setOnInsert": {"unit": pair[0], "segment": pair[1]}},
            upsert=True,
        )
        for pair in sorted(set(pairs))
    ]
    for _ in range(_TRIES):
        if not operations:
            return
        try:
            segments.bulk_write(operations, ordered=False)
        except BulkWriteError as error:
            operations = [operations[position] for position in duplicates(error)]
        else:
            return


def wanted(segments: Documents, pairs: Iterable[Pair]) -> dict[Pair, int]:
    """The marks of those that have one. One without was never counted in."""
    found = segments.find({"_id": {"$in": [place_of(pair) for pair in pairs]}}, {"wanted": 1})
    return {pair_of(document["_id"]): document["wanted"] for document in found}


def settled(segments: Documents, marks: Mapping[Pair, int]) -> None:
    """Take the hint away where the mark is still the one that a stored rollup was computed for."""
    operations = [
        UpdateOne({"_id": place_of(pair), "wanted": mark}, {"$set": {"dirty": False}}) for pair, mark in marks.items()
    ]
    if operations:
        segments.bulk_write(operations, ordered=False)


def dirty(segments: Documents, limit: int) -> list[Pair]:
    found = segments.find({"dirty": True}, {"_id": 1}).limit(limit)
    return [pair_of(document["_id"]) for document in found]


def every(segments: Documents) -> list[Pair]:
    """Every marked pair."""
    return [pair_of(document["_id"]) for document in segments.find({}, {"_id": 1})]
