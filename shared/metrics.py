"""Prometheus metrics of one process, made once by name.

Values are read when they are asked for where that is possible (`watch`), so that a gauge cannot go stale.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from prometheus_client import REGISTRY, Counter, Gauge, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX = "lentieng_"


def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
    return _known(name) or Counter(_PREFIX + name, text, labels)  # type: ignore[return-value]


def watch(name: str, text: str, value: Callable[[], float]) -> None:
    """A gauge whose value is asked for at each scrape; NaN where it cannot be told.

    A scrape must not fail because one figure's database is down: that is when the others are looked at.
    """

    def told() -> float:
        try:
            return value()
        except Exception:
            return math.nan

    gauge = _known(name) or Gauge(_PREFIX + name, text)
    assert isinstance(gauge, Gauge)
    gauge.set_function(told)


def render() -> bytes:
    """The exposition format, every metric of this process."""
    return generate_latest(REGISTRY)


def _known(name: str) -> object | None:
    collectors: dict[str, object] = getattr(REGISTRY, "_names_to_collectors", {})
    return collectors.get(_PREFIX + name)
