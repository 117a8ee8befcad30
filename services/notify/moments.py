"""A time in an event's data as notify keeps it (pure)."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.calendar import whole_milliseconds

_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def stored_moment(at: datetime, *, instead: datetime | None = None) -> datetime:
    """UTC to the millisecond, as the database keeps it: what is read back must be what was folded.

    `instead` is taken for a slip of the pen (the year 1, the year 9999), from which no deadline can be counted.
    """
    if instead is not None and not _FIRST_YEAR < at.year < _LAST_YEAR:
        return stored_moment(instead)
    return whole_milliseconds(at.astimezone(UTC))
