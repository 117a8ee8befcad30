"""Clocks on a page: what notify told holds, the rest is counted alike, and only the law is called law."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.reporting.staff.case_clocks import clocks_of, next_of
from tests.unit.reporting.staff.conftest import NOW, case, clock_told, step

HOUR = timedelta(hours=1)


def clocks(found, directory, at=NOW):
    return {clock.code: clock for clock in clocks_of(found, directory, at)}


def states(found, directory, at=NOW):
    return {code: clock.state for code, clock in clocks(found, directory, at).items()}


def test_a_report_starts_three_clocks(directory):
    shown = clocks(case(), directory)
    assert shown["EMERGENCY_MEASURE"].due == NOW + 12 * HOUR
    assert shown["PLAN_SUBMITTED"].due == datetime(2026, 12, 2, 16, 59, 59, tzinfo=UTC)
    assert {clock.state for clock in shown.values()} == {"running"}
    assert set(shown) == {"EMERGENCY_MEASURE", "PLAN_SUBMITTED", "PLAN_APPROVED"}


def test_the_decree_gives_hours_only_to_what_is_urgent(directory):
    calm = case(kinds=["DROWNING"], immediate_danger=False)
    assert "EMERGENCY_MEASURE" not in clocks(calm, directory)


def test_what_has_run_out_comes_first_and_says_by_how_much(directory):
    found = clocks_of(case(), directory, NOW + 13 * HOUR + timedelta(minutes=25))
    assert (found[0].code, found[0].state, found[0].words) == ("EMERGENCY_MEASURE", "late", "quá 1 giờ 25 phút")
    assert next_of(found) is found[0]


@pytest.mark.parametrize("answer", ["EMERGENCY_APPLIED", "EMERGENCY_NOT_NEEDED", "ISOLATED"])
def test_a_step_answers_its_clock_before_notify_has_said_so(directory, answer):
    assert states(case(step(answer, 2)), directory, NOW + 20 * HOUR)["EMERGENCY_MEASURE"] == "met"
    assert states(case(step(answer, 13)), directory, NOW + 20 * HOUR)["EMERGENCY_MEASURE"] == "met_late"


@pytest.mark.parametrize("told", ["EMERGENCY_APPLIED", "PLAN_APPROVED", "CLOSED"])
def test_what_a_partner_tells_answers_and_ends_no_clock(told, directory):
    found = case(step(told, 2, client="hospital"))
    assert set(states(found, directory, NOW + 3 * HOUR).values()) == {"running"}


def test_a_date_of_last_year_answers_no_clock(directory):
    backdated = case(step("EMERGENCY_APPLIED", -24 * 400, recorded_at=(NOW + 20 * HOUR).isoformat()))
    assert states(backdated, directory, NOW + 21 * HOUR)["EMERGENCY_MEASURE"] == "met_late"


def test_an_approval_of_no_plan_answers_no_clock(directory):
    shown = states(case(step("PLAN_APPROVED", 2)), directory)
    assert (shown["PLAN_SUBMITTED"], shown["PLAN_APPROVED"]) == ("running", "running")
    shown = states(case(step("PLAN_SUBMITTED", 1), step("PLAN_APPROVED", 2, by="acc-chairman")), directory)
    assert (shown["PLAN_SUBMITTED"], shown["PLAN_APPROVED"]) == ("met", "met")


def test_what_notify_told_holds(directory):
    due = NOW + 6 * HOUR
    met = case(clock_told("EMERGENCY_MEASURE", "met", due, met=NOW + HOUR))
    late = case(clock_told("EMERGENCY_MEASURE", "late", due, met=NOW + 7 * HOUR))
    stopped = case(clock_told("EMERGENCY_MEASURE", "stopped", due))
    missed = case(clock_told("EMERGENCY_MEASURE", "missed", due))
    at = NOW + 8 * HOUR
    assert [states(one, directory, at)["EMERGENCY_MEASURE"] for one in (met, late, stopped, missed)] == [
        "met",
        "met_late",
        "stopped",
        "late",
    ]
    assert clocks(missed, directory, at)["EMERGENCY_MEASURE"].due == due


def test_isolation_has_a_clock_only_when_somebody_ordered_it(directory):
    shown = clocks(case(step("ISOLATED", 1), step("ISOLATED", 30)), directory)
    assert shown["ISOLATION_END"].due == NOW + HOUR + timedelta(days=15)
    ended = case(step("ISOLATED", 1), step("ISOLATION_ENDED", 30))
    assert states(ended, directory)["ISOLATION_END"] == "met"


def test_an_ended_case_has_no_clock_running(directory):
    ended = case(step("UNFOUNDED", 2))
    assert set(states(ended, directory, NOW + 90 * HOUR).values()) == {"stopped"}
    missed = case(step("UNFOUNDED", 14), clock_told("EMERGENCY_MEASURE", "missed", NOW + 12 * HOUR))
    assert states(missed, directory, NOW + 90 * HOUR)["EMERGENCY_MEASURE"] == "missed"


def test_a_reopened_case_counts_from_then(directory):
    again = case(step("EMERGENCY_APPLIED", 1), step("CLOSED", 2), step("REOPENED", 50))
    shown = clocks(again, directory, NOW + 51 * HOUR)
    assert (shown["EMERGENCY_MEASURE"].due, shown["EMERGENCY_MEASURE"].state) == (NOW + 62 * HOUR, "running")


def test_a_report_entered_afterwards_has_no_clock(directory):
    assert clocks(case(backfill=True), directory) == {}


def test_a_length_that_nobody_read_in_the_law_is_not_shown_as_law(directory):
    shown = clocks(case(), directory, NOW + timedelta(days=60))
    assert (shown["EMERGENCY_MEASURE"].law, shown["PLAN_APPROVED"].law) == (True, False)
    assert shown["EMERGENCY_MEASURE"].basis == "Thời hạn theo Nghị định 56/2017/NĐ-CP, Điều 26 khoản 3"
    assert shown["PLAN_APPROVED"].basis.startswith("Mốc nhắc việc, không phải thời hạn luật định")
    assert (shown["EMERGENCY_MEASURE"].late_by_law, shown["PLAN_APPROVED"].late_by_law) == (True, False)


def test_a_clock_of_a_decree_whose_length_is_not_verified_is_not_shown_as_law_either(directory):
    doubted = {
        code: replace(clock, verified=False) if code == "EMERGENCY_MEASURE" else clock
        for code, clock in directory.clocks.items()
    }
    shown = clocks(case(), replace(directory, clocks=doubted))["EMERGENCY_MEASURE"]
    assert shown.basis.startswith("Mốc nhắc việc, chưa đối chiếu với văn bản")
    assert not shown.law


def test_what_the_directory_leaves_open_is_not_a_duty_officers_business(directory):
    shown = clocks_of(case(), directory, NOW)

    assert any("UNVERIFIED" in directory.clock(clock.code).note for clock in shown)
    assert all("UNVERIFIED" not in clock.note for clock in shown)
