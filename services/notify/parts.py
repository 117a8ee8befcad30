"""Threads of the worker: each has a name, says when it fails, and none ends unnoticed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from shared import logs, metrics
from shared.failures import DependencyDown
from shared.stopping import Stopping

log = logs.get(__name__)
_FAILURES = metrics.counter("notify_part_failures_total", "Rounds of a part that failed, by part", ("part",))


class Parts:
    """A thread that ends while nobody asked it to takes the process with it: whoever supervises starts a whole one."""

    def __init__(self, stopping: Stopping) -> None:
        self._stopping = stopping
        self._threads: dict[str, threading.Thread] = {}
        self.broken = False

    def run(self, name: str, work: Callable[[], None]) -> None:
        """Run `work` on a thread of its own; it blocks until stopping is requested."""
        thread = threading.Thread(target=self._watched, args=(name, work), name=name, daemon=True)
        self._threads[name] = thread
        thread.start()

    def every(self, seconds: float, name: str, once: Callable[[], object]) -> None:
        """Call `once` again and again; a round that fails is said and does not end the thread."""
        self.run(name, lambda: self._repeat(seconds, name, once))

    def alive(self) -> Mapping[str, bool]:
        return {name: thread.is_alive() for name, thread in self._threads.items()}

    def join(self, names: tuple[str, ...], deadline: float) -> None:
        """Wait for these, at most `deadline` seconds each."""
        for name in names:
            self._threads[name].join(deadline)
            if self._threads[name].is_alive():
                log.error("part did not stop", name=name, deadline=deadline)

    def _repeat(self, seconds: float, name: str, once: Callable[[], object]) -> None:
        while not self._stopping.requested:
            try:
                once()
            except DependencyDown as down:
                _FAILURES.labels(name).inc()
                log.warning("part waits", name=name, dependency=down.dependency)
            except Exception as error:
                _FAILURES.labels(name).inc()
                log.error("part failed", name=name, error=error)
            self._stopping.wait(seconds)

    def _watched(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            # The last stop of this thread: said here or nowhere.
            _FAILURES.labels(name).inc()
            log.error("part broke", name=name, error=error)
        if not self._stopping.requested:
            log.error("part ended", name=name)
            self.broken = True
            self._stopping.request()
