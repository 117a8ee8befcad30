"""The relay's view of the snapshots: events that wait in their documents, oldest first."""

from __future__ import annotations

from collections.abc import Hashable, Sequence, Set

from services.reporting.documents import Store, snapshots, translated
from services.reporting.reports.telling import restored
from shared.events import encode
from shared.messaging.relay import Outgoing


class SnapshotOutbox:
    """A key is (snapshot id, event id). Fits `shared.messaging.relay.OutgoingSource`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def pending(self, limit: int, held: Set[Hashable]) -> Sequence[Outgoing]:
        """Raises `DependencyDown`."""
        with translated():
            rows = snapshots.waiting(self._store.snapshots, limit, {key for key in held if isinstance(key, tuple)})
        return [Outgoing(key=(key, row["id"]), message=encode(restored(row))) for key, row in rows]

    def confirmed(self, keys: Sequence[Hashable]) -> None:
        """Pull what the broker has. Raises `DependencyDown`."""
        with translated():
            snapshots.told(self._store.snapshots, [key for key in keys if isinstance(key, tuple)])
