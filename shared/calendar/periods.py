"""Reporting periods in the two calendars that are asked for.

statistical     calendar months: a month is the 1st to its last day
administrative  the usual cut-offs of administrative reports (circulars that apply Nghị định 09/2019; the decree's own
                article was not read): a month is the 15th of the month before to the 14th, the first half-year
                15 December to 14 June, the second 15 June to 14 December, the year 15 December to 14 December
"""

from __future__ import annotations

import calendar as gregorian
import re
from dataclasses import dataclass
from datetime import date

from shared.calendar.segments import half_months

STATISTICAL = "statistical"
ADMINISTRATIVE = "administrative"
CALENDARS = (STATISTICAL, ADMINISTRATIVE)

_CODE = re.compile(r"(\d{4})(?:-(?:(\d{2})|Q([1-4])|H([12])|M(09)))?", re.ASCII)


class PeriodError(ValueError):
    """Not a period or not a calendar; the text says what would be."""


@dataclass(frozen=True)
class Period:
    """A period of one calendar; first and last are local days, both included."""

    code: str
    calendar: str
    first: date
    last: date

    @property
    def segments(self) -> list[str]:
        """Its half-months in order."""
        return half_months(self.first, self.last)


def parse(code: str, calendar: str = STATISTICAL) -> Period:
    """Period of a code: 2023-06, 2023-Q2, 2023-H1, 2023 or 2023-M09 (the first nine months). Raises PeriodError."""
    if calendar not in CALENDARS:
        raise PeriodError(f"{calendar!r} is not a calendar; use one of {', '.join(CALENDARS)}")
    year, first_month, last_month = _months(code)
    if calendar == STATISTICAL:
        end = gregorian.monthrange(year, last_month)[1]
        return Period(code, calendar, date(year, first_month, 1), date(year, last_month, end))
    start = date(year - 1, 12, 15) if first_month == 1 else date(year, first_month - 1, 15)
    return Period(code, calendar, start, date(year, last_month, 14))


def _months(code: str) -> tuple[int, int, int]:
    """Year, first and last month that the code names."""
    match = _CODE.fullmatch(code)
    # The administrative year 1 would begin before the first day a date can hold.
    if match is None or int(match[1]) < 2:
        raise PeriodError(f"{code!r} is not a period; write 2023-06, 2023-Q2, 2023-H1, 2023 or 2023-M09")
    year = int(match[1])
    month, quarter, half, nine = match[2], match[3], match[4], match[5]
    if month is not None:
        if not 1 <= int(month) <= 12:
            raise PeriodError(f"{code!r} is not a period; there is no month {month}")
        return year, int(month), int(month)
    if quarter is not None:
        return year, 3 * int(quarter) - 2, 3 * int(quarter)
    if half is not None:
        return year, 6 * int(half) - 5, 6 * int(half)
    return year, 1, 9 if nine is not None else 12
