"""A time in an event's data as reporting keeps it (pure)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from shared.calendar import local_date, whole_milliseconds

FIRST_YEAR, LAST_YEAR = 1900, 2200


def moment(value: object) -> datetime | None:
    """Whole milliseconds, as MongoDB keeps them, so that a case reads back as it was folded.

    None for what has no local day that any period could hold: a slip of the pen ("0001-01-01") must date nothing, and
    must not keep the child out of the numbers.
    """
    return _moment(value) if isinstance(value, str) else None


# The children of a report, and its steps, are folded one after the other from the same few times.
@lru_cache(maxsize=1024)
def _moment(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value.replace("Z", "+00:00"))
        if not FIRST_YEAR <= local_date(found).year <= LAST_YEAR:
            return None
        found = found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return whole_milliseconds(found)
