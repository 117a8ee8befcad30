"""What the operator, or the owner of an account, is told; the event waits in the document until the broker has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.reporting.documents.store import Documents


def put(notices: Documents, event: Mapping[str, Any]) -> bool:
    """Once for each event as stored (`telling.stored`), by its id. False when it was told before."""
    data = event["data"]
    topic, detail = data.get("topic", event["name"]), data.get("detail", data.get("what"))
    document = {"at": event["at"], "topic": topic, "detail": detail, "outgoing": [dict(event)]}
    return notices.update_one({"_id": event["id"]}, {"$setOnInsert": document}, upsert=True).upserted_id is not None


def details(notices: Documents, topic: str) -> list[str]:
    """What was told about a topic, as long as it is kept."""
    return [str(found["detail"]) for found in notices.find({"topic": topic}, {"detail": 1})]
