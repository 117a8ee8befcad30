"""The shipped directory says what the commune's plan and the law's timetable say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.directory import Directory, load
from shared.directory import directory as directory_module
from shared.directory.checks.tree import boundaries
from tests.unit.directory.conftest import SHIPPED

IN_2023 = date(2023, 6, 1)
LAST_DISTRICT_DAY = date(2025, 6, 30)
FIRST_DAY_AFTER = date(2025, 7, 1)


def test_the_commune_has_six_villages(directory: Directory) -> None:
    villages = directory.units_under("binh-luong", IN_2023)
    assert [village.code for village in villages] == [f"thon-{n}" for n in range(1, 7)]


@pytest.mark.parametrize(
    ("day", "above"),
    [
        (IN_2023, ["nhu-xuan", "thanh-hoa"]),
        (LAST_DISTRICT_DAY, ["nhu-xuan", "thanh-hoa"]),
        (FIRST_DAY_AFTER, ["ke-nhiem-nhu-xuan", "thanh-hoa"]),
    ],
)
def test_the_district_ends_with_june_2025(directory: Directory, day: date, above: list[str]) -> None:
    assert [unit.code for unit in directory.units_above("binh-luong", day)] == above


def test_an_instant_is_judged_by_its_local_day(directory: Directory) -> None:
    before = datetime(2025, 6, 30, 16, 59, tzinfo=UTC)
    assert directory.units_above("binh-luong", before)[0].code == "nhu-xuan"
    assert directory.units_above("binh-luong", before + timedelta(minutes=1))[0].code == "ke-nhiem-nhu-xuan"


@pytest.mark.parametrize(
    ("agency", "in_2023", "after"),
    [
        ("bvte-binh-luong", "pldtbxh-nhu-xuan", "te-ke-nhiem-nhu-xuan"),
        ("ca-binh-luong", "ca-nhu-xuan", "ca-ke-nhiem-nhu-xuan"),
        ("mn-binh-luong", "pgd-nhu-xuan", "gd-ke-nhiem-nhu-xuan"),
        ("th-binh-luong", "pgd-nhu-xuan", "gd-ke-nhiem-nhu-xuan"),
        ("thcs-binh-luong", "pgd-nhu-xuan", "gd-ke-nhiem-nhu-xuan"),
    ],
)
def test_each_agency_has_its_superior_in_time(directory: Directory, agency: str, in_2023: str, after: str) -> None:
    for day, expected in ((IN_2023, in_2023), (LAST_DISTRICT_DAY, in_2023), (FIRST_DAY_AFTER, after)):
        superior = directory.superior(agency, day)
        assert superior is not None
        assert superior.code == expected


def test_what_nobody_confirmed_is_marked(directory: Directory) -> None:
    for code in ("ke-nhiem-nhu-xuan", "thon-1"):
        unit = directory.unit(code)
        assert unit is not None
        assert not unit.confirmed
    for agency in directory.agencies("ke-nhiem-nhu-xuan"):
        assert not agency.confirmed
        assert "cần xác nhận" in agency.vi


def test_only_lengths_read_in_the_law_are_verified(directory: Directory) -> None:
    verified = {code for code, clock in directory.clocks.items() if clock.verified}
    assert verified == {"EMERGENCY_MEASURE", "PLAN_SUBMITTED", "ISOLATION_END"}
    assert directory.clock("PLAN_APPROVED").basis_kind == "published_procedure"
    assert "không phải quy định của nghị định" in directory.clock("PLAN_APPROVED").basis
    assert directory.clock("ACKNOWLEDGE").basis_kind == "internal"


def test_the_clocks_have_the_lengths_of_the_timetable(directory: Directory) -> None:
    for code in ("ACKNOWLEDGE", "ESCALATE"):
        assert directory.clock(code).limit_for(urgent=True).wall == timedelta(minutes=5)
        assert directory.clock(code).limit_for(urgent=False).wall == timedelta(minutes=30)
    assert directory.clock("EMERGENCY_MEASURE").limit_for(urgent=True).wall == timedelta(hours=12)
    assert directory.clock("EMERGENCY_MEASURE").limit_for().wall == timedelta(hours=12)
    assert directory.clock("PLAN_SUBMITTED").limit_for().working_days == 5
    assert directory.clock("PLAN_APPROVED").limit_for().working_days == 7
    assert directory.clock("ISOLATION_END").limit_for().wall == timedelta(days=15)


def test_twelve_hours_run_through_night_and_holiday_while_working_days_do_not(directory: Directory) -> None:
    night_before_the_holidays = datetime(2023, 4, 28, 15, 30, tzinfo=UTC)  # 22:30 on a Friday
    emergency = directory.clock("EMERGENCY_MEASURE").limit_for().due(night_before_the_holidays, directory.workdays)
    plan = directory.clock("PLAN_SUBMITTED").limit_for().due(night_before_the_holidays, directory.workdays)
    assert emergency == datetime(2023, 4, 29, 3, 30, tzinfo=UTC)
    assert plan == datetime(2023, 5, 10, 16, 59, 59, tzinfo=UTC)  # 4, 5, 8, 9, 10 May


def test_every_age_has_one_band(directory: Directory) -> None:
    bands = [directory.age_band(age).code for age in (0, 2, 3, 5, 6, 9, 10, 11, 15, 16, 17)]
    assert bands == ["0-2", "0-2", "3-5", "3-5", "6-10", "6-10", "6-10", "11-15", "11-15", "16-17", "16-17"]
    assert directory.age_band(None).code == directory.age_band(18).code == directory.age_band(99).code == "UNKNOWN"


def test_reported_children_is_counted_by_reception(directory: Directory) -> None:
    indicator = directory.indicators["REPORTED_CHILDREN"]
    assert (indicator.date_field, indicator.way) == ("received_at", "sum")
    assert indicator.groupings == ("kind", "sex", "age_band", "village")


def test_nothing_changes_between_two_boundaries(directory: Directory) -> None:
    assert boundaries(directory) == [date(1900, 1, 1), FIRST_DAY_AFTER]
    assert directory.tree.key_on(IN_2023) == directory.tree.key_on(LAST_DISTRICT_DAY)
    assert directory.tree.key_on(LAST_DISTRICT_DAY) != directory.tree.key_on(FIRST_DAY_AFTER)


def test_what_is_unknown_is_answered_and_not_raised(directory: Directory) -> None:
    assert directory.unit("atlantis") is None
    assert directory.agency("nowhere") is None
    assert directory.superior("nowhere", IN_2023) is None
    assert directory.units_above("atlantis", IN_2023) == ()
    assert directory.place("atlantis", IN_2023) == directory.place(None, IN_2023) == "binh-luong"
    assert directory.place("nhu-xuan", FIRST_DAY_AFTER) == "binh-luong"
    code = directory.code("kinds", "NEW_KIND")
    assert (code.known, code.label("vi"), code.flag("abuse")) == (False, "NEW_KIND", False)


def test_a_duty_falls_on_the_commune_or_on_who_is_above(directory: Directory) -> None:
    def codes(kind: str, commune: str | None, schools: tuple[str, ...], at: date) -> list[str]:
        return [agency.code for agency in directory.responsible(kind, commune, schools, at)]

    assert codes("committee", "binh-luong", (), IN_2023) == ["bvte-binh-luong"]
    assert codes("committee", "atlantis", (), IN_2023) == ["bvte-binh-luong"]
    assert codes("child_superior", "binh-luong", (), IN_2023) == ["pldtbxh-nhu-xuan"]
    assert codes("child_superior", "binh-luong", (), FIRST_DAY_AFTER) == ["te-ke-nhiem-nhu-xuan"]
    assert codes("school", "binh-luong", ("th-binh-luong", "th-binh-luong"), IN_2023) == ["th-binh-luong"]
    assert codes("school", "binh-luong", (), IN_2023) == []
    assert codes("school", "binh-luong", ("ca-binh-luong", "unknown-school"), IN_2023) == []


def test_agencies_are_found_by_code_and_name_and_the_names_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The public form asks for two hundred names in one request, and a province may have a thousand agencies."""
    directory, read = load(SHIPPED), []
    plain = directory_module._plain
    monkeypatch.setattr(directory_module, "_plain", lambda text: read.append(text) or plain(text))
    school = directory.agency("th-binh-luong")
    assert school is not None

    for typed in ("th-binh-luong", school.vi.upper(), f"  {school.en} ", school.vi.replace(" ", "\n ")):
        assert list(directory.agencies_called(typed)) == ["th-binh-luong"]
    assert list(directory.agencies_called("nơi nào đó")) == []
    assert len(read) <= 3 * len(directory.all_agencies) + 5
