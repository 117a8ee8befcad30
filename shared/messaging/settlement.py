"""Settles every delivery exactly once, from a named outcome.

Later and Dead are published with a confirm *before* the ack: a crash in between makes a copy, the other order a loss. A
delivery whose publish fails stays ours, unacked, and is tried again; nothing is ever given back to the broker.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial

from shared import backoff, crashpoints, logs, metrics
from shared.messaging.errors import NotConfirmed
from shared.messaging.outcomes import Dead, Done, Later, Outcome
from shared.messaging.publisher import Publisher
from shared.messaging.session import Session, Taken
from shared.messaging.topology import DEAD, RETRY
from shared.messaging.wire import attempt_of, for_dead, for_retry

log = logs.get(__name__)


class Settlement:
    """`settle` is called by the worker, `tick` by the consumer's own thread; both return at once."""

    def __init__(
        self,
        queue: str,
        publisher: Publisher,
        *,
        max_attempts: int,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._queue = queue
        self._publisher = publisher
        self._max_attempts = max_attempts
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._on_the_way = 0
        self._again: list[tuple[float, int, Taken, Later | Dead]] = []
        self._settled = metrics.counter("deliveries_settled", "Deliveries by outcome", ("queue", "outcome"))
        self.last_progress: datetime | None = None

    @property
    def unfinished(self) -> int:
        """Settlements whose confirm is not there yet."""
        with self._lock:
            return self._on_the_way + len(self._again)

    def settle(self, decided: Iterable[tuple[Taken, Outcome]]) -> None:
        """The only way in which a delivery leaves our hands."""
        done: dict[Session, list[int]] = {}
        for taken, outcome in decided:
            match self._final(taken, outcome):
                case Done():
                    done.setdefault(taken.session, []).append(taken.tag)
                    self._settled.labels(self._queue, "done").inc()
                case Later() | Dead() as moved if not taken.stale:
                    self._move(taken, moved, failures=0)
                case _:  # the broker delivers it again, and a copy would be one more at each loss of the connection
                    log.info("settlement.stale", queue=self._queue, event_id=taken.message.message_id)
        for session, tags in done.items():
            crashpoints.reach("consumer.before_ack")
            session.settled(tags)
        self.last_progress = self._now()

    def _final(self, taken: Taken, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Later) and attempt_of(taken.message) >= self._max_attempts:
            return Dead(f"{self._max_attempts} attempts: {outcome.reason}")
        return outcome

    def _move(self, taken: Taken, outcome: Later | Dead, failures: int) -> None:
        """Publish the copy; the confirm acks the original."""
        if isinstance(outcome, Later):
            exchange, copy = RETRY, for_retry(taken.message, self._queue)
        else:
            exchange, copy = DEAD, for_dead(taken.message, self._queue, outcome.reason, self._now())
        with self._lock:
            self._on_the_way += 1
        self._publisher.publish(exchange, copy).add_done_callback(partial(self._moved, taken, outcome, failures + 1))

    def _moved(self, taken: Taken, outcome: Later | Dead, failures: int, future: Future[None]) -> None:
        error = future.exception()
        if error is None:
            crashpoints.reach("consumer.moved")
            taken.session.settled([taken.tag])
            name = "later" if isinstance(outcome, Later) else "dead"
            say = log.warning if isinstance(outcome, Later) else log.error
            say(f"delivery.{name}", queue=self._queue, event_id=taken.message.message_id, reason=outcome.reason)
            self._settled.labels(self._queue, name).inc()
        with self._lock:
            self._on_the_way -= 1
            if error is not None and not taken.stale:
                unknown = isinstance(error, NotConfirmed)
                wait = backoff.delay(failures, first=0.5 if unknown else 2.0, cap=15.0 if unknown else 60.0)
                self._again.append((self._clock() + wait, failures, taken, outcome))
                log.warning("settlement.failed", queue=self._queue, reason=str(error), attempt=failures)

    def tick(self) -> None:
        """Try again what is due; forget what a lost connection has given back to the broker."""
        now = self._clock()
        with self._lock:
            mine = [entry for entry in self._again if not entry[2].stale]
            due = [entry for entry in mine if entry[0] <= now]
            self._again = [entry for entry in mine if entry[0] > now]
        for _, failures, taken, outcome in due:
            self._move(taken, outcome, failures)
