"""Wait for a condition instead of sleeping."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(fn: Callable[[], T], timeout: float = 10, what: str = "", every: float = 0.02) -> T:
    """Call `fn` until it returns something true, and return that.

    An exception of `fn` counts as "not yet". After `timeout` seconds: AssertionError naming `what` (or the function),
    the last value, and the last exception as its cause.
    """
    deadline = time.monotonic() + timeout
    last: object = None
    failure: Exception | None = None
    while True:
        try:
            last = value = fn()
            failure = None
            if value:
                return value
        except Exception as error:
            failure = error  # whatever it is, it may be gone at the next try
        if time.monotonic() >= deadline:
            name = what or getattr(fn, "__name__", repr(fn))
            raise AssertionError(f"not within {timeout:g} s: {name} (last: {failure or last!r})") from failure
        time.sleep(every)
