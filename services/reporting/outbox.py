"""The relay's view of a collection whose documents hold events until the broker has them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence, Set

from services.reporting.documents import Store, outgoing, translated
from services.reporting.documents.store import Documents
from services.reporting.telling import restored
from shared.events import encode
from shared.messaging.relay import Outgoing


class Outbox:
    """A key is (document id, event id). Fits `shared.messaging.relay.OutgoingSource`."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def pending(self, limit: int, held: Set[Hashable]) -> Sequence[Outgoing]:
        """Raises `DependencyDown`."""
        with translated():
            rows = outgoing.waiting(self._documents, limit, {key for key in held if isinstance(key, tuple)})
        return [Outgoing(key=(key, row["id"]), message=encode(restored(row))) for key, row in rows]

    def confirmed(self, keys: Sequence[Hashable]) -> None:
        """Pull what the broker has. Raises `DependencyDown`."""
        with translated():
            outgoing.told(self._documents, [key for key in keys if isinstance(key, tuple)])


def of_snapshots(store: Store) -> Outbox:
    return Outbox(store.snapshots)


def of_notices(store: Store) -> Outbox:
    return Outbox(store.operator_notices)


def of_dead_letters(store: Store) -> Outbox:
    return Outbox(store.dead_letters)
