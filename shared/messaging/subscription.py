"""Keeps one consumer on one queue until the process stops: connects, binds, feeds the worker, reconnects for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from shared import backoff, logs
from shared.messaging.errors import BrokerGone, ChannelRefused
from shared.messaging.parameters import parameters
from shared.messaging.session import Session, Taken
from shared.messaging.topology import Binding
from shared.messaging.worker import Worker
from shared.stopping import Stopping

_PUMP = 0.5
_HEALTHY_AFTER = 10.0
_LOUD_AFTER = 10
REASSERT_EVERY = 60.0
DRAIN = 20.0

log = logs.get(__name__)


class Subscription:
    """`work` runs on the worker's thread and sees to it that each delivery is settled. `tick` runs on the thread of
    `run`, at least twice a second; `settling` says how many settlements are still on their way. While `away` is true, a
    lost connection is not made again: what we would fetch and only hold, the broker charges when it takes it back.
    """

    def __init__(
        self,
        url: str,
        queue: str,
        work: Callable[[Sequence[Taken]], None],
        stopping: Stopping,
        *,
        name: str,
        prefetch: int,
        batch_max: int = 1,
        batch_window: float = 0.05,
        bindings: Sequence[Binding] = (),
        reassert_every: float = REASSERT_EVERY,
        drain: float = DRAIN,
        tick: Callable[[], None] = lambda: None,
        settling: Callable[[], int] = lambda: 0,
        away: Callable[[], bool] = lambda: False,
    ) -> None:
        self._parameters = parameters(url, name)
        self._queue = queue
        self._stopping = stopping
        self._prefetch = prefetch
        self._bindings = bindings
        self._reassert_every = reassert_every
        self._drain = drain
        self._tick = tick
        self._settling = settling
        self._away = away
        self._session: Session | None = None
        self.worker = Worker(work, stopping, name=f"{name}-worker", batch_max=batch_max, batch_window=batch_window)

    @property
    def connected(self) -> bool:
        """Consuming, and the broker has said something lately."""
        session = self._session
        return session is not None and session.heard

    def run(self) -> None:
        """Blocks until stopping is requested and what was in hand is finished. RuntimeError if the worker died."""
        self.worker.start()
        failures = 0
        while not self._stopping.requested:
            began = time.monotonic()
            try:
                self._serve()
            except (BrokerGone, ChannelRefused) as error:
                reason = str(error)
            except Exception:
                log.exception("subscription.surprise", queue=self._queue)
                reason = "surprise"
            else:
                break
            finally:
                self._leave()
            self._check_worker()
            failures = 1 if time.monotonic() - began > _HEALTHY_AFTER else failures + 1
            wait = backoff.delay(failures, first=0.2, cap=15.0)
            say = log.error if failures > _LOUD_AFTER else log.warning
            say("subscription.disconnected", queue=self._queue, reason=reason, attempt=failures, delay=round(wait, 2))
            self._stopping.wait(wait)
            while self._away() and not self._stopping.wait(_PUMP):
                self._tick()
        self.worker.join(self._drain)

    def _serve(self) -> None:
        session = self._session = Session(self._parameters, self._queue, self.worker.take)
        session.assert_bindings(self._bindings)
        session.consume(self._prefetch)
        log.info("subscription.connected", queue=self._queue)
        bound_at = time.monotonic()
        while not self._stopping.requested:
            session.pump(_PUMP)
            self._tick()
            self._check_worker()
            if time.monotonic() - bound_at >= self._reassert_every:
                session.assert_bindings(self._bindings)
                bound_at = time.monotonic()
        self._finish(session)

    def _finish(self, session: Session) -> None:
        """Stop taking, let the worker finish while this thread keeps pumping, write the last acks. Then close."""
        session.stop_taking()
        end = time.monotonic() + self._drain
        while (self.worker.alive or self._settling()) and time.monotonic() < end:
            session.pump(0.05)
            self._tick()
        session.flush()

    def _leave(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _check_worker(self) -> None:
        if not self.worker.alive and not self._stopping.requested:
            raise RuntimeError(f"the worker of {self._queue} died")
