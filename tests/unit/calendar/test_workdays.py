from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.calendar import WorkDays

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2027, 12, 31))


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2023, 6, 1), 5, date(2023, 6, 8)),  # Thursday; one weekend between
        (date(2023, 6, 3), 1, date(2023, 6, 5)),  # Saturday
        (date(2023, 4, 28), 1, date(2023, 5, 4)),  # 30 April and 1 May with their substitute days
        (date(2023, 1, 19), 1, date(2023, 1, 27)),  # Tết 2023
        (date(2025, 9, 1), 1, date(2025, 9, 3)),  # National Day
        (date(2023, 6, 3), 0, date(2023, 6, 3)),
    ],
)
def test_working_days_skip_weekends_and_holidays(start: date, days: int, end: date) -> None:
    assert WorkDays().add(start, days) == end


def test_an_override_wins_over_the_library_both_ways() -> None:
    table = WorkDays({date(2023, 6, 2): False, date(2023, 6, 3): True})
    assert not table.is_working_day(date(2023, 6, 2))
    assert table.is_working_day(date(2023, 6, 3))
    assert table.add(date(2023, 6, 1), 1) == date(2023, 6, 3)


def test_days_are_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="forwards"):
        WorkDays().add(date(2023, 6, 1), -1)


def test_a_table_that_closes_every_day_is_said_and_not_looped_over() -> None:
    start = date(2023, 6, 1)
    closed = {start + timedelta(days=n): False for n in range(4000)}
    with pytest.raises(ValueError, match=r"holidays\.yaml"):
        WorkDays(closed).add(start, 1)


@settings(max_examples=50, deadline=None, database=None)
@given(DAYS, st.integers(1, 15))
def test_exactly_that_many_working_days_lie_after_the_start(start: date, days: int) -> None:
    table = WorkDays()
    end = table.add(start, days)
    passed = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(map(table.is_working_day, passed)) == days
    assert table.is_working_day(end)
