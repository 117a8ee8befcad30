"""Computes what was marked, in the background, so that readers find clean rollups."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from services.reporting.documents import Store, segments, translated
from services.reporting.documents.segments import Pair
from services.reporting.rollups import Rollups
from shared import backoff, logs, metrics
from shared.directory import Directory
from shared.failures import DependencyDown
from shared.stopping import Stopping

_AT_ONCE = 500
_POLL = 1.0
# Marks come with every batch, and computing takes the time of the projector, whose backlog people wait for; nobody
# waits for this, because a reader computes what it needs. So it rests this many times as long as it worked.
_REST, _LONGEST_REST = 4.0, 3.0

log = logs.get(__name__)


class Recompute:
    """`wake` is called after marks were made; a poll every second is the safety net for marks of another process.

    `at_new_directory` is called once at the start and again for each new version of the directory, `computed` with
    what has just been brought up to date.
    """

    def __init__(self, store: Store, rollups: Rollups, directory: Callable[[], Directory], stopping: Stopping) -> None:
        self._store = store
        self._rollups = rollups
        self._directory = directory
        self._stopping = stopping
        self._woken = threading.Event()
        self._failures = 0
        self._seen = ""
        self.at_new_directory: Callable[[], int] = lambda: 0
        self.computed: Callable[[list[Pair]], None] = lambda _: None
        self._computed = metrics.counter("rollups_computed", "Half-months computed in the background")

    def wake(self) -> None:
        self._woken.set()

    def problem(self) -> str | None:
        return "rollups cannot be computed" if self._failures > 3 else None

    def run(self) -> None:
        """Until stopping is requested; what is marked by then is still computed, if the engine answers."""
        while not self._stopping.requested:
            self._woken.wait(_POLL)
            self._woken.clear()
            started = time.monotonic()
            self._try()
            self._stopping.wait(min(_LONGEST_REST, _REST * (time.monotonic() - started)))
        self._try()

    def once(self) -> int:
        """Compute everything that is marked now. Returns how many half-months. Raises `DependencyDown`."""
        directory = self._directory()
        if directory.version != self._seen:
            self.at_new_directory()
            self._seen = directory.version
        count = 0
        while True:
            with translated():
                pairs = segments.dirty(self._store.segments, _AT_ONCE)
            if not pairs:
                return count
            computed = self._rollups.compute(pairs, directory)
            count += computed
            self._computed.inc(computed)
            self.computed(pairs)

    def _try(self) -> None:
        try:
            self.once()
        except Exception as error:
            self._failures += 1
            dependency = error.dependency if isinstance(error, DependencyDown) else None
            log.warning("recompute failed", dependency=dependency, attempt=self._failures, error=error)
            self._stopping.wait(backoff.delay(self._failures, first=0.5, cap=10.0))
        else:
            self._failures = 0
