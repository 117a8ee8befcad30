"""Snapshots: one document per version of a report, written once; what is told of it waits in the same document.

`report` is "<definition>|<calendar>|<period>|<unit>", the id "<report>|<version>". Later changes are few: a step of its
state, a receipt, the marks it is still good for, and what the relay has published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.reporting.documents.segments import Pair, place_of
from services.reporting.documents.store import Documents
from services.reporting.reports.states import PUBLISHED

_PUBLISHED = list(PUBLISHED)
# What a listing and the comparison with marks need; the numbers of large reports stay where they are.
_HEAD = ("report", "definition", "calendar", "period", "unit", "version", "state", "as_of", "made_from", "basis")


def report_of(definition: str, calendar: str, period: str, unit: str) -> str:
    return f"{definition}|{calendar}|{period}|{unit}"


def id_of(report: str, version: int) -> str:
    return f"{report}|{version}"


def newest(snapshots: Documents, report: str, *, published: bool = False) -> dict[str, Any] | None:
    query: dict[str, Any] = {"report": report}
    if published:
        query["state"] = {"$in": _PUBLISHED}
    return snapshots.find_one(query, sort=[("version", DESCENDING)])


def one(snapshots: Documents, report: str, version: int) -> dict[str, Any] | None:
    """That version, if it is published."""
    return snapshots.find_one({"_id": id_of(report, version), "state": {"$in": _PUBLISHED}})


def earlier(snapshots: Documents, report: str) -> list[dict[str, Any]]:
    """The exact numbers of every version, and which tables each audience was refused."""
    return list(snapshots.find({"report": report}, {"figures": 1, "withheld": 1}))


def insert(snapshots: Documents, document: Mapping[str, Any]) -> bool:
    """False when somebody else has made this version."""
    try:
        snapshots.insert_one(dict(document))
    except DuplicateKeyError:
        return False
    return True


def still_good(snapshots: Documents, key: str, made_from: Mapping[str, int], basis: str) -> None:
    """The numbers were computed again and are the same: these marks are answered for too."""
    marks = {f"made_from.{segment}": mark for segment, mark in made_from.items()}
    snapshots.update_one({"_id": key}, {"$max": marks, "$set": {"basis": basis}})


def heads(snapshots: Documents, match: Mapping[str, Any], more: Iterable[str] = ()) -> list[dict[str, Any]]:
    """The newest version of each report that matches; without numbers unless asked for."""
    fields = {name: f"${name}" for name in (*_HEAD, *more)}
    pipeline: list[dict[str, Any]] = [
        {"$match": dict(match)},
        {"$sort": {"report": 1, "version": -1}},
        {"$group": {"_id": "$report", "head": {"$first": fields}}},
    ]
    return [found["head"] for found in snapshots.aggregate(pipeline)]


def heads_after(snapshots: Documents, report: str, limit: int) -> list[dict[str, Any]]:
    """The newest versions of the next reports in order; empty at the end. Reads at most so many versions, by index."""
    found: dict[str, dict[str, Any]] = {}
    order = [("report", ASCENDING), ("version", DESCENDING)]
    for version in snapshots.find({"report": {"$gt": report}}, dict.fromkeys(_HEAD, 1), sort=order, limit=limit):
        found.setdefault(version["report"], version)
    return list(found.values())


def of_pairs(snapshots: Documents, pairs: Iterable[Pair]) -> list[dict[str, Any]]:
    """The newest version of each report that is made of one of these half-months."""
    return heads(snapshots, {"places": {"$in": [place_of(pair) for pair in pairs]}})


def pulled(snapshots: Documents, key: str, reader: str, at: datetime, event: Mapping[str, Any]) -> bool:
    """The receipt of a reader, once, and the event that tells of it, in one update."""
    result = snapshots.update_one(
        {"_id": key, "pulled.reader": {"$ne": reader}},
        {"$push": {"pulled": {"reader": reader, "at": at}, "outgoing": dict(event)}},
    )
    return result.modified_count == 1


def heads_of_the_log(snapshots: Documents) -> list[str]:
    """The heads of the access log that went out with reports."""
    return [str(head) for head in snapshots.distinct("access_log_head") if head]
