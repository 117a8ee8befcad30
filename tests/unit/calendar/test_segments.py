from __future__ import annotations

from datetime import date

import pytest

from shared.calendar import half_months, segment_days, segment_of


@pytest.mark.parametrize(
    ("day", "segment"),
    [
        (date(2023, 6, 1), "2023-06a"),
        (date(2023, 6, 14), "2023-06a"),
        (date(2023, 6, 15), "2023-06b"),
        (date(2023, 6, 30), "2023-06b"),
    ],
)
def test_the_14th_ends_the_first_half(day: date, segment: str) -> None:
    assert segment_of(day) == segment


def test_the_second_half_ends_with_the_month() -> None:
    assert segment_days("2024-02b") == (date(2024, 2, 15), date(2024, 2, 29))
    assert segment_days("2023-12b") == (date(2023, 12, 15), date(2023, 12, 31))


def test_a_run_over_new_year_is_in_order() -> None:
    assert half_months(date(2022, 12, 15), date(2023, 1, 31)) == ["2022-12b", "2023-01a", "2023-01b"]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2023, 6, 2), date(2023, 6, 14)),
        (date(2023, 6, 1), date(2023, 6, 13)),
        (date(2023, 6, 15), date(2023, 6, 14)),
    ],
)
def test_a_range_that_cuts_a_half_month_is_refused(first: date, last: date) -> None:
    with pytest.raises(ValueError, match="whole half-months"):
        half_months(first, last)


@pytest.mark.parametrize("code", ["2023-06", "2023-06c", "2023-13a", "0000-01a", ""])
def test_what_is_no_half_month_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="half-month"):
        segment_days(code)
