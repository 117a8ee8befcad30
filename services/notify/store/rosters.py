"""What was last told of each agency's contacts; a change and its event are one update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo.errors import DuplicateKeyError

from services.notify.documents.connection import store
from services.notify.store import collections
from services.notify.store.collections import Row


def everyone() -> list[Row]:
    with store():
        return list(collections.rosters().find({}, {"outgoing": 0}))


def replace(before: Row | None, roster: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Write the roster of an agency with its event; False if another worker was quicker."""
    fields = {"version": roster["version"], "at": roster["at"], "contacts": roster["contacts"]}
    with store():
        if before is None:
            try:
                collections.rosters().insert_one({"_id": roster["agency"], **fields, "outgoing": [dict(event)]})
            except DuplicateKeyError:
                return False
            return True
        # What still waits is older than this and needs to be told no more.
        result = collections.rosters().update_one(
            {"_id": roster["agency"], "version": before["version"]},
            {"$set": {**fields, "outgoing": [dict(event)]}},
        )
    return result.matched_count == 1
