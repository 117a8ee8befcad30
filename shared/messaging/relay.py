"""Empties an outgoing store into the broker: in order, a window at a time, nothing deleted before its confirm."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence, Set
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from shared import backoff, crashpoints, logs
from shared.events.message import Message
from shared.messaging.errors import NotConfirmed
from shared.messaging.publisher import Publisher

_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0

log = logs.get(__name__)


@dataclass(frozen=True)
class Outgoing:
    """`key` is the store's own name of the item, and stays the same until it is confirmed."""

    key: Hashable
    message: Message
    exchange: str = "events"


class OutgoingSource(Protocol):
    """The store. Both are called on the relay's thread only, and may raise anything: the relay tries again."""

    def pending(self, limit: int, held: Set[Hashable]) -> Sequence[Outgoing]:
        """At most `limit` unconfirmed items in order, oldest first, without those whose key is in `held`."""
        ...

    def confirmed(self, keys: Sequence[Hashable]) -> None:
        """The broker has them. Called until it returns without an exception."""
        ...


class Relay:
    """Connection lost: the same ids at once on the next connection. Nack, return or silence: that item waits 1 to 60 s.

    `poll` seconds is the safety net below `wake`.
    """

    def __init__(
        self,
        source: OutgoingSource,
        publisher: Publisher,
        *,
        name: str = "relay",
        window: int = 256,
        poll: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._source = source
        self._publisher = publisher
        self._name = name
        self._window = window
        self._poll = poll
        self._clock = clock
        self._now = now
        self._in_flight: set[Hashable] = set()
        self._answers: deque[tuple[Hashable, BaseException | None]] = deque()
        self._to_confirm: list[Hashable] = []
        self._due: dict[Hashable, float] = {}
        self._refusals: dict[Hashable, int] = {}
        self._seen: dict[Hashable, datetime] = {}
        self._source_failures = 0
        self._last_confirm: datetime | None = None
        self._woken = threading.Event()
        # Whether the store has to be read. A confirm alone is no reason: it wakes us to take out what went, and reading
        # at each of them would cost more than the publishing.
        self._asked = True
        self._stop_at: float | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Something new is in the store. Any thread."""
        self._asked = True
        self._woken.set()

    def stop(self, deadline: float = 5.0) -> None:
        """Publish no more, wait at most `deadline` seconds for confirms on their way. The rest stays in the store."""
        self._stop_at = self._clock() + deadline
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(deadline)

    @property
    def last_confirm(self) -> datetime | None:
        """When the broker last confirmed something, UTC."""
        return self._last_confirm

    @property
    def oldest_waiting_since(self) -> datetime | None:
        """Since when (UTC) the relay knows of the oldest item that is not confirmed; None if it knows of none."""
        try:
            return next(iter(self._seen.values()), None)
        except RuntimeError:  # the relay's thread changed it between two steps of ours
            return self._now()

    @property
    def waiting(self) -> int:
        """How many items were refused or returned and wait for their next try."""
        return len(self._due)

    # Everything below runs on the relay's thread, `_answered` excepted.

    def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                self._settle()
                wait = self._publish_more() if self._stop_at is None else self._poll
                self._source_failures = 0
            except Exception:
                self._source_failures += 1
                wait = backoff.delay(self._source_failures, first=0.5, cap=15.0)
                self._asked = True
                log.exception("relay.store_failed", name=self._name, attempt=self._source_failures)
            if self._stop_at is not None:
                left = self._stop_at - self._clock()
                if left <= 0 or not (self._in_flight or self._to_confirm or self._answers):
                    return
                wait = min(wait, left)
            if not self._woken.wait(wait):
                self._asked = True  # nobody woke us: the safety net

    def _publish_more(self) -> float:
        """Returns how long to wait for the next round, in seconds."""
        now = self._clock()
        for key in [key for key, due in self._due.items() if due <= now]:
            del self._due[key]
            self._asked = True
        soonest = min((due - now for due in self._due.values()), default=self._poll)
        held = self._in_flight | self._due.keys()
        if not self._publisher.ready:
            self._asked = True
            for item in [] if self._seen else self._source.pending(1, held):
                self._seen[item.key] = self._now()  # so that health and alarm can tell since when
            return min(soonest, 0.1 if self._seen else self._poll)
        room = self._window - len(self._in_flight)
        if room < max(1, self._window // 4):
            return min(soonest, self._poll)  # the next confirm wakes us; many small reads of the store would cost more
        if not self._asked:
            return min(soonest, self._poll)
        self._asked = False  # before the read: what is stored during it wakes us again
        items = self._source.pending(room, held)
        for item in items:
            self._seen.setdefault(item.key, self._now())
            self._in_flight.add(item.key)
            future = self._publisher.publish(item.exchange, item.message)
            future.add_done_callback(partial(self._answered, item.key))
        if len(items) < room:
            self._forget_the_gone()
        else:
            self._asked = True
        return min(soonest, self._poll)

    def _forget_the_gone(self) -> None:
        """The store has no more: what we saw and hold no longer was confirmed by another relay of the same store."""
        for key in self._seen.keys() - self._in_flight - self._due.keys():
            del self._seen[key]
            self._refusals.pop(key, None)

    def _answered(self, key: Hashable, future: Future[None]) -> None:
        self._answers.append((key, future.exception()))
        self._woken.set()

    def _settle(self) -> None:
        while self._answers:
            key, error = self._answers.popleft()
            if error is None:
                self._to_confirm.append(key)  # stays in flight, or it would be read again before it is deleted
                self._last_confirm = self._now()
            else:
                self._put_back(key, error)
        if self._to_confirm:
            crashpoints.reach("relay.confirmed")
            self._source.confirmed(list(self._to_confirm))
            for key in self._to_confirm:
                self._in_flight.discard(key)
                self._seen.pop(key, None)
                self._refusals.pop(key, None)
            self._to_confirm.clear()

    def _put_back(self, key: Hashable, error: BaseException) -> None:
        self._in_flight.discard(key)
        if isinstance(error, NotConfirmed) and not error.silent:
            self._asked = True
            return  # unknown because the connection went: the next read of the store finds it first
        attempt = self._refusals[key] = self._refusals.get(key, 0) + 1
        wait = backoff.delay(attempt, first=2 * _FIRST_WAIT, cap=_LONGEST_WAIT)
        self._due[key] = self._clock() + wait
        log.warning("relay.refused", name=self._name, reason=str(error), attempt=attempt, delay=round(wait, 2))
