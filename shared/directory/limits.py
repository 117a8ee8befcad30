"""Lengths of deadlines: wall clock (minutes, hours, days) or working days."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.calendar import WorkDays, end_of_local_day, local_date

_ISO = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.ASCII)
# Longer than any deadline about a child, and far from where the calendar ends.
_LONGEST = timedelta(days=10_000)
# Holidays are looked up for ten years and no further.
_MOST_WORKING = 1_000
_TOO_LONG = f"is not a length of time that anybody lives to see; at most {_LONGEST.days} days"
_WALL = ("minutes", "hours", "days", "seconds")


@dataclass(frozen=True)
class Limit:
    """Exactly one of the two is set."""

    wall: timedelta | None = None
    working_days: int | None = None

    def due(self, start: datetime, workdays: WorkDays) -> datetime:
        """When the limit that started then runs out, UTC.

        Wall-clock limits run through nights and holidays. Working days end with the last of them: the day of the
        start is not counted (UNVERIFIED as the law's own way of counting; the later reading never says "missed" early).
        """
        if self.wall is not None:
            return (start + self.wall).astimezone(UTC)
        return end_of_local_day(workdays.add(local_date(start), self.working_days or 0))


def parse_limit(value: Any) -> Limit:
    """A limit from "PT5M", "PT12H", "P15D", {minutes: 5} or {working_days: 5}. Raises ValueError with a sentence."""
    if isinstance(value, str):
        match = _ISO.fullmatch(value)
        if match is not None and any(match.groups()):
            days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
            return _wall(days=days, hours=hours, minutes=minutes, seconds=seconds)
    elif isinstance(value, Mapping) and value and all(type(number) is int for number in value.values()):
        if set(value) == {"working_days"}:
            if value["working_days"] < 1:
                raise ValueError("must be longer than nothing")
            if value["working_days"] > _MOST_WORKING:
                raise ValueError(f"is more working days than the calendar counts; at most {_MOST_WORKING}")
            return Limit(working_days=value["working_days"])
        if set(value) <= set(_WALL):
            return _wall(**{str(unit): number for unit, number in value.items()})
    raise ValueError("is not a length of time; write {minutes: 5}, {hours: 12}, {working_days: 5} or PT5M, PT12H, P15D")


def _wall(**units: int) -> Limit:
    try:
        length = timedelta(**units)
    except OverflowError:
        raise ValueError(_TOO_LONG) from None
    if length > _LONGEST:
        raise ValueError(_TOO_LONG)
    if length <= timedelta(0):
        raise ValueError("must be longer than nothing")
    return Limit(wall=length)
