"""The relay's view of what waits to be told: events in the documents that they tell of, oldest first."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence, Set
from datetime import UTC, datetime

from pymongo import UpdateOne

from services.notify.documents.connection import store
from services.notify.store.collections import Rows
from services.notify.telling import restored
from shared.events import encode
from shared.messaging.relay import Outgoing

# A range of times, not $exists: the index then passes over the many documents that have nothing to tell.
_EVER = datetime.fromtimestamp(0, UTC)


class DocumentOutbox:
    """Of these collections. A key is (collection, document id, event id). Fits `shared.messaging.relay.OutgoingSource`.

    Alerts have one of their own: their relay asks many times a second, and the others have something to say rarely.
    """

    def __init__(self, *collections: Callable[[], Rows]) -> None:
        self._collections = collections

    def pending(self, limit: int, held: Set[Hashable]) -> Sequence[Outgoing]:
        """Raises `DependencyDown`."""
        waiting: list[Outgoing] = []
        for number, collection in enumerate(self._collections):
            with store():
                # Held documents are among those found, so that many more are read; a document waits with few events.
                found = list(
                    collection()
                    .find({"outgoing.at": {"$gt": _EVER}}, {"outgoing": 1})
                    .sort("outgoing.at", 1)
                    .limit(limit + len(held))
                )
            waiting += [
                Outgoing(key=(number, row["_id"], event["id"]), message=encode(restored(event)))
                for row in found
                for event in row.get("outgoing", [])
                if (number, row["_id"], event["id"]) not in held
            ]
        return waiting[:limit]

    def confirmed(self, keys: Sequence[Hashable]) -> None:
        """Pull what the broker has. Raises `DependencyDown`."""
        for number, collection in enumerate(self._collections):
            pulls = [
                UpdateOne({"_id": key[1]}, {"$pull": {"outgoing": {"id": key[2]}}})
                for key in keys
                if isinstance(key, tuple) and key[0] == number
            ]
            if pulls:
                with store():
                    collection().bulk_write(pulls, ordered=False)
