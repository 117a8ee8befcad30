"""Facts: every event once, as it was received, but for what was sealed in it.

Sealed parts are kept under the keys of their cases instead. An original that cannot be opened stays in its fact, which
says under which key it is sealed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from bson.binary import Binary
from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from services.reporting.cases import REPORTED, incident_of, order_of
from services.reporting.documents.failures import duplicates
from services.reporting.documents.store import Documents
from services.reporting.documents.writes import in_calls
from services.reporting.lifecycle import STEP, SUPPLEMENT
from shared.case_steps import CONFLICT, RELEASED
from shared.events import Event, Message
from shared.events.message import Header

_AFTER_ALL = "\U0010ffff"
_TRIES = 5
# Sorts behind every time: a copy that nobody can read must not displace one that was read.
_UNREAD = "~"


@dataclass(frozen=True)
class Kept:
    """An event as it is kept. `counting`: JSON of its counting values; `sealed_under`: of an original still sealed."""

    event: Event
    message: Message
    counting: str | None = None
    sealed_under: str | None = None

    @cached_property
    def attributes(self) -> list[tuple[str, Header]]:
        """Pairs, because a name with a dot or a dollar sign is nothing that a document may be queried by."""
        return [(name, value) for name, value in self.message.headers.items() if name[:3].lower() == "ce-"]

    @property
    def order(self) -> str:
        unread = self.sealed_under is not None or (self.event.name == REPORTED and self.counting is None)
        return f"{_UNREAD if unread else ''}{order_of(self.event)}"


@dataclass(frozen=True)
class Stored:
    """A fact that changes a case. `order` tells whether it is still the same one when it is written to."""

    message: Message
    counting: str | None
    order: str
    sealed_under: str | None


def write(facts: Documents, received: Iterable[Kept], now: datetime) -> None:
    """By event id; of copies that differ, the one with the smallest `order` stays, whichever came first."""
    for pairs in in_calls(received, _size_of):
        _write(facts, pairs, now)


def _size_of(one: Kept) -> int:
    return len(one.message.body)


def _write(facts: Documents, pairs: list[Kept], now: datetime) -> None:
    # Nearly every event is new, and an insert costs the engine a fraction of an update that compares.
    known = pairs if len(pairs) == 1 else _inserted(facts, pairs, now)
    operations = [_upsert(one, now) for one in known]
    for _ in range(_TRIES):
        if not operations:
            return
        try:
            facts.bulk_write(operations, ordered=False)
        except BulkWriteError as error:
            # Another projector inserted the same event between our look-up and our insert: now it is there to update.
            operations = [operations[position] for position in duplicates(error)]
        else:
            return


def of_incidents(facts: Documents, incidents: Iterable[str]) -> Iterator[tuple[str, Stored]]:
    """Incident and content of every event that changes a case of these incidents, in no particular order."""
    wanted = {**_CONTENT, "incident_id": 1, "counting": 1, "order": 1, "sealed_under": 1}
    for document in facts.find({"incident_id": {"$in": list(incidents)}}, wanted):
        yield document["incident_id"], stored_of(document)


def stored_of(document: dict[str, Any]) -> Stored:
    return Stored(
        message_of(document), document.get("counting"), document.get("order") or "", document.get("sealed_under")
    )


def is_same(kept: Kept, stored: Stored) -> bool:
    """Whether the fact is this copy of the event, byte for byte."""
    return stored.message.body == kept.message.body and stored.message.headers == dict(kept.attributes)


def strip(facts: Documents, kept: Iterable[tuple[Kept, str]]) -> None:
    """Put what is kept now in the place of an original, unless another copy has taken it since its order was read."""
    for call in in_calls(kept, lambda pair: _size_of(pair[0])):
        facts.bulk_write([_replaced(one, order) for one, order in call], ordered=False)


def _replaced(one: Kept, order: str) -> UpdateOne:
    return UpdateOne(
        {"_id": one.event.id, "order": order},
        {
            "$set": {
                "body": Binary(one.message.body),
                "counting": one.counting,
                "order": one.order,
                "sealed_under": one.sealed_under,
            }
        },
    )


def still_sealed(facts: Documents, after: str, limit: int) -> list[str]:
    """Incidents, by id after `after`, of which an original is kept; no more than fit into memory together."""
    query = {"sealed_under": {"$gt": ""}, "incident_id": {"$gt": after}}
    wanted = {"incident_id": 1, "size": {"$bsonSize": "$$ROOT"}}
    found = facts.find(query, wanted).sort("incident_id", 1).limit(limit)
    first: list[dict[str, Any]] = next(in_calls(found, lambda document: document["size"]), [])
    return sorted({document["incident_id"] for document in first})


def older_form(facts: Documents, after: str, limit: int) -> list[str]:
    """Incidents, by id after `after`, whose report was kept before parts were sealed under keys of cases."""
    query = {"name": REPORTED, "sealed_under": {"$exists": False}, "incident_id": {"$gt": after}}
    found = facts.find(query, {"incident_id": 1}).sort("incident_id", 1).limit(limit)
    return [document["incident_id"] for document in found]


def originals(facts: Documents) -> dict[str, tuple[int, datetime]]:
    """Of the originals that are kept: by the key they are sealed under, how many, and when the first was stored."""
    found = facts.aggregate(
        [
            {"$match": {"sealed_under": {"$gt": ""}}},
            {"$group": {"_id": "$sealed_under", "count": {"$sum": 1}, "since": {"$min": "$stored_at"}}},
        ]
    )
    return {one["_id"]: (one["count"], one["since"]) for one in found}


def reported(facts: Documents, after: str, limit: int) -> list[str]:
    """Incidents whose report has arrived, by id after `after`."""
    query = {"name": REPORTED, "incident_id": {"$gt": after}}
    found = facts.find(query, {"incident_id": 1}).sort("incident_id", 1).limit(limit)
    return [document["incident_id"] for document in found]


def one(facts: Documents, event_id: str) -> dict[str, Any] | None:
    """When an event was stored, and whether it is a drill."""
    return facts.find_one({"_id": event_id}, {"stored_at": 1, "drill": 1, "incident_id": 1})


def times(facts: Documents, event_ids: Iterable[str]) -> dict[str, datetime]:
    """When these events were told."""
    found = facts.find({"_id": {"$in": list(event_ids)}}, {"time": 1})
    return {document["_id"]: document["time"] for document in found if document.get("time") is not None}


def nil_units(facts: Documents, period: str) -> set[str]:
    """The units that declared that nothing happened in this period."""
    found = facts.find({"name": "nil.declared", "drill": {"$ne": True}}, {"body": 1})
    declared = (json.loads(bytes(document["body"])) for document in found)
    return {data["unit"] for data in declared if data["period"] == period}


def of_exclusions(facts: Documents) -> Iterator[dict[str, Any]]:
    """Whole facts by which somebody must not know of an incident, or may again: by a step or as a reporter asked."""
    for document in facts.find({"name": {"$in": [STEP, SUPPLEMENT]}}):
        data = json.loads(bytes(document["body"]))
        if data.get("step") in {CONFLICT, RELEASED} or data.get("withhold_from"):
            yield document


def put_missing(facts: Documents, documents: Iterable[Mapping[str, Any]]) -> None:
    """Facts as they were stored elsewhere; one that is there stays, because its parts lie beside it."""
    for document in documents:
        fields = {name: value for name, value in document.items() if name != "_id"}
        facts.update_one({"_id": document["_id"]}, {"$setOnInsert": fields}, upsert=True)


_CONTENT = {"name": 1, "headers": 1, "type": 1, "body": 1}


def message_of(document: dict[str, Any]) -> Message:
    """The message as it was received, so that it can be sent again with the same id."""
    return Message(
        routing_key=document["name"],
        body=bytes(document["body"]),
        message_id=document["_id"],
        type=document["type"],
        headers=dict(document["headers"]),
    )


def _inserted(facts: Documents, pairs: Sequence[Kept], now: datetime) -> list[Kept]:
    """Insert what is new. Returns what was there already, or came twice."""
    operations = [InsertOne({"_id": one.event.id, **_fields(one), "times": 1, "stored_at": now}) for one in pairs]
    try:
        if operations:
            facts.bulk_write(operations, ordered=False)
    except BulkWriteError as error:
        return [pairs[position] for position in duplicates(error)]
    return []


def _fields(kept: Kept) -> dict[str, Any]:
    event, message = kept.event, kept.message
    return {
        "name": event.name,
        "incident_id": incident_of(event),
        "order": kept.order,
        "headers": kept.attributes,
        "type": message.type,
        "body": Binary(message.body),
        "counting": kept.counting,
        "sealed_under": kept.sealed_under,
        "time": event.time,
        "spool": event.spool,
        "seq": event.seq,
        "drill": event.drill,
    }


def _upsert(one: Kept, now: datetime) -> UpdateOne:
    fields = _fields(one)
    earlier = {"$lt": [fields["order"], {"$ifNull": ["$order", _AFTER_ALL]}]}
    kept = {name: {"$cond": [earlier, {"$literal": value}, f"${name}"]} for name, value in fields.items()}
    counted = {
        "times": {"$add": [{"$ifNull": ["$times", 0]}, 1]},
        "stored_at": {"$ifNull": ["$stored_at", now]},
    }
    return UpdateOne({"_id": one.event.id}, [{"$set": {**kept, **counted}}], upsert=True)
