"""The relay's view of the alerts: events that wait in their documents, oldest first."""

from __future__ import annotations

from collections.abc import Hashable, Sequence, Set
from datetime import UTC, datetime

from pymongo import UpdateOne

from services.notify.documents.connection import store
from services.notify.store import collections
from services.notify.telling import restored
from shared.events import encode
from shared.messaging.relay import Outgoing

# A range of times, not $exists: the index then passes over the many alerts that have nothing to tell.
_EVER = datetime.fromtimestamp(0, UTC)


class AlertOutbox:
    """A key is (alert id, event id). Fits `shared.messaging.relay.OutgoingSource`."""

    def pending(self, limit: int, held: Set[Hashable]) -> Sequence[Outgoing]:
        """Raises `DependencyDown`."""
        with store():
            # Held documents are among those found, so that many more are read; a document waits with a few events only.
            found = list(
                collections.alerts()
                .find({"outgoing.at": {"$gt": _EVER}}, {"outgoing": 1})
                .sort("outgoing.at", 1)
                .limit(limit + len(held))
            )
        waiting = [
            Outgoing(key=(row["_id"], event["id"]), message=encode(restored(event)))
            for row in found
            for event in row.get("outgoing", [])
            if (row["_id"], event["id"]) not in held
        ]
        return waiting[:limit]

    def confirmed(self, keys: Sequence[Hashable]) -> None:
        """Pull what the broker has. Raises `DependencyDown`."""
        pulls = [
            UpdateOne({"_id": alert}, {"$pull": {"outgoing": {"id": event}}})
            for alert, event in (key for key in keys if isinstance(key, tuple))
        ]
        if pulls:
            with store():
                collections.alerts().bulk_write(pulls, ordered=False)
