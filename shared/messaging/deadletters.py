"""Empties a dead queue into the service's own database, where people look: each may be a child nobody was told of."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared import backoff, logs
from shared.events.message import Message
from shared.failures import DependencyDown
from shared.messaging.session import Taken
from shared.messaging.subscription import Subscription
from shared.messaging.topology import dead_queue
from shared.messaging.wire import DEAD_AT, REASON
from shared.stopping import Stopping

LARGE = 1024 * 1024
_PREFETCH = 10
_TYPE_PREFIX = "vn.lentieng."

log = logs.get(__name__)


@dataclass(frozen=True)
class DeadLetter:
    """`event_id` and `name` are None where the message does not say. `queue` is where it died, `at` when (aware, UTC).

    `reason` is ours, or the broker's ("delivery_limit", ...). `headers` and `message` are without the broker's own
    headers, `message` is what `replay` sends again. A `large` body belongs into a file beside the database, named by
    `sha256` (hex).
    """

    event_id: str | None
    name: str | None
    queue: str
    headers: Mapping[str, str | int] = field(repr=False)
    body: bytes = field(repr=False)
    sha256: str
    large: bool
    reason: str
    at: datetime
    message: Message = field(repr=False)


class DeadLetterDrain:
    """Calls `store` on a worker thread, once per dead message and at least once; the ack follows its return.

    `store` raises `DependencyDown`: tried again in place. Anything else: that one waits, unacked, while others flow.
    """

    def __init__(
        self,
        url: str,
        queue: str,
        store: Callable[[DeadLetter], None],
        stopping: Stopping,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`queue` is the consumed queue, or its dead queue by name."""
        self._queue = queue.removesuffix(dead_queue(""))
        self._store = store
        self._stopping = stopping
        self._now = now
        self._lock = threading.Lock()
        self._again: list[tuple[float, Taken]] = []
        self._failures: dict[Taken, int] = {}
        name = dead_queue(self._queue)
        self._subscription = Subscription(
            url, name, self._work, stopping, name=f"{name}-drain", prefetch=_PREFETCH, tick=self._tick
        )

    def run(self) -> None:
        """Blocks until stopping is requested."""
        self._subscription.run()

    @property
    def connected(self) -> bool:
        return self._subscription.connected

    def _work(self, batch: Sequence[Taken]) -> None:
        for taken in batch:
            if self._stored(taken):
                taken.session.settled([taken.tag])

    def _stored(self, taken: Taken) -> bool:
        letter = dead_letter(self._queue, taken.message, taken.headers, self._now())
        attempt = 0
        while not taken.stale:
            try:
                self._store(letter)
            except DependencyDown as down:
                attempt += 1
                log.warning("dead_letters.holding", queue=self._queue, dependency=down.dependency)
                if self._stopping.wait(backoff.delay(attempt, first=0.5, cap=5.0)):
                    return False
            except Exception:
                self._put_back(taken)
                return False
            else:
                with self._lock:
                    self._failures.pop(taken, None)
                log.error("dead_letters.stored", queue=self._queue, event_id=letter.event_id, reason=letter.reason)
                return True
        return False

    def _put_back(self, taken: Taken) -> None:
        with self._lock:
            failures = self._failures[taken] = self._failures.get(taken, 0) + 1
        log.exception("dead_letters.store_failed", queue=self._queue, attempt=failures)
        taken.session.survived()
        with self._lock:
            self._again.append((time.monotonic() + backoff.delay(failures, first=2.0, cap=60.0), taken))

    def _tick(self) -> None:
        now = time.monotonic()
        with self._lock:
            due = [taken for at, taken in self._again if at <= now]
            self._again = [(at, taken) for at, taken in self._again if at > now and not taken.stale]
            for taken in [taken for taken in self._failures if taken.stale]:
                del self._failures[taken]
        for taken in due:
            self._subscription.worker.take(taken)


def dead_letter(queue: str, message: Message, headers: Mapping[str, object], now: datetime) -> DeadLetter:
    """What is known of a dead message. Never raises, whatever it holds."""
    death = _death_of(headers)
    kind = str(message.headers.get("ce-type") or message.type)
    name = kind.removeprefix(_TYPE_PREFIX).rpartition(".v")[0] if kind.startswith(_TYPE_PREFIX) else ""
    reason = message.headers.get(REASON) or death.get("reason") or "unknown"
    return DeadLetter(
        event_id=str(message.headers.get("ce-id") or message.message_id) or None,
        name=name or None,
        queue=queue,
        headers=message.headers,
        body=message.body,
        sha256=hashlib.sha256(message.body).hexdigest(),
        large=len(message.body) > LARGE,
        reason=str(reason),
        at=_moment(message.headers.get(DEAD_AT)) or _moment(death.get("time")) or now,
        message=message,
    )


def _death_of(headers: Mapping[str, object]) -> Mapping[str, object]:
    deaths = headers.get("x-death")
    first = deaths[0] if isinstance(deaths, list) and deaths else None
    return first if isinstance(first, Mapping) else {}


def _moment(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)  # the broker's is naive UTC
