"""Dead letters as they are kept: whole until they were sent again, so that each can be looked at and replayed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bson import Binary

from services.notify.documents.connection import store
from services.notify.store import collections
from services.notify.store.collections import Row
from shared.events import Message
from shared.messaging.deadletters import DeadLetter


def keep(letter: DeadLetter, now: datetime) -> Row:
    """Store it; the same message dead twice is one row. Answers the row as it is stored.

    The body of a large one is left out: its hash says which it was, and intake's spool can send it again.
    """
    message = letter.message
    identity = f"{letter.event_id or 'none'}-{letter.sha256[:16]}"
    fields: dict[str, Any] = {
        "event_id": letter.event_id,
        "name": letter.name,
        "incident_id": _text(letter.headers, "ce-subject"),
        "commune": _text(letter.headers, "ce-commune"),
        "drill": _text(letter.headers, "ce-drill") == "true",
        "queue": letter.queue,
        "routing_key": message.routing_key,
        "type": message.type,
        "content_type": message.content_type,
        "timestamp": message.timestamp,
        # Pairs, because a header's name may hold what a field name of MongoDB may not.
        "headers": [[name, value] for name, value in message.headers.items()],
        "body": None if letter.large else Binary(letter.body),
        "body_sha256": letter.sha256,
        "size": len(letter.body),
        "reason": letter.reason,
        "dead_at": letter.at,
    }
    with store():
        collections.dead_letters().update_one(
            {"_id": identity},
            {
                "$set": fields,
                "$unset": {"replayed_at": ""},  # dead again: it waits for somebody again
                "$setOnInsert": {"stored_at": now},
                "$inc": {"deaths": 1},
            },
            upsert=True,
        )
        found = collections.dead_letters().find_one({"_id": identity})
    assert found is not None
    return found


def listed(limit: int = 1000) -> list[Row]:
    """Newest first, without bodies."""
    with store():
        return list(collections.dead_letters().find({}, {"body": 0}).sort("stored_at", -1).limit(limit))


def count_waiting() -> int:
    """Those that nobody has sent again."""
    with store():
        return collections.dead_letters().count_documents({"replayed_at": None})


def get(identity: str) -> Row | None:
    """By the row's id or by the event's."""
    with store():
        return collections.dead_letters().find_one({"$or": [{"_id": identity}, {"event_id": identity}]})


def replayed(row: Row, now: datetime) -> None:
    """`row` as it was read before it was sent again: one that has died anew meanwhile waits on."""
    with store():
        collections.dead_letters().update_one(
            {"_id": row["_id"], "deaths": row["deaths"]}, {"$set": {"replayed_at": now}}
        )


def forget_bodies(before: datetime) -> int:
    """Leave out the bodies of those that were sent again before then; how many. What was erased elsewhere must not lie
    here sealed for ever. One that nobody has sent again keeps its own: it may be all there is of a report.
    """
    with store():
        result = collections.dead_letters().update_many(
            {"replayed_at": {"$lt": before}, "body": {"$ne": None}}, {"$set": {"body": None}}
        )
    return result.modified_count


def message_of(row: Row) -> Message | None:
    """The message to send again; None if its body was too large to keep, or it was sent again long ago."""
    if row.get("body") is None:
        return None
    body = bytes(row["body"])
    if hashlib.sha256(body).hexdigest() != row["body_sha256"]:
        return None
    return Message(
        routing_key=row["routing_key"],
        body=body,
        message_id=row["event_id"] or "",
        type=row["type"] or "",
        headers={str(name): value for name, value in row["headers"]},
        content_type=row["content_type"] or "application/json",
        timestamp=row.get("timestamp"),
    )


def _text(headers: Mapping[str, str | int], name: str) -> str | None:
    value = headers.get(name)
    return str(value) if value is not None else None
