"""Dead letters: each may be a child that nobody was told of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bson.binary import Binary

from services.reporting.documents.store import Documents
from shared.events import Message
from shared.messaging.deadletters import DeadLetter


def put(
    letters: Documents,
    letter: DeadLetter,
    file: Path | None,
    tells: Callable[[Mapping[str, Any]], list[dict[str, Any]]] = lambda _: [],
    sealed_under: str | None = None,
) -> None:
    """Once per message and death; a large body is in `file`, sealed, and only its hash, size and key are here.

    `tells` gives the events that wait in the document, as stored: they come into being with it or not at all.
    """
    key = f"{letter.event_id or '-'}:{letter.sha256[:16]}:{letter.at.isoformat(timespec='milliseconds')}"
    document: dict[str, Any] = {
        "event_id": letter.event_id,
        "name": letter.name,
        "queue": letter.queue,
        "reason": letter.reason,
        "at": letter.at,
        "headers": [[name, value] for name, value in letter.message.headers.items()],
        "type": letter.message.type,
        "sha256": letter.sha256,
        "size": len(letter.body),
        "body": None if file is not None else Binary(letter.body),
        "file": None if file is None else file.name,
        "sealed_under": sealed_under,
        "replayed_at": None,
    }
    document["outgoing"] = tells({"_id": key, **document})
    letters.update_one({"_id": key}, {"$setOnInsert": document}, upsert=True)


def listed(letters: Documents, limit: int, *, replayed: bool = False) -> list[dict[str, Any]]:
    """The newest first, without bodies; those that were replayed only when asked for."""
    query: Mapping[str, Any] = {} if replayed else {"replayed_at": None}
    return list(letters.find(query, {"body": 0}).sort("at", -1).limit(limit))


def one(letters: Documents, key: str) -> dict[str, Any] | None:
    return letters.find_one({"_id": key})


def of_incident(letters: Documents, incident: str) -> list[dict[str, Any]]:
    """Everything that died of one incident, with bodies."""
    return list(letters.find({"headers": ["ce-subject", incident]}))


def emptied(letters: Documents, key: str, body: bytes) -> None:
    """Keep this in the place of the body. What it was sealed under as a file has nothing to open any more."""
    kept = {"body": Binary(body), "file": None, "sealed_under": None, "size": len(body)}
    letters.update_one({"_id": key}, {"$set": kept})


def bodies(letters: Documents) -> Iterator[dict[str, Any]]:
    """Those that nobody has sent again yet: body, file, its key, and time of each."""
    yield from letters.find({"replayed_at": None}, {"body": 1, "file": 1, "sealed_under": 1, "at": 1})


def message_of(document: Mapping[str, Any], body: bytes) -> Message:
    return Message(
        routing_key=document["queue"],
        body=body,
        message_id=document["event_id"] or "",
        type=document["type"],
        headers=dict(document["headers"]),
    )


def replayed(letters: Documents, key: str, at: datetime) -> None:
    letters.update_one({"_id": key}, {"$set": {"replayed_at": at}})
