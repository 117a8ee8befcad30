"""Cases: a case is written only over the version that it was folded from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import InsertOne, ReplaceOne
from pymongo.errors import BulkWriteError

from services.reporting.cases import places
from services.reporting.documents.failures import duplicates
from services.reporting.documents.store import Documents

_COUNTED = ("counted_in", "segments", "drill", "kinds", "village", "received_at", "occurred_at", "counting")
# What pages have no use for; the counting values of a child are read by counts alone.
_UNSHOWN = {"counting": 0, "ever": 0, "version": 0, "refold": 0}


@dataclass(frozen=True)
class Written:
    """`ever`: every place that the written cases count in or ever counted in. `lost`: incidents to fold again."""

    ever: frozenset[str]
    lost: frozenset[str]


def versions(cases: Documents, incidents: Iterable[str]) -> dict[str, tuple[int, frozenset[str]]]:
    """Case id -> version and `ever`, as of now: read them before the facts that are folded over them."""
    found = cases.find({"incident_id": {"$in": list(incidents)}}, {"version": 1, "ever": 1})
    return {document["_id"]: (document["version"], frozenset(document["ever"])) for document in found}


def write(
    cases: Documents, folded: Iterable[dict[str, Any]], over: Mapping[str, tuple[int, frozenset[str]]]
) -> Written:
    """Replace each case whose version is still the one in `over` (0: not there yet)."""
    documents = []
    for case in folded:
        version, ever = over.get(case["_id"], (0, frozenset()))
        documents.append({**case, "version": version + 1, "ever": sorted(ever | places(case))})
    lost: set[str] = set()
    if documents:
        try:
            cases.bulk_write([_over(case) for case in documents], ordered=False)
        except BulkWriteError as error:
            lost = {documents[position]["incident_id"] for position in duplicates(error)}
    # Places of a lost case too: a mark too many costs a recompute, a mark too few a wrong number.
    return Written(frozenset(place for case in documents for place in case["ever"]), frozenset(lost))


def _over(case: dict[str, Any]) -> InsertOne[dict[str, Any]] | ReplaceOne[dict[str, Any]]:
    """Over another version the filter finds nothing, the upsert inserts, and the id is there: a duplicate key."""
    if case["version"] == 1:
        return InsertOne(case)
    return ReplaceOne({"_id": case["_id"], "version": case["version"] - 1}, case, upsert=True)


def counted(cases: Documents, communes: Iterable[str], field: str, segments: Iterable[str]) -> Iterable[dict[str, Any]]:
    """What rollups need of the cases that these communes count in these half-months by a date field."""
    return cases.find(
        {"counted_in": {"$in": list(communes)}, f"segments.{field}": {"$in": list(segments)}},
        dict.fromkeys(_COUNTED, 1),
    )


def to_refold(cases: Documents, after: str, limit: int) -> list[str]:
    """Incidents, by id after `after`, with a case whose sealed values did not open or whose commune was unknown."""
    query = {"refold": True, "incident_id": {"$gt": after}}
    found = cases.find(query, {"incident_id": 1}).sort("incident_id", 1).limit(limit)
    return sorted({document["incident_id"] for document in found})


def count(cases: Documents, incident: str) -> int:
    return cases.count_documents({"incident_id": incident})


def of_code(cases: Documents, incident_code: str) -> list[dict[str, Any]]:
    """The cases of the incident with this code, by number."""
    return list(cases.find({"incident_code": incident_code}, _UNSHOWN).sort("number", 1))


def of_incident(cases: Documents, incident: str) -> list[dict[str, Any]]:
    return list(cases.find({"incident_id": incident}, _UNSHOWN).sort("number", 1))


def code_of(cases: Documents, case_id: str) -> str | None:
    found = cases.find_one({"_id": case_id}, {"code": 1})
    return found["code"] if found is not None else None


def named(cases: Documents, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The cases with these codes or ids, by what they were named by."""
    wanted = set(names)
    if not wanted:
        return {}
    incidents = sorted({name.rpartition("-")[0] for name in wanted})
    found = cases.find({"$or": [{"_id": {"$in": sorted(wanted)}}, {"incident_code": {"$in": incidents}}]}, _UNSHOWN)
    return {name: one for one in found for name in (one["_id"], one["code"]) if name in wanted}


def within_reach(
    cases: Documents, reach: Iterable[str], limit: int, *, open_only: bool | None = None
) -> list[dict[str, Any]]:
    """The newest cases of these units, schools and agencies: candidates, of which authority still has to judge each."""
    query: dict[str, Any] = {"reach": {"$in": sorted(set(reach))}}
    if open_only is not None:
        query["open"] = open_only
    return list(cases.find(query, _UNSHOWN).sort("received_at", -1).limit(limit))


def of_place_and_time(
    cases: Documents, case: Mapping[str, Any], first: datetime, after: datetime, limit: int
) -> list[dict[str, Any]]:
    """Cases of other incidents received in the same village in this span."""
    query = {
        "counted_in": case["counted_in"],
        "segments.received_at": case["segments"]["received_at"],
        "village": case["village"],
        "received_at": {"$gte": first, "$lt": after},
        "incident_id": {"$ne": case["incident_id"]},
    }
    return list(cases.find(query, _UNSHOWN).sort("received_at", 1).limit(limit))


def has_step(cases: Documents, case_id: str, event_id: str) -> bool:
    return cases.find_one({"_id": case_id, "steps.event_id": event_id}, {"_id": 1}) is not None
