"""Days, periods and working days. Pure: no I/O, no clock; every function is given its dates."""

from __future__ import annotations

from shared.calendar.local import LOCAL, age_on, end_of_local_day, in_words, local_date, whole_milliseconds
from shared.calendar.periods import ADMINISTRATIVE, CALENDARS, STATISTICAL, Period, PeriodError, parse
from shared.calendar.segments import half_months, segment_days, segment_of
from shared.calendar.workdays import WorkDays

__all__ = [
    "ADMINISTRATIVE",
    "CALENDARS",
    "LOCAL",
    "STATISTICAL",
    "Period",
    "PeriodError",
    "WorkDays",
    "age_on",
    "end_of_local_day",
    "half_months",
    "in_words",
    "local_date",
    "parse",
    "segment_days",
    "segment_of",
    "whole_milliseconds",
]
