"""Renderings: the bytes of one version for one audience in one format, stored by whoever renders first.

What was stored first is what everybody gets, for ever: two renderers may differ (a new release, a new font), the bytes
that a district has a digest of may not.
"""

from __future__ import annotations

from datetime import datetime

from bson.binary import Binary

from services.reporting.documents.store import Documents


def get(renderings: Documents, snapshot: str, audience: str, form: str) -> bytes | None:
    found = renderings.find_one({"_id": _id(snapshot, audience, form)})
    return bytes(found["content"]) if found is not None else None


def put(renderings: Documents, snapshot: str, audience: str, form: str, content: bytes, at: datetime) -> bytes:
    """Store these bytes unless there are some; the bytes that are stored. MongoDB refuses more than 16 MiB."""
    key = _id(snapshot, audience, form)
    document = {"snapshot": snapshot, "content": Binary(content), "rendered_at": at}
    renderings.update_one({"_id": key}, {"$setOnInsert": document}, upsert=True)
    stored = get(renderings, snapshot, audience, form)
    return content if stored is None else stored


def _id(snapshot: str, audience: str, form: str) -> str:
    return f"{snapshot}|{audience}|{form}"
