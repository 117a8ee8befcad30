"""Facts: every event once, as it was received."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from bson.binary import Binary
from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from services.reporting.cases import REPORTED, incident_of, order_of
from services.reporting.documents.failures import duplicates
from services.reporting.documents.store import Documents
from shared.events import Event, Message

_AFTER_ALL = "\U0010ffff"
_TRIES = 5


def write(facts: Documents, received: Iterable[tuple[Event, Message]], now: datetime) -> None:
    """By event id; of copies that differ, the one with the smallest `order` stays, whichever came first."""
    pairs = list(received)
    # Nearly every event is new, and an insert costs the engine a fraction of an update that compares.
    known = pairs if len(pairs) == 1 else _inserted(facts, pairs, now)
    operations = [_upsert(event, message, now) for event, message in known]
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


def of_incidents(facts: Documents, incidents: Iterable[str]) -> Iterator[tuple[str, Message]]:
    """Incident and message of every event that changes a case of these incidents, in no particular order."""
    for document in facts.find({"incident_id": {"$in": list(incidents)}}, {**_CONTENT, "incident_id": 1}):
        yield document["incident_id"], message_of(document)


def reported(facts: Documents, after: str, limit: int) -> list[str]:
    """Incidents whose report has arrived, by id after `after`."""
    query = {"name": REPORTED, "incident_id": {"$gt": after}}
    found = facts.find(query, {"incident_id": 1}).sort("incident_id", 1).limit(limit)
    return [document["incident_id"] for document in found]


def one(facts: Documents, event_id: str) -> dict[str, Any] | None:
    """When an event was stored, and whether it is a drill."""
    return facts.find_one({"_id": event_id}, {"stored_at": 1, "drill": 1, "incident_id": 1})


def nil_units(facts: Documents, period: str) -> set[str]:
    """The units that declared that nothing happened in this period."""
    found = facts.find({"name": "nil.declared", "drill": {"$ne": True}}, {"body": 1})
    declared = (json.loads(bytes(document["body"])) for document in found)
    return {data["unit"] for data in declared if data["period"] == period}


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


def _inserted(facts: Documents, pairs: Sequence[tuple[Event, Message]], now: datetime) -> list[tuple[Event, Message]]:
    """Insert what is new. Returns what was there already, or came twice."""
    operations = [
        InsertOne({"_id": event.id, **_fields(event, message), "times": 1, "stored_at": now})
        for event, message in pairs
    ]
    try:
        if operations:
            facts.bulk_write(operations, ordered=False)
    except BulkWriteError as error:
        return [pairs[position] for position in duplicates(error)]
    return []


def _fields(event: Event, message: Message) -> dict[str, Any]:
    return {
        "name": event.name,
        "incident_id": incident_of(event),
        "order": order_of(event),
        # Pairs and bytes, because a name with a dot or a dollar sign is nothing that a document may be queried by.
        "headers": [[name, value] for name, value in message.headers.items() if name.lower().startswith("ce-")],
        "type": message.type,
        "body": Binary(message.body),
        "time": event.time,
        "spool": event.spool,
        "seq": event.seq,
        "drill": event.drill,
    }


def _upsert(event: Event, message: Message, now: datetime) -> UpdateOne:
    fields = _fields(event, message)
    earlier = {"$lt": [fields["order"], {"$ifNull": ["$order", _AFTER_ALL]}]}
    kept = {name: {"$cond": [earlier, {"$literal": value}, f"${name}"]} for name, value in fields.items()}
    counted = {
        "times": {"$add": [{"$ifNull": ["$times", 0]}, 1]},
        "stored_at": {"$ifNull": ["$stored_at", now]},
    }
    return UpdateOne({"_id": event.id}, [{"$set": {**kept, **counted}}], upsert=True)
