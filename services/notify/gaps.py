"""Numbers that intake counted and that never came (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Gap:
    """Numbers `low` to `high`, both missing since then (UTC); `told` once the operator knows."""

    low: int
    high: int
    since: datetime
    told: bool = False


def updated(missing: Iterable[Sequence[int]], known: Sequence[Gap], now: datetime) -> list[Gap]:
    """The gaps of today: what is still missing keeps its age and whether it was told, what is new begins now."""
    found: list[Gap] = []
    for low, high in missing:
        following = low
        for gap in sorted(known, key=lambda one: one.low):
            start, end = max(following, gap.low), min(high, gap.high)
            if start > end:
                continue
            if start > following:
                found.append(Gap(following, start - 1, now))
            found.append(Gap(start, end, gap.since, gap.told))
            following = end + 1
        if following <= high:
            found.append(Gap(following, high, now))
    return found
