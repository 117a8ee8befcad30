"""What a viewer sees: judged anew at each request, by the strictest of what an incident's cases say."""

from __future__ import annotations

import pytest

from services.reporting.staff.sight import Sight, agreed
from tests.unit.reporting.staff.conftest import ACCOUNTS, NOW, alerted, case, cases, reported, step, viewer


@pytest.fixture
def sight(directory, roster):
    return lambda role: Sight(viewer(role), directory, roster, NOW)


@pytest.mark.parametrize("role", ["committee", "chairman", "clerk", "police", "head"])
def test_who_owes_a_duty_sees_the_case(sight, role):
    assert sight(role).may("case.show", case())


@pytest.mark.parametrize("role", ["school", "district", "member"])
def test_who_owes_none_does_not(sight, role):
    assert not sight(role).may("case.show", case())


def test_a_conflict_of_one_person_closes_the_case_to_that_person_alone(sight):
    kept = case(step("CONFLICT_DECLARED", withhold_contacts=["bvte-3"]))
    assert not sight("head").may("case.show", kept)
    assert sight("committee").may("case.show", kept)


def test_an_agency_kept_away_takes_its_people_along_wherever_they_sit(sight):
    kept = case(step("CONFLICT_DECLARED", withhold_from=["th-binh-luong"]))
    assert not sight("head").may("case.show", kept)


def test_one_sight_may_judge_a_case_before_and_after_a_conflict(sight):
    """The answers that a sight keeps are of the facts, not of the case."""
    one = sight("police")
    assert one.may("case.show", case())
    assert not one.may("case.show", case(step("CONFLICT_DECLARED", withhold_from=["ca-binh-luong"])))


def test_while_the_cases_of_an_incident_are_written_the_stricter_holds(sight):
    old = cases(reported(children=2))
    new = cases(reported(children=2), step("CONFLICT_DECLARED", withhold_from=["ca-binh-luong"]))
    assert sight("police").only("case.list", [old[0], new[1]]) == []
    assert len(sight("police").only("case.list", old)) == 2


def test_while_a_release_is_written_the_stricter_holds_too():
    old, new = cases(reported(children=2)), cases(reported(children=2), step("AGENCY_RELEASED", released=["th"]))
    assert [one["released"] for one in agreed([old[0], new[1]])] == [[], []]


def test_the_school_of_one_child_sees_that_childs_case_alone(sight):
    found = cases(reported(schools=("th-binh-luong", "thcs-binh-luong", None)), alerted("th-binh-luong"))
    assert [one["number"] for one in sight("school").only("case.list", found)] == [1]


def test_the_note_of_a_step_opens_to_whoever_may_open_everything(sight):
    found = case(schools=("th-binh-luong",))
    assert sight("school").may_open("child", found)
    assert not sight("school").may_open("step:e", found)
    assert sight("police").may_open("step:e", found)
    assert not sight("clerk").may_open("child", found)


def test_who_submitted_a_plan_does_not_approve_it(sight):
    theirs = case(step("PLAN_SUBMITTED", by="acc-chairman"))
    others = case(step("PLAN_SUBMITTED", by="acc-committee"))
    assert "PLAN_APPROVED" not in sight("chairman").steps(theirs)
    assert "PLAN_APPROVED" in sight("chairman").steps(others)
    assert "PLAN_APPROVED" not in sight("committee").steps(others)


def test_nobody_approves_a_plan_that_was_not_submitted(sight):
    assert "PLAN_APPROVED" not in sight("chairman").steps(case(step("MEETING_HELD")))


def test_nor_under_another_hat(sight):
    """The chairman's contact is another account's too."""
    theirs = case(step("PLAN_SUBMITTED", by="acc-other", contact="bvte-2"))
    assert "PLAN_APPROVED" not in sight("chairman").steps(theirs)


@pytest.mark.parametrize("role", sorted(ACCOUNTS))
def test_a_list_looks_at_the_unit_and_the_agency_of_the_viewer(sight, role):
    agency, _, unit = ACCOUNTS[role]
    assert sight(role).places == [place for place in (unit, agency) if place]
