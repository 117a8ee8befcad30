"""Which numbers of a gapless sequence have been seen, in any order and more than once (pure).

A set of seen numbers is a sorted list of closed intervals `[[1, 40], [42, 50]]`: small as long as little is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Intervals = list[list[int]]


def observe(intervals: Sequence[Sequence[int]], seq: int) -> Intervals:
    """The intervals with `seq` added; a number seen before changes nothing."""
    return observe_all(intervals, [seq])


def observe_all(intervals: Sequence[Sequence[int]], seqs: Iterable[int]) -> Intervals:
    """The intervals with every number of `seqs` added."""
    merged: Intervals = []
    for low, high in sorted([*([low, high] for low, high in intervals), *([seq, seq] for seq in seqs)]):
        if merged and low <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], high)
        else:
            merged.append([low, high])
    return merged


def missing(intervals: Sequence[Sequence[int]], last: int | None = None) -> Intervals:
    """The closed intervals of 1..`last` that were not seen; `last` defaults to the highest number seen."""
    seen_to = intervals[-1][1] if intervals else 0
    end = max(seen_to, last or 0)
    gaps: Intervals = []
    following = 1
    for low, high in intervals:
        if low > following:
            gaps.append([following, low - 1])
        following = max(following, high + 1)
    if following <= end:
        gaps.append([following, end])
    return gaps
