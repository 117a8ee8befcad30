"""How an event that reporting tells waits in a document (pure), and some that it tells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from shared.events import Event

SOURCE = "/reporting"
UNKNOWN = "unknown"
_NAMESPACE = UUID("6d0a2c1e-9b57-5f0b-8c4e-2a3f7e1b9d44")
_LONGEST = 200  # of a text in the event's schema: a dead letter about a dead letter would help nobody


def stored(event: Event) -> dict[str, Any]:
    """An event as it waits in the document that it tells of."""
    return {
        "id": event.id,
        "at": event.time,
        "name": event.name,
        "subject": event.subject,
        "commune": event.commune,
        "directory": event.directory,
        "drill": event.drill,
        "data": event.data,
    }


def restored(row: Mapping[str, Any]) -> Event:
    return Event(
        id=row["id"],
        name=row["name"],
        source=SOURCE,
        time=row["at"],
        subject=row.get("subject"),
        commune=row["commune"],
        directory=row["directory"],
        drill=row.get("drill", False),
        data=row["data"],
    )


def noted(topic: str, key: str, detail: str, at: datetime) -> Event:
    """`operator.noted`. `key` tells occasions of one topic apart (a day, for instance): told twice, it is one event."""
    return Event(
        id=str(uuid5(_NAMESPACE, f"{topic}|{key}")),
        name="operator.noted",
        source=SOURCE,
        time=at,
        data={"topic": topic, "detail": detail[:_LONGEST], "at": at.isoformat()},
    )


def account_changed(account: Mapping[str, Any], what: str, at: datetime) -> Event:
    """`account.changed` for the owner of an account that has a contact."""
    return Event(
        id=str(uuid4()),
        name="account.changed",
        source=SOURCE,
        time=at,
        data={"account": account["_id"], "contact": account["contact"], "what": what, "at": at.isoformat()},
    )


def failed(letter: Mapping[str, Any]) -> Event:
    """`projection.failed` of a dead letter's document, from the headers alone: nothing of the body leaves.

    Its id comes of the letter's: stored twice, it is one event.
    """
    headers = {str(name).lower(): str(value)[:_LONGEST] for name, value in letter["headers"]}
    incident, commune = headers.get("ce-subject"), headers.get("ce-commune")
    return Event(
        id=str(uuid5(_NAMESPACE, letter["_id"])),
        name="projection.failed",
        source=SOURCE,
        time=letter["at"],
        subject=incident,
        commune=commune,
        drill=headers.get("ce-drill") == "true",
        data={
            "event_id": (letter["event_id"] or letter["sha256"])[:_LONGEST],
            "incident_id": incident,
            "name": (letter["name"] or UNKNOWN)[:_LONGEST],
            "reason": letter["reason"][:_LONGEST],
            "commune": commune,
            "at": letter["at"].isoformat(),
        },
    )
