from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.calendar import ADMINISTRATIVE, CALENDARS, STATISTICAL, PeriodError, parse, segment_days, segment_of

CODES = st.one_of(
    st.integers(2, 9998).map("{:04d}".format),
    st.builds("{:04d}-{:02d}".format, st.integers(2, 9998), st.integers(1, 12)),
    st.builds("{:04d}-Q{}".format, st.integers(2, 9998), st.integers(1, 4)),
    st.builds("{:04d}-H{}".format, st.integers(2, 9998), st.integers(1, 2)),
    st.builds("{:04d}-M09".format, st.integers(2, 9998)),
)


@pytest.mark.parametrize(
    ("code", "calendar", "first", "last"),
    [
        ("2023-06", STATISTICAL, date(2023, 6, 1), date(2023, 6, 30)),
        ("2024-02", STATISTICAL, date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-Q2", STATISTICAL, date(2023, 4, 1), date(2023, 6, 30)),
        ("2023-H1", STATISTICAL, date(2023, 1, 1), date(2023, 6, 30)),
        ("2023-H2", STATISTICAL, date(2023, 7, 1), date(2023, 12, 31)),
        ("2023-M09", STATISTICAL, date(2023, 1, 1), date(2023, 9, 30)),
        ("2023", STATISTICAL, date(2023, 1, 1), date(2023, 12, 31)),
        ("2023-01", ADMINISTRATIVE, date(2022, 12, 15), date(2023, 1, 14)),
        ("2023-06", ADMINISTRATIVE, date(2023, 5, 15), date(2023, 6, 14)),
        ("2023-Q1", ADMINISTRATIVE, date(2022, 12, 15), date(2023, 3, 14)),
        ("2023-Q2", ADMINISTRATIVE, date(2023, 3, 15), date(2023, 6, 14)),
        ("2023-H1", ADMINISTRATIVE, date(2022, 12, 15), date(2023, 6, 14)),
        ("2023-H2", ADMINISTRATIVE, date(2023, 6, 15), date(2023, 12, 14)),
        ("2023-M09", ADMINISTRATIVE, date(2022, 12, 15), date(2023, 9, 14)),
        ("2023", ADMINISTRATIVE, date(2022, 12, 15), date(2023, 12, 14)),
    ],
)
def test_a_period_has_the_days_of_its_calendar(code: str, calendar: str, first: date, last: date) -> None:
    period = parse(code, calendar)
    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize(
    "code", ["", "2023-13", "2023-00", "2023-Q5", "2023-Q0", "2023-H3", "2023-M06", "23-06", "2023-6", "2023-06 ", "x",
             "0000", "0001", "2023-06a", "٢٠٢٣"]
)  # fmt: skip
def test_what_is_no_period_is_refused_with_a_sentence(code: str) -> None:
    with pytest.raises(PeriodError, match="is not a period"):
        parse(code, STATISTICAL)


def test_an_unknown_calendar_is_refused() -> None:
    with pytest.raises(PeriodError, match="statistical, administrative"):
        parse("2023-06", "lunar")


@settings(max_examples=60, deadline=None, database=None)
@given(CODES, st.sampled_from(CALENDARS))
def test_every_period_is_exactly_the_union_of_its_half_months(code: str, calendar: str) -> None:
    period = parse(code, calendar)
    days = [segment_days(segment) for segment in period.segments]
    assert days[0][0] == period.first
    assert days[-1][1] == period.last
    assert all(after[0] - before[1] == timedelta(days=1) for before, after in pairwise(days))


@settings(max_examples=60, deadline=None, database=None)
@given(st.integers(2, 9998), st.sampled_from(CALENDARS))
def test_the_parts_of_a_year_make_the_year(year: int, calendar: str) -> None:
    whole = parse(f"{year:04d}", calendar).segments
    for parts in (["H1", "H2"], ["Q1", "Q2", "Q3", "Q4"], [f"{month:02d}" for month in range(1, 13)]):
        joined = [segment for part in parts for segment in parse(f"{year:04d}-{part}", calendar).segments]
        assert joined == whole


def test_a_half_year_reads_twelve_half_months() -> None:
    assert len(parse("2023-H1", ADMINISTRATIVE).segments) == 12
    assert parse("2023-06", ADMINISTRATIVE).segments == ["2023-05b", "2023-06a"]


def test_an_administrative_month_is_from_the_fifteenth_to_the_fourteenth() -> None:
    period = parse("2023-06", ADMINISTRATIVE)
    assert (period.first, period.last) == (date(2023, 5, 15), date(2023, 6, 14))


@settings(max_examples=60, deadline=None, database=None)
@given(st.dates())
def test_a_day_lies_in_the_half_month_that_is_named_for_it(day: date) -> None:
    first, last = segment_days(segment_of(day))
    assert first <= day <= last
