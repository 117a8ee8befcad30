"""The spool as the relay sees it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence, Set
from typing import cast

from services.intake.spool import Spool
from shared.messaging.relay import Outgoing


class SpoolSource:
    """`shared.messaging.relay.OutgoingSource` over the spool; a key is an event's id.

    The id and nothing else: it stays the same when a file is retired under messages whose confirms are still coming.
    """

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def pending(self, limit: int, held: Set[Hashable]) -> Sequence[Outgoing]:
        rows = self._spool.waiting(limit, cast(Set[str], held))
        return [Outgoing(key=row.message.message_id, message=row.message) for row in rows]

    def confirmed(self, keys: Sequence[Hashable]) -> None:
        self._spool.seal(cast(Sequence[str], keys))
