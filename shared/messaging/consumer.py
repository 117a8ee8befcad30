"""From a queue to a handler and back to a settled delivery. See `Consumer`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared import backoff, crashpoints, logs
from shared.events import catalogue, cloudevents
from shared.events.event import Event
from shared.events.message import Message
from shared.failures import DependencyDown, Permanent
from shared.messaging.outcomes import Dead, Delivery, Done, Later, Outcome
from shared.messaging.publisher import Publisher
from shared.messaging.session import Taken
from shared.messaging.settlement import Settlement
from shared.messaging.subscription import DRAIN, REASSERT_EVERY, Subscription
from shared.messaging.topology import bindings_of
from shared.messaging.wire import attempt_of
from shared.stopping import Stopping

__all__ = ["Consumer", "Dead", "Delivery", "Done", "Handler", "Later", "Outcome"]

Handler = Callable[[Sequence[Delivery]], Sequence[Outcome]]

MAX_ATTEMPTS = 10
_SMALL_PREFETCH = 16  # a crash charges every delivery that is not acked

log = logs.get(__name__)


@dataclass(frozen=True, eq=False)
class _Work:
    taken: Taken
    delivery: Delivery


def decode(message: Message) -> Event:
    """Raises `InvalidEvent` or `UnknownEvent`."""
    event = cloudevents.decode(message)
    catalogue.validate(event)
    return event


class Consumer:
    """Calls `handler` on a worker thread with 1 to `batch_max` deliveries; it returns one outcome for each, in order.

    What the handler raises: `DependencyDown` — everything stays in our hands and the same call is made again with
    backoff, no attempt is counted, nothing more is taken; what the broker takes back meanwhile is fetched again only
    when the dependency answers. Anything else from a batch — each member alone. Alone:
    `Permanent` is Dead, everything else Later; Later at attempt `max_attempts` is Dead. Undecodable, unknown or invalid
    messages are Dead before the handler sees them. A delivery that the broker counted three times is handled alone.
    """

    def __init__(
        self,
        url: str,
        queue: str,
        handler: Handler,
        publisher: Publisher | None,
        stopping: Stopping,
        *,
        batch_max: int = 1,
        batch_window: float = 0.05,
        prefetch: int | None = None,
        max_attempts: int = MAX_ATTEMPTS,
        name: str | None = None,
        reassert_every: float = REASSERT_EVERY,
        drain: float = DRAIN,
        decode: Callable[[Message], Event] = decode,
    ) -> None:
        """Without `publisher` the consumer makes its own, for the retry and dead queues."""
        self._queue = queue
        self._handler = handler
        self._stopping = stopping
        self._decode = decode
        self._name = name or queue
        self._own_publisher = publisher is None
        self._publisher = publisher or Publisher(url, name=f"{self._name}-settlement")
        self._settlement = Settlement(queue, self._publisher, max_attempts=max_attempts)
        self._waiting_for: str | None = None
        self._subscription = Subscription(
            url,
            queue,
            self._work,
            stopping,
            name=self._name,
            prefetch=prefetch or (2 * batch_max if batch_max > 1 else _SMALL_PREFETCH),
            batch_max=batch_max,
            batch_window=batch_window,
            bindings=bindings_of(queue),
            reassert_every=reassert_every,
            drain=drain,
            tick=self._settlement.tick,
            settling=lambda: self._settlement.unfinished,
            away=lambda: self.holding,
        )

    def run(self) -> None:
        """Blocks until stopping is requested; then finishes the call under way, settles it, and closes."""
        if self._own_publisher:
            self._publisher.start()
        try:
            self._subscription.run()
        finally:
            if self._own_publisher:
                self._publisher.close()

    @property
    def connected(self) -> bool:
        return self._subscription.connected

    @property
    def holding(self) -> bool:
        """True while a dependency is down and what was taken is held."""
        return self._waiting_for is not None

    @property
    def last_progress(self) -> datetime | None:
        """When something was last settled, UTC."""
        return self._settlement.last_progress

    @property
    def busy_seconds(self) -> float:
        """How long the present call of the handler has been running; 0 if there is none."""
        since = self._subscription.worker.busy_since
        return 0.0 if since is None else time.monotonic() - since

    def problem(self) -> str | None:
        """For a readiness page: why nothing can be consumed now, or None."""
        waiting_for = self._waiting_for
        if waiting_for is not None:
            return f"waiting for {waiting_for}"
        return None if self.connected else "not connected to the broker"

    # Everything below runs on the worker's thread.

    def _work(self, batch: Sequence[Taken]) -> None:
        readable = []
        for taken in batch:
            try:
                event = self._decode(taken.message)
            except Permanent as error:
                self._settlement.settle([(taken, Dead(error.reason))])
            except Exception as error:
                self._settlement.settle([(taken, Dead(f"undecodable: {type(error).__name__}"))])
            else:
                delivery = Delivery(event, taken.message, taken.delivery_count, attempt_of(taken.message))
                readable.append(_Work(taken, delivery))
        if readable:
            self._handle(readable)

    def _handle(self, works: Sequence[_Work]) -> None:
        try:
            outcomes = self._call(works)
        except Exception as error:
            log.exception("handler.failed", queue=self._queue, batch=len(works))
            if len(works) > 1:
                for work in works:
                    if not self._stopping.requested and not work.taken.stale:
                        self._handle([work])
                return
            outcomes = [_outcome_of(error)]
        if outcomes is not None:
            crashpoints.reach("consumer.handled")
            self._settlement.settle((work.taken, outcome) for work, outcome in zip(works, outcomes, strict=True))

    def _call(self, works: Sequence[_Work]) -> Sequence[Outcome] | None:
        """The outcomes; None if a dependency was down until we had to stop or the broker had taken all back.

        What was taken back is still asked for: that is how we learn that the dependency is there again, and doing it
        twice changes nothing.
        """
        deliveries = [work.delivery for work in works]
        attempt = 0
        try:
            while True:
                try:
                    outcomes = self._handler(deliveries)
                except DependencyDown as down:
                    attempt += 1
                    self._waiting_for = down.dependency
                    wait = backoff.delay(attempt, first=0.5, cap=5.0)
                    log.warning("consumer.holding", queue=self._queue, dependency=down.dependency, held=len(works))
                    if self._stopping.wait(wait):
                        return None
                else:
                    if len(outcomes) != len(deliveries):
                        raise ValueError("the handler did not return one outcome for each delivery")
                    return None if attempt and works[0].taken.stale else outcomes
        finally:
            self._waiting_for = None


def _outcome_of(error: Exception) -> Outcome:
    # Never the text of a foreign exception: it may quote what it was given.
    if isinstance(error, Permanent):
        return Dead(error.reason)
    return Later(type(error).__name__)
