"""Notices: stored once by what they are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.notify.documents.connection import store
from services.notify.documents.notice import Notice
from services.notify.store import collections


def keep(identity: str, fields: Mapping[str, Any]) -> bool:
    """False if it was kept before."""
    with store():
        Notice(id=identity, **fields).validate()
        result = collections.notices().update_one({"_id": identity}, {"$setOnInsert": dict(fields)}, upsert=True)
    return result.upserted_id is not None
