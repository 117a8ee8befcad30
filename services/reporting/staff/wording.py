"""Times and lengths of time as people here write them (pure)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from shared.calendar import in_words

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def local(instant: datetime | None) -> str:
    """As `in_words`; empty for None."""
    return in_words(instant) if instant is not None else ""


def day(value: date | None) -> str:
    return value.strftime("%d/%m/%Y") if value is not None else ""


def birth(text: str) -> str:
    """An ISO date as a day; anything else as it was written."""
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def length(span: timedelta) -> str:
    """The two largest units: "3 giờ 20 phút", "2 ngày 4 giờ", "12 ngày"."""
    seconds = int(abs(span.total_seconds()))
    if seconds < _MINUTE:
        return "dưới 1 phút"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} phút"
    if seconds < _DAY:
        hours, minutes = seconds // _HOUR, seconds % _HOUR // _MINUTE
        return f"{hours} giờ {minutes} phút" if minutes else f"{hours} giờ"
    days, hours = seconds // _DAY, seconds % _DAY // _HOUR
    return f"{days} ngày {hours} giờ" if hours and days < 10 else f"{days} ngày"


def until(due: datetime, now: datetime) -> str:
    return f"quá {length(now - due)}" if due < now else f"còn {length(due - now)}"


def ago(then: datetime, now: datetime) -> str:
    return f"{length(now - then)} trước"
