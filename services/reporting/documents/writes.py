"""Many writes in calls of a bounded size: each has its own five seconds, and neither side holds more than one call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

MOST_BYTES = 8 * 1024 * 1024

T = TypeVar("T")


def in_calls(items: Iterable[T], size: Callable[[T], int], most: int = MOST_BYTES) -> Iterator[list[T]]:
    """The same in the same order, by lists of at most `most` bytes; what is larger goes alone."""
    call: list[T] = []
    total = 0
    for one in items:
        length = size(one)
        if call and total + length > most:
            yield call
            call, total = [], 0
        call.append(one)
        total += length
    if call:
        yield call
