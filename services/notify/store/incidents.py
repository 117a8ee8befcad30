"""Incidents: facts are added by event id, clocks are written only over the version that they were folded from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from services.notify import states
from services.notify.documents.checking import check
from services.notify.documents.connection import store
from services.notify.documents.incident import Incident
from services.notify.incident import SUPPLEMENT
from services.notify.incident import Incident as Reported
from services.notify.store import collections
from services.notify.store.collections import Row
from services.notify.store.upserting import stored_now
from shared.case_steps import CONFLICT, RELEASED
from shared.failures import Permanent

_EMPTY: dict[str, list[Any]] = {"facts": [], "clocks": [], "deliveries": [], "outgoing": []}
# MongoDB takes no document above 16 MB, and then nothing of the incident moves any more. So facts stop well before it,
# with room left for clocks and messages; those that say who may know have room of their own, whoever filled the rest.
_ROOM, _ROOM_FOR_WHO_MAY_KNOW = 6 * 1024 * 1024, 10 * 1024 * 1024


def known(incident_ids: Sequence[str]) -> set[str]:
    """Which of these are stored, be it only by a fact that came before its report."""
    if not incident_ids:
        return set()
    with store():
        return {row["_id"] for row in collections.incidents().find({"_id": {"$in": list(incident_ids)}}, {"_id": 1})}


def insert(documents: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Store new incidents in one round trip; the ids of those that are stored by this call and by no other.

    One that is there already (a fact came meanwhile, or the same report a second time) is left as it is.
    """
    whole = {one: {**_EMPTY, **fields, "version": 1, "facts_version": 1} for one, fields in documents.items()}
    with store():
        for identity, fields in whole.items():
            check(Incident, identity, fields)
        return stored_now(collections.incidents(), whole)


def report(incident_id: str, fields: Mapping[str, Any]) -> None:
    """Add the report to an incident of which only facts are known; of two copies the one received earlier counts."""
    with store():
        collections.incidents().update_one(
            {"_id": incident_id, "$or": [{"received_at": None}, {"received_at": {"$gt": fields["received_at"]}}]},
            {"$set": dict(fields), "$inc": {"version": 1, "facts_version": 1}},
        )


def add_fact(incident_id: str, fact: Mapping[str, Any]) -> bool:
    """Keep a fact of an incident, known or not; False if it was kept before.

    Raises `Permanent` if the incident has no room for it: whoever asked tells of it, and nothing else of it stops.
    """
    with store():
        if _pushed(incident_id, fact):
            return True
        try:
            first = {**_EMPTY, "facts": [dict(fact)], "version": 1, "facts_version": 1}
            collections.incidents().insert_one({"_id": incident_id, **first})
        except DuplicateKeyError:
            # It is there, perhaps since this moment and by another worker: that says nothing about the fact.
            if _pushed(incident_id, fact):
                return True
        else:
            return True
        kept = collections.incidents().find_one({"_id": incident_id, "facts.id": fact["id"]}, {"_id": 1})
    if kept is None:
        raise Permanent("incident_full")
    return False


def _pushed(incident_id: str, fact: Mapping[str, Any]) -> bool:
    who = fact["kind"] == SUPPLEMENT or fact["step"] in {CONFLICT, RELEASED}
    result = collections.incidents().update_one(
        {
            "_id": incident_id,
            "facts.id": {"$ne": fact["id"]},
            "$expr": {"$lt": [{"$bsonSize": "$$ROOT"}, _ROOM_FOR_WHO_MAY_KNOW if who else _ROOM]},
        },
        {"$push": {"facts": dict(fact)}, "$inc": {"version": 1, "facts_version": 1}},
    )
    return result.modified_count == 1


def get(incident_id: str) -> Row | None:
    with store():
        return collections.incidents().find_one({"_id": incident_id})


def facts_version(incident_id: str) -> int | None:
    with store():
        row = collections.incidents().find_one({"_id": incident_id}, {"facts_version": 1})
    return row["facts_version"] if row is not None else None


def of_case(case: str) -> Row | None:
    """The incident of a case, by the case's id or by its code (the incident's with the child's number)."""
    code, _, number = case.rpartition("-")
    with store():
        found = collections.incidents().find_one({"children.case_id": case})
        if found is None and code and number.isdigit():
            found = collections.incidents().find_one({"code": code, "children.number": int(number)})
    return found


def merged_into(reported: Iterable[Reported]) -> list[str]:
    """Ids of the incidents with a fact that names a case of these."""
    names = [
        name for one in reported for child in one.children for name in (child.case_id, f"{one.code}-{child.number}")
    ]
    if not names:
        return []
    with store():
        return [row["_id"] for row in collections.incidents().find({"facts.merged_into": {"$in": names}}, {"_id": 1})]


def due(now: datetime, limit: int, *, but: Collection[str] = ()) -> list[Row]:
    """Incidents with a clock that somebody has to look at, the longest waiting first. `but`: ids left out."""
    with store():
        found = collections.incidents().find({"next_action_at": {"$lte": now}, "_id": {"$nin": list(but)}})
        return list(found.sort("next_action_at", 1).limit(limit))


def move_clocks(
    row: Row,
    clocks: Sequence[Mapping[str, Any]],
    next_at: datetime | None,
    *,
    events: Sequence[Mapping[str, Any]],
    deliveries: Sequence[Mapping[str, Any]],
) -> bool:
    """Write the clocks with their events and messages in one update; False if the incident has changed since."""
    with store():
        result = collections.incidents().update_one(
            {"_id": row["_id"], "version": row["version"]},
            {
                "$set": {"clocks": list(clocks), "next_action_at": next_at},
                "$inc": {"version": 1},
                "$push": {"outgoing": {"$each": list(events)}, "deliveries": {"$each": list(deliveries)}},
            },
        )
    return result.matched_count == 1


def end_deliveries(incident_id: str, contacts: Collection[str], now: datetime) -> None:
    """Nothing more goes to these contacts about this incident's clocks."""
    if not contacts:
        return
    mine: dict[str, Any] = {"contact": {"$in": sorted(contacts)}, "ended_at": None}
    with store():
        collections.incidents().update_one(
            {"_id": incident_id, "deliveries": {"$elemMatch": mine}},
            {
                "$set": {
                    "deliveries.$[one].ended_at": now,
                    "deliveries.$[open].state": states.EXPIRED,
                    "deliveries.$[open].next_at": None,
                    "deliveries.$[open].updated_at": now,
                },
                "$inc": {"version": 1},
            },
            array_filters=[
                {"one.contact": mine["contact"], "one.ended_at": None},
                {"open.contact": mine["contact"], "open.ended_at": None, "open.state": {"$in": sorted(states.WAITING)}},
            ],
        )


def late(before: datetime, limit: int) -> list[Row]:
    """Incidents with a clock that should have been looked at before then, or a message that should have gone."""
    with store():
        found = collections.incidents().find(
            {
                "$or": [
                    {"next_action_at": {"$lte": before}},
                    {"deliveries": {"$elemMatch": {"next_at": {"$lte": before}}}},
                ]
            },
            {"code": 1, "next_action_at": 1, "deliveries.next_at": 1},
        )
        return list(found.limit(limit))
