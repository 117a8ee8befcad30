from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.calendar import age_on, end_of_local_day, local_date


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2023, 6, 14, 16, 59, 59, tzinfo=UTC), date(2023, 6, 14)),
        (datetime(2023, 6, 14, 17, 0, tzinfo=UTC), date(2023, 6, 15)),
        (datetime(2023, 12, 31, 18, 0, tzinfo=UTC), date(2024, 1, 1)),
    ],
)
def test_the_day_turns_at_midnight_in_vietnam(moment: datetime, day: date) -> None:
    assert local_date(moment) == day


def test_a_naive_time_has_no_local_day() -> None:
    with pytest.raises(ValueError, match="zone"):
        local_date(datetime(2023, 6, 14))


@settings(max_examples=50, deadline=None, database=None)
@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2200, 1, 1)))
def test_the_end_of_a_day_is_its_last_second(day: date) -> None:
    assert local_date(end_of_local_day(day)) == day
    assert local_date(end_of_local_day(day) + timedelta(seconds=1)) == day + timedelta(days=1)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2014, 3, 2), date(2023, 6, 1), 9),
        (date(2014, 3, 2), date(2023, 3, 1), 8),
        (date(2014, 3, 2), date(2023, 3, 2), 9),
        (date(2020, 2, 29), date(2023, 2, 28), 2),
        (date(2020, 2, 29), date(2023, 3, 1), 3),
        (date(2020, 2, 29), date(2024, 2, 29), 4),
        (date(2023, 6, 1), date(2023, 6, 1), 0),
    ],
)
def test_age_is_in_completed_years(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


def test_nobody_has_an_age_before_birth() -> None:
    with pytest.raises(ValueError, match="before the birth"):
        age_on(date(2023, 6, 2), date(2023, 6, 1))
