"""When a step counts for deadlines (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta

# Somebody may have acted on a call a moment before anybody typed the report.
_BEFORE = timedelta(hours=1)


def counted_at(at: datetime, recorded_at: datetime, received_at: datetime) -> datetime:
    """The time when it was done, unless that lies well before the report: then when it was recorded.

    Nobody acts on what nobody has told, and no deadline is met by a date of last year.
    """
    return at if at >= received_at - _BEFORE else recorded_at
