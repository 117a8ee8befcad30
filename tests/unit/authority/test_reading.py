"""The district keeps its periods; its successor has the later ones."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.authority import Clear, may_read_unit, unit_kept_out
from shared.calendar import ADMINISTRATIVE, CALENDARS, STATISTICAL, parse
from shared.directory import Directory, load
from tests.unit.authority.conftest import SHIPPED

SHIPPED_DIRECTORY = load(SHIPPED)
UNITS = st.sampled_from([*SHIPPED_DIRECTORY.units, "atlantis"])


@pytest.mark.parametrize(
    ("reader", "unit", "period", "calendar", "may"),
    [
        ("binh-luong", "binh-luong", "2023-H1", ADMINISTRATIVE, True),
        ("binh-luong", "thon-3", "2023-H1", ADMINISTRATIVE, True),
        ("thon-3", "binh-luong", "2023-H1", ADMINISTRATIVE, False),
        ("thon-3", "thon-4", "2023-H1", ADMINISTRATIVE, False),
        ("nhu-xuan", "binh-luong", "2023-H1", ADMINISTRATIVE, True),
        ("nhu-xuan", "thon-3", "2023-H1", ADMINISTRATIVE, True),
        ("nhu-xuan", "nhu-xuan", "2023", STATISTICAL, True),
        ("nhu-xuan", "binh-luong", "2025-06", STATISTICAL, True),
        ("nhu-xuan", "binh-luong", "2025-H1", STATISTICAL, True),
        ("nhu-xuan", "binh-luong", "2025-07", ADMINISTRATIVE, False),
        ("nhu-xuan", "binh-luong", "2025", STATISTICAL, False),
        ("nhu-xuan", "nhu-xuan", "2025-07", STATISTICAL, False),
        ("ke-nhiem-nhu-xuan", "binh-luong", "2025-06", STATISTICAL, False),
        ("ke-nhiem-nhu-xuan", "binh-luong", "2025-07", ADMINISTRATIVE, True),
        ("ke-nhiem-nhu-xuan", "binh-luong", "2025-07", STATISTICAL, True),
        ("ke-nhiem-nhu-xuan", "binh-luong", "2023-H1", ADMINISTRATIVE, False),
        ("ke-nhiem-nhu-xuan", "nhu-xuan", "2023-H1", ADMINISTRATIVE, False),
        ("thanh-hoa", "binh-luong", "2023-H1", ADMINISTRATIVE, True),
        ("thanh-hoa", "nhu-xuan", "2023-H1", ADMINISTRATIVE, True),
        ("thanh-hoa", "ke-nhiem-nhu-xuan", "2026", STATISTICAL, True),
        ("binh-luong", "thanh-hoa", "2023-H1", ADMINISTRATIVE, False),
        ("atlantis", "atlantis", "2023-H1", ADMINISTRATIVE, False),
        ("atlantis", "binh-luong", "2023-H1", ADMINISTRATIVE, False),
        ("binh-luong", "atlantis", "2023-H1", ADMINISTRATIVE, False),
    ],
)
def test_a_unit_reads_itself_and_below_as_of_the_last_day(
    directory: Directory, reader: str, unit: str, period: str, calendar: str, may: bool
) -> None:
    assert may_read_unit(reader, unit, parse(period, calendar).last, directory) is may


@pytest.mark.parametrize(
    ("said", "kept_out"),
    [
        (["ca-binh-luong"], {"binh-luong"}),
        (["binh-luong"], {"binh-luong"}),
        (["school"], {"binh-luong"}),
        (["te-thanh-hoa"], {"thanh-hoa"}),
        (["ke-nhiem-nhu-xuan", "a-new-agency"], {"ke-nhiem-nhu-xuan"}),
        ([], set()),
    ],
)
def test_a_unit_is_kept_out_when_somebody_says_so_of_one_of_its_agencies(directory, said, kept_out) -> None:
    clear = Clear(commune="binh-luong", kinds=("VIOLENCE",), relations=("TEACHER",), withhold_from=frozenset(said))
    units = ("binh-luong", "ke-nhiem-nhu-xuan", "thanh-hoa")
    assert {unit for unit in units if unit_kept_out(unit, clear, directory)} == kept_out


@settings(max_examples=60, deadline=None, database=None)
@given(UNITS, st.integers(2020, 2030), st.integers(1, 12), st.sampled_from(CALENDARS))
def test_at_any_time_exactly_one_unit_is_directly_above_the_commune(
    unit: str, year: int, month: int, calendar: str
) -> None:
    last = parse(f"{year}-{month:02d}", calendar).last
    between = [code for code in ("nhu-xuan", "ke-nhiem-nhu-xuan")
               if may_read_unit(code, "binh-luong", last, SHIPPED_DIRECTORY)]  # fmt: skip
    assert len(between) == 1
    if may_read_unit(unit, "binh-luong", last, SHIPPED_DIRECTORY) and unit != "binh-luong":
        assert not may_read_unit("binh-luong", unit, last, SHIPPED_DIRECTORY)
