from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notify.gaps import Gap, updated
from shared.sequences import missing, observe_all

THEN = datetime(2026, 1, 5, 3, tzinfo=UTC)
NOW = THEN + timedelta(minutes=5)


def test_what_is_still_missing_keeps_its_age_and_what_is_new_begins_now():
    known = [Gap(3, 6, THEN, told=True)]

    assert updated([[4, 4], [6, 9]], known, NOW) == [
        Gap(4, 4, THEN, told=True),
        Gap(6, 6, THEN, told=True),
        Gap(7, 9, NOW),
    ]


def test_what_came_is_forgotten():
    assert updated([], [Gap(3, 6, THEN)], NOW) == []


numbers = st.sets(st.integers(1, 60))


@given(numbers, numbers, st.integers(0, 70))
def test_the_gaps_are_exactly_what_is_missing(first, more, last):
    intervals = observe_all([], first)
    known = updated(missing(intervals, last), [], THEN)
    after = observe_all(intervals, more)

    found = updated(missing(after, last), known, NOW)

    numbers_of = [number for gap in found for number in range(gap.low, gap.high + 1)]
    assert numbers_of == [number for low, high in missing(after, last) for number in range(low, high + 1)]
    before = {number for gap in known for number in range(gap.low, gap.high + 1)}
    assert all((gap.since == THEN) == (gap.low in before) for gap in found)
