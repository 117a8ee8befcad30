"""What cases add up to, and how a period is read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.counting import added, figures, offered, shape_of
from services.reporting.indicators import answer, view_of
from services.reporting.units import Units
from shared.calendar import CALENDARS, parse, segment_of
from shared.directory import load

DIRECTORY = load(Path(__file__).resolve().parents[3] / "deploy/directory/binh-luong")
INDICATOR = DIRECTORY.indicators["REPORTED_CHILDREN"]


def case(**facts):
    counting = {"sex": facts.pop("sex", None), "age_received": facts.pop("age", None), "age_occurred": None}
    return {
        "drill": False,
        "kinds": [],
        "village": None,
        "received_at": 1,
        "occurred_at": None,
        "counting": counting,
        **facts,
    }


made = st.builds(
    case,
    drill=st.booleans(),
    kinds=st.lists(st.sampled_from(["VIOLENCE", "NEGLECT", "TRAFFICKING"]), unique=True),
    village=st.sampled_from(["thon-1", "thon-2", "chỗ nào đó", None]),
    sex=st.sampled_from(["FEMALE", "MALE", "UNKNOWN", None, "?"]),
    age=st.one_of(st.none(), st.integers(-1, 30)),
)


def rows(found, by):
    return dict(found["by"][by])


@given(st.lists(made))
def test_a_table_adds_up_to_the_total_unless_a_child_may_stand_in_several_rows(cases):
    found = figures(cases, INDICATOR, DIRECTORY)
    assert found["total"] == sum(not one["drill"] for one in cases)
    for by in ("sex", "age_band", "village"):
        assert sum(rows(found, by).values()) == found["total"]
    assert sum(rows(found, "kind").values()) >= found["total"]
    assert max(rows(found, "kind").values(), default=0) <= found["total"]


@given(st.lists(made), st.lists(made))
def test_parts_add_up_to_the_whole(left, right):
    parts = added([figures(left, INDICATOR, DIRECTORY), figures(right, INDICATOR, DIRECTORY)])
    assert parts == figures(left + right, INDICATOR, DIRECTORY)


def test_a_child_with_two_kinds_counts_once_in_the_total_and_once_in_each_row():
    found = figures([case(kinds=["VIOLENCE", "NEGLECT"]), case()], INDICATOR, DIRECTORY)
    assert found["total"] == 2
    assert rows(found, "kind") == {"VIOLENCE": 1, "NEGLECT": 1, "UNKNOWN": 1}


def test_free_text_never_becomes_a_row():
    found = figures([case(village="nhà bà Lan", sex="nữ")], INDICATOR, DIRECTORY)
    assert rows(found, "village") == rows(found, "sex") == {"UNKNOWN": 1}


@pytest.mark.parametrize(
    ("age", "band"), [(0, "0-2"), (2, "0-2"), (3, "3-5"), (10, "6-10"), (17, "16-17"), (18, "UNKNOWN")]
)
def test_ages_are_completed_years_in_the_directorys_bands(age, band):
    assert rows(figures([case(age=age)], INDICATOR, DIRECTORY), "age_band") == {band: 1}


@given(
    st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    st.sampled_from(CALENDARS),
    st.sampled_from(["-{:02d}", "-Q2", "-H1", "", "-M09"]),
)
def test_a_day_counts_in_a_period_exactly_when_its_half_month_is_read(day, calendar, form):
    period = parse(f"{day.year}{form.format(day.month)}", calendar)
    assert (segment_of(day) in period.segments) == (period.first <= day <= period.last)


def test_the_answer_to_the_commune_hides_nothing_and_to_the_unit_above_shows_the_total_alone():
    rollup = {
        "indicators": {INDICATOR.code: figures([case(sex="MALE")] + [case(sex="FEMALE")] * 4, INDICATOR, DIRECTORY)}
    }

    def cells(view):
        found = answer([rollup], INDICATOR, "sex", view, ["MALE", "FEMALE", "UNKNOWN"])
        return found.total, [cell["value"] for cell in found.cells], found.suppressed

    assert cells("own") == (5, [1, 4, 0], False)
    assert cells("exact_total") == (5, [None, None, None], True)  # live tables are the commune's own
    assert cells("suppressed") == (5, [None, None, None], True)


def test_a_small_total_is_hidden_from_who_is_not_directly_above():
    rollup = {"indicators": {INDICATOR.code: figures([case()], INDICATOR, DIRECTORY)}}
    assert answer([rollup], INDICATOR, None, "exact_total", ()).total == 1
    found = answer([rollup], INDICATOR, "sex", "suppressed", ["MALE"])
    assert (found.total, found.suppressed) == (None, True)
    assert {cell["value"] for cell in found.cells} == {None}


def test_the_unit_directly_above_is_the_one_of_the_periods_last_day():
    units = Units(DIRECTORY)
    before, after = parse("2025-06"), parse("2025-08")
    assert view_of("nhu-xuan", "binh-luong", before, units) == "exact_total"
    assert view_of("ke-nhiem-nhu-xuan", "binh-luong", after, units) == "exact_total"
    assert view_of("thanh-hoa", "binh-luong", after, units) == "suppressed"
    assert view_of("binh-luong", "binh-luong", after, units) == "own"
    assert view_of("thanh-hoa", "thanh-hoa", after, units) == "exact_total"


def test_a_change_of_the_tree_counts_from_the_next_half_month():
    units = Units(DIRECTORY)
    assert units.above("binh-luong", "2025-06b") == ("nhu-xuan", "thanh-hoa")
    assert units.above("binh-luong", "2025-07a") == ("ke-nhiem-nhu-xuan", "thanh-hoa")
    assert units.tree("2025-06b") != units.tree("2025-07a")
    assert units.tree("2023-06a") == units.tree("2025-06b")
    assert units.communes("nhu-xuan", "2025-07a") == ()


def test_the_shape_of_what_is_stored_follows_the_directory():
    assert shape_of(DIRECTORY) == shape_of(DIRECTORY)
    assert [one.code for one in offered(DIRECTORY)] == ["REPORTED_CHILDREN"]
