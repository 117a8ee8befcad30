"""The local day. Stored times are UTC; days, ages and deadlines in days are those of the commune's wall calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


def local_date(moment: datetime) -> date:
    """The day in Vietnam of an aware datetime. Raises ValueError on a naive one: its day would be a guess."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone has no local day")
    return moment.astimezone(LOCAL).date()


def end_of_local_day(day: date) -> datetime:
    """The last second of the local day, in UTC.

    23:59:59 and not midnight, so that a deadline printed as a date shows the day it belongs to.
    """
    return datetime.combine(day, time(23, 59, 59), tzinfo=LOCAL).astimezone(UTC)


def in_words(moment: datetime) -> str:
    """ "07:55 ngày 01/06/2023": an aware datetime by the commune's wall clock."""
    return moment.astimezone(LOCAL).strftime("%H:%M ngày %d/%m/%Y")


def whole_milliseconds(moment: datetime) -> datetime:
    """As MongoDB keeps a time: what is read back must be what was worked with. The zone stays."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def age_on(birth_date: date, day: date) -> int:
    """Completed years on that day; someone born on 29 February completes a year on 1 March of a common year.

    Raises ValueError when the day lies before the birth.
    """
    if day < birth_date:
        raise ValueError("the day lies before the birth")
    before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - before_birthday
