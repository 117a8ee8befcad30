"""How long to wait before the next try."""

from __future__ import annotations

import random
from collections.abc import Callable


def delay(attempt: int, *, first: float, cap: float, rand: Callable[[], float] = random.random) -> float:
    """Seconds before try number `attempt` + 1 (`attempt` counts from 1): doubling from `first` up to `cap`.

    The jitter stays in the upper half, so that a wait is never close to nothing: an instant repeat of a refused
    message fills the queues that did accept it with copies.
    """
    full = min(cap, first * 2.0 ** min(max(attempt, 1) - 1, 30))
    return full * (0.5 + rand() / 2)
