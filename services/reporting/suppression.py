"""Small numbers (pure): a table of a few children may name one of them.

A number below the threshold is hidden, and with it the smallest of the other numbers, or the total would give it away.
All cells of that smallest number are hidden, whichever they are: a choice among equals could be guessed from what was
left open. So whoever knows the total, the open cells and this rule still finds two values for each hidden cell.
"""

from __future__ import annotations

from collections.abc import Sequence

THRESHOLD = 3


def small(number: int) -> bool:
    """Zero is no child and may be shown."""
    return 0 < number < THRESHOLD


def hidden(numbers: Sequence[int]) -> set[int]:
    """The positions of a one-way table that must not be shown to a reader of its exact total."""
    first = {position for position, number in enumerate(numbers) if small(number)}
    if not first:
        return set()
    others = {position: number for position, number in enumerate(numbers) if position not in first}
    companions = {number for number in others.values() if number} or set(others.values())
    if not companions:
        return first
    return first | {position for position, number in others.items() if number == min(companions)}
