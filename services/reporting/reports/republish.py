"""Makes the next version of a published report when its numbers have changed.

A snapshot remembers the marks of the half-months that it was made from. Whatever the background has just brought up to
date is compared with them at once, so a late report is a new version within seconds. That is only the fast way: a sweep
over the newest version of every report, at the start, after an edit of the directory and every minute, finds what a
crash or a rebuild by hand in between has left. Nothing but the marks decides, so doing it twice makes nothing twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from services.reporting.documents import Store, segments, snapshots, translated
from services.reporting.documents.segments import Pair
from services.reporting.reports.making import Maker
from services.reporting.reports.numbers import basis_of, indicator_of
from services.reporting.reports.states import AUTOMATIC
from shared import backoff, logs, metrics
from shared.calendar import parse
from shared.directory import Directory
from shared.failures import DependencyDown
from shared.stopping import Stopping

_SWEEP = 60.0
_AT_ONCE = 500

log = logs.get(__name__)


class Republish:
    """`told` is called after a version was made: its event waits for the relay."""

    def __init__(
        self,
        store: Store,
        maker: Maker,
        directory: Callable[[], Directory],
        stopping: Stopping,
        *,
        told: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._maker = maker
        self._directory = directory
        self._stopping = stopping
        self._told = told
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._changed: set[Pair] = set()
        self._woken = threading.Event()
        self._sweep_at = monotonic()
        self._seen = ""
        self._failures = 0
        self._made = metrics.counter("report_versions_made", "Versions of reports made because numbers changed")

    def recomputed(self, pairs: Iterable[Pair]) -> None:
        """These half-months have just been computed. Any thread."""
        with self._lock:
            self._changed.update(pairs)
        self._woken.set()

    def run(self) -> None:
        """Until stopping is requested."""
        while not self._stopping.requested:
            try:
                self.once()
            except DependencyDown as down:
                self._failures += 1
                self._sweep_at = self._monotonic()  # what was taken from the set is found by the sweep
                log.warning("republish waits", dependency=down.dependency, attempt=self._failures)
                self._stopping.wait(backoff.delay(self._failures, first=0.5, cap=10.0))
            else:
                self._failures = 0
                self._woken.wait(1.0)

    def once(self) -> int:
        """Look at what has changed since the last call; how many versions were made. Raises `DependencyDown`."""
        self._woken.clear()
        with self._lock:
            pairs, self._changed = self._changed, set()
        directory = self._directory()
        if directory.version != self._seen or self._monotonic() >= self._sweep_at:
            made = self.sweep(directory)
            self._seen, self._sweep_at = directory.version, self._monotonic() + _SWEEP
            return made
        if not pairs:
            return 0
        with translated():
            found = snapshots.of_pairs(self._store.snapshots, pairs)
        return self._make_stale(found, directory)

    def sweep(self, directory: Directory) -> int:
        """Look at every report there is."""
        after, made = "", 0
        while True:
            with translated():
                found = snapshots.heads_after(self._store.snapshots, after, _AT_ONCE)
            if not found:
                return made
            made += self._make_stale(found, directory)
            after = found[-1]["report"]

    def _make_stale(self, found: list[dict[str, Any]], directory: Directory) -> int:
        pairs = {(one["unit"], segment) for one in found for segment in one["made_from"]}
        with translated():
            marks = segments.wanted(self._store.segments, pairs)
        return sum(self._make(one, directory) for one in found if _stale(one, marks, directory))

    def _make(self, head: dict[str, Any], directory: Directory) -> bool:
        try:
            period = parse(head["period"], head["calendar"])
            report = directory.reports[head["definition"]]
            made = self._maker.make(report, head["unit"], period, directory, AUTOMATIC)
        except DependencyDown:
            raise
        except Exception as error:
            # One report that can't be made must not keep the others from their next version; the sweep tries again.
            log.exception("report not made", reason=type(error).__name__)
            return False
        if made.new:
            self._made.inc()
            log.info("report published", version=made.document["version"])
            self._told()
        return made.new


def _stale(head: dict[str, Any], marks: dict[Pair, int], directory: Directory) -> bool:
    report = directory.reports.get(head["definition"])
    if report is None or indicator_of(report, directory) is None or directory.unit(head["unit"]) is None:
        return False  # the directory has closed it: what was published stays as it is
    if head["basis"] != basis_of(report, directory):
        return True
    return any(marks.get((head["unit"], segment), 0) > mark for segment, mark in head["made_from"].items())
