"""Says how far the numbers of this spool go, so that readers notice a missing last one too."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from services.intake.spool import Status
from shared.events import Event, Message, encode

# After the last event; once more when every consumer has bound again what somebody unbound, or the tally falls into the
# same hole as the event that it counts (see shared.messaging, which binds each minute); then as long as we live.
_QUIET = timedelta(seconds=30)
_AGAIN = timedelta(seconds=90)
_EVERY = timedelta(hours=1)


class Tally:
    """Decides when to speak; `tick` is called every second or so, and `publish` hands a message to the broker."""

    def __init__(self, publish: Callable[[Message], None], *, source: str) -> None:
        self._publish, self._source = publish, source
        self._told: int | None = None
        self._told_at: datetime | None = None
        self._times = 0

    def tick(self, now: datetime, directory: str, status: Status) -> None:
        """Publishes `intake.tally` when one is due. A tally takes no number and is not kept: the next one says more."""
        if status.last_seq == 0 or not self._due(now, status.last_seq, status.last_stored_at):
            return
        self._times = self._times + 1 if self._told == status.last_seq else 1
        self._told, self._told_at = status.last_seq, now
        event = Event(
            id=str(uuid.uuid4()),
            name="intake.tally",
            source=self._source,
            time=now,
            directory=directory,
            spool=status.spool,
            data={"spool": status.spool, "last_seq": status.last_seq},
        )
        self._publish(encode(event))

    def _due(self, now: datetime, last_seq: int, last_stored_at: float | None) -> bool:
        if self._told == last_seq and self._told_at is not None:
            return now - self._told_at >= (_AGAIN if self._times == 1 else _EVERY)
        if last_stored_at is None:
            # Forgotten after its week: long enough ago. Somebody may still lack the last number.
            return True
        return now - datetime.fromtimestamp(last_stored_at, UTC) >= _QUIET
