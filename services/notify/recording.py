"""Outcomes that wait to be written: whoever finishes first writes for all that have finished meanwhile.

There is no timer. Nothing waits but for the write that is under way, so a quiet system writes each outcome at once, and
a busy one writes many in one round trip.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recorder(Generic[T]):
    """`write` is never called by two threads at once, and raises nothing."""

    def __init__(self, write: Callable[[list[T]], None]) -> None:
        self._write = write
        self._waiting: list[T] = []
        self._busy = False
        self._lock = threading.Lock()

    def add(self, one: T) -> None:
        """Written when this returns, or by another thread that is still at it. Any thread."""
        with self._lock:
            self._waiting.append(one)
            if self._busy:
                return
            self._busy = True
        while batch := self._next():
            self._write(batch)

    def _next(self) -> list[T]:
        with self._lock:
            batch, self._waiting = self._waiting, []
            self._busy = bool(batch)
            return batch
