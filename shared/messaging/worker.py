"""The thread that works on deliveries, so that the connection's own thread is free for heartbeats and acks."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence

from shared import logs
from shared.messaging.session import Taken
from shared.stopping import Stopping

_LOOK = 0.2
_MOST_BYTES = 8 * 1024 * 1024

log = logs.get(__name__)


class Worker:
    """Gathers at most `batch_max` deliveries, at most `batch_window` seconds after the first, and works on them.

    A batch that has eight megabytes is full: it is decoded as a whole, and each may be as large as that.

    The hand-over never blocks: the inbox is bounded by the prefetch. `work` must not raise; if it does, the worker is
    dead and its owner must end. Asked to stop, it finishes what is in hand; the inbox is left to the broker.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Taken]], None],
        stopping: Stopping,
        *,
        name: str,
        batch_max: int,
        batch_window: float,
    ) -> None:
        self._work = work
        self._batch_max = batch_max
        self._batch_window = batch_window
        self._inbox: queue.SimpleQueue[Taken] = queue.SimpleQueue()
        self._left_over: Taken | None = None
        self._stopping = stopping
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.busy_since: float | None = None

    def start(self) -> None:
        self._thread.start()

    def take(self, taken: Taken) -> None:
        self._inbox.put(taken)

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stopping.requested:
                batch = self._gather()
                if batch:
                    self.busy_since = time.monotonic()
                    self._work(batch)
                    self.busy_since = None
        except BaseException:
            log.exception("worker.died")
            raise

    def _gather(self) -> list[Taken]:
        """The next batch; empty if there is nothing, or only what a lost connection has given back already."""
        first = self._next(_LOOK)
        if first is None or first.counted:
            return [first] if first is not None else []
        batch, size = [first], len(first.message.body)
        end = time.monotonic() + self._batch_window
        while len(batch) < self._batch_max and size < _MOST_BYTES:
            taken = self._next(max(0.0, end - time.monotonic()))
            if taken is None:
                break
            if taken.counted:
                self._left_over = taken
                break
            batch.append(taken)
            size += len(taken.message.body)
        return batch

    def _next(self, wait: float) -> Taken | None:
        taken, self._left_over = self._left_over, None
        if taken is None:
            try:
                taken = self._inbox.get(timeout=wait) if wait > 0 else self._inbox.get_nowait()
            except queue.Empty:
                return None
        return None if taken.stale else taken
