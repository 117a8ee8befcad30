"""Working days: Monday to Friday without public holidays, with what the directory's holidays.yaml says on top.

Tết and the substitute days are fixed anew each year, so a commune must be able to correct the library's calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import holidays


def _vietnam() -> holidays.HolidayBase:
    return holidays.country_holidays("VN")


@dataclass(frozen=True)
class WorkDays:
    """overrides: local day -> is it worked? They win over weekends and holidays alike."""

    overrides: Mapping[date, bool] = field(default_factory=dict)
    _public: holidays.HolidayBase = field(default_factory=_vietnam, repr=False, compare=False)

    def is_working_day(self, day: date) -> bool:
        known = self.overrides.get(day)
        return self._public.is_working_day(day) if known is None else known

    def add(self, start: date, days: int) -> date:
        """The day on which that many working days have passed; the day of the start is not counted.

        With 0 it is the start itself. Raises ValueError for a negative number, or when there is no such day within
        ten years (a table of overrides that closes every day).
        """
        if days < 0:
            raise ValueError("working days are counted forwards only")
        day = start
        for _ in range(3653):
            if days == 0:
                return day
            day += timedelta(days=1)
            days -= self.is_working_day(day)
        if days == 0:
            return day
        raise ValueError(f"no working day found within ten years of {start}; look at holidays.yaml")
