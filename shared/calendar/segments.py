"""Half-months: a = 1st to 14th, b = 15th to the end. Every reporting period of both calendars is a union of them."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

_CODE = re.compile(r"(\d{4})-(0[1-9]|1[0-2])([ab])", re.ASCII)


def segment_of(day: date) -> str:
    """The half-month that holds the day, such as "2023-06a"."""
    return f"{day.year:04d}-{day.month:02d}{'a' if day.day <= 14 else 'b'}"


def segment_days(code: str) -> tuple[date, date]:
    """First and last day of a half-month. Raises ValueError for anything that is not one."""
    match = _CODE.fullmatch(code)
    if match is None or match[1] == "0000":
        raise ValueError(f"{code!r} is not a half-month such as 2023-06a")
    year, month = int(match[1]), int(match[2])
    if match[3] == "a":
        return date(year, month, 1), date(year, month, 14)
    return date(year, month, 15), date(year, month, calendar.monthrange(year, month)[1])


def half_months(first: date, last: date) -> list[str]:
    """The half-months from first to last, both included, in order.

    Raises ValueError when the range begins or ends inside a half-month: such a range can't be added up from them.
    """
    if last < first or segment_days(segment_of(first))[0] != first or segment_days(segment_of(last))[1] != last:
        raise ValueError(f"{first} to {last} is not a run of whole half-months")
    found: list[str] = []
    day = first
    while True:
        segment = segment_of(day)
        found.append(segment)
        end = segment_days(segment)[1]
        if end == last:
            return found
        day = end + timedelta(days=1)
