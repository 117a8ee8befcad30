"""What the steps of a case say: where it stands, and who must not know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.reporting.cases import Fact, fold
from services.reporting.lifecycle import involved, state_of, steps_of
from shared.events import Event

START = datetime(2023, 6, 1, 1, tzinfo=UTC)


def step(name, hours=1, *, case="i-1", event=None, recorded=None, **fields):
    at = START + timedelta(hours=hours)
    data = {
        "incident_id": "i",
        "case_id": case,
        "step": name,
        "at": at.isoformat(),
        "recorded_at": (START + timedelta(hours=recorded or hours)).isoformat(),
        "by": "u",
        "role": "committee",
        **fields,
    }
    return Event(event or f"{name}-{hours}-{case}", "case.step_recorded", "/intake/a", at, data, subject="i")


def alert(agency, state="raised", version=1, *, alert_id=None, reason=None):
    data = {
        "incident_id": "i",
        "alert_id": alert_id or agency,
        "agency": agency,
        "state": state,
        "version": version,
        "reason": reason,
    }
    return Event(f"{agency}-{state}-{version}", f"alert.{state}", "/notify", START, data, subject="i")


def reported(*schools, **facts):
    data = {
        "incident_id": "i",
        "code": "CODE",
        "received_at": START.isoformat(),
        "accepted_at": START.isoformat(),
        "commune": "binh-luong",
        "kinds": ["VIOLENCE"],
        "client": "public",
        "cases": [
            {"case_id": f"i-{number}", "number": number, "school": school}
            for number, school in enumerate(schools or (None,), start=1)
        ],
        "sealed": {},
        **facts,
    }
    return Event("i", "incident.reported", "/intake/a", START, data, subject="i")


def folded(*events):
    return fold([Fact(event) for event in events], lambda commune: commune)


def state(*steps):
    return state_of(steps_of(steps)[0])[0]


def test_a_case_goes_through_the_steps_of_the_decree():
    names = ["INITIAL_ASSESSED", "EMERGENCY_APPLIED", "DETAILED_ASSESSED", "MEETING_HELD", "PLAN_SUBMITTED"]
    names += ["PLAN_APPROVED", "REVIEWED", "CLOSED"]
    # Each by another: nobody approves their own plan.
    steps = [step(name, hours, by=f"u-{hours}") for hours, name in enumerate(names, start=1)]
    assert state() == "RECEIVED"
    assert [state(*steps[:count]) for count in range(1, 9)] == names


def test_a_step_typed_late_stands_where_it_was_done():
    plan, late = step("PLAN_SUBMITTED", 5), step("INITIAL_ASSESSED", 1, recorded=9)
    assert state(plan, late) == "PLAN_SUBMITTED"
    assert [one["step"] for one in steps_of([plan, late])[0]] == ["INITIAL_ASSESSED", "PLAN_SUBMITTED"]


def test_a_review_may_lead_to_a_new_plan():
    assert state(step("REVIEWED", 1), step("PLAN_SUBMITTED", 2)) == "PLAN_SUBMITTED"
    assert state(step("REVIEWED", 1), step("MEETING_HELD", 2)) == "REVIEWED"


@pytest.mark.parametrize("end", ["CLOSED", "UNFOUNDED", "TRANSFERRED", "MERGED_INTO"])
def test_an_end_holds_until_the_case_is_reopened(end):
    before = [step("PLAN_SUBMITTED", 0.5, by="v"), step("PLAN_APPROVED", 1), step(end, 2)]
    assert state(*before, step("REVIEWED", 3)) == end
    assert state(*before, step("REOPENED", 3)) == "PLAN_APPROVED"
    assert state(*before, step("REOPENED", 3), step("REVIEWED", 4)) == "REVIEWED"


@pytest.mark.parametrize(
    "name", ["CONFLICT_DECLARED", "AGENCY_RELEASED", "QUESTION_TO_REPORTER", "EMERGENCY_NOT_NEEDED"]
)
def test_other_steps_leave_a_case_where_it_is(name):
    assert state(step("INITIAL_ASSESSED", 1), step(name, 2)) == "INITIAL_ASSESSED"


def test_a_step_is_of_one_child():
    cases = folded(reported(None, None, None), step("CLOSED", case="i-2"))
    assert [(case["state"], case["open"]) for case in cases] == [
        ("RECEIVED", True),
        ("CLOSED", False),
        ("RECEIVED", True),
    ]


def test_a_conflict_declared_for_one_child_holds_for_every_child_of_the_incident():
    declared = step("CONFLICT_DECLARED", case="i-2", withhold_from=["ca-binh-luong"], withhold_contacts=["bvte-3"])
    for case in folded(reported(None, None), declared):
        assert case["withhold_from"] == ["ca-binh-luong"]
        assert case["withhold_contacts"] == ["bvte-3"]


def test_a_conflict_that_came_before_the_report_holds():
    declared = step("CONFLICT_DECLARED", withhold_from=["th-binh-luong"])
    assert folded(declared, reported())[0]["withhold_from"] == ["th-binh-luong"]


def test_only_the_step_made_for_it_releases_and_only_from_staff():
    assert folded(reported(), step("AGENCY_RELEASED", released=["th"]))[0]["released"] == ["th"]
    assert folded(reported(), step("CLOSED", released=["th"]))[0]["released"] == []
    assert folded(reported(), step("AGENCY_RELEASED", released=["th"], client="school-app"))[0]["released"] == []


def test_involved_are_agencies_that_an_alert_was_for_or_climbed_to():
    events = [alert("ca"), alert("bvte", "escalated", 2, reason="told:te-tinh"), alert("bvte", "sent", 3)]
    assert involved(events) == ["bvte", "ca", "te-tinh"]


def test_an_agency_whose_every_alert_was_withdrawn_is_not_involved_any_more():
    gone = [alert("ca", version=1), alert("ca", "withdrawn", 2)]
    assert involved(gone) == involved(reversed(gone)) == []
    assert involved([*gone, alert("ca", version=1, alert_id="second")]) == ["ca"]


def test_the_school_of_one_child_is_nobody_in_the_case_of_another():
    cases = folded(reported("th", "thcs", None), alert("th"), alert("thcs"), alert("ca"))
    assert [case["involved"] for case in cases] == [["ca", "th"], ["ca", "thcs"], ["ca"]]
    assert [case["reach"] for case in cases] == [
        ["binh-luong", "ca", "th"],
        ["binh-luong", "ca", "thcs"],
        ["binh-luong", "ca"],
    ]


def test_a_merged_case_says_into_which():
    case = folded(reported(), step("MERGED_INTO", merged_into="OTHER-1"))[0]
    assert (case["state"], case["merged_into"]) == ("MERGED_INTO", "OTHER-1")
    again = folded(reported(), step("MERGED_INTO", 1, merged_into="OTHER-1"), step("REOPENED", 2))[0]
    assert again["merged_into"] is None


def test_what_was_written_about_a_step_stays_sealed():
    case = folded(reported(), step("CLOSED", note="MARKER", fields={"a": "MARKER"}, sealed={"parts": {"step": "x"}}))
    assert "MARKER" not in str(case)
    assert "sealed" not in case[0]["steps"][0]


def one_case(*events, **facts):
    (case,) = fold([Fact(event) for event in (reported(None, **facts), *events)], lambda commune: commune)
    return case


CONFLICT = step("CONFLICT_DECLARED", 2, withhold_contacts=["bvte-2"], contact="bvte-1")


@pytest.mark.parametrize(
    "late",
    [
        step("CLOSED", 3, contact="bvte-2"),
        step("UNFOUNDED", 1, recorded=3, contact="bvte-2"),
        step("EMERGENCY_NOT_NEEDED", 3, contact="bvte-2"),
    ],
)
def test_who_must_not_know_any_more_ends_nothing_with_a_form_that_was_still_open(late):
    case = one_case(late, CONFLICT)

    assert (case["state"], case["open"]) == ("RECEIVED", True)
    assert [one["afterwards"] for one in case["steps"] if one["contact"] == "bvte-2"] == [True]


def test_who_must_not_know_any_more_lets_nobody_back_in():
    release = step("AGENCY_RELEASED", 3, contact="bvte-2", released=["th-binh-luong"])

    assert one_case(CONFLICT, release)["released"] == []
    assert one_case(CONFLICT, step("AGENCY_RELEASED", 3, contact="bvte-1", released=["th-binh-luong"]))["released"] == [
        "th-binh-luong"
    ]


def test_what_was_written_before_the_declaration_holds():
    assert one_case(step("CLOSED", 1, contact="bvte-2"), CONFLICT)["state"] == "CLOSED"


def test_who_declares_their_own_conflict_is_heeded():
    own = step("CONFLICT_DECLARED", 2, contact="bvte-2", withhold_contacts=["bvte-2"])
    case = one_case(own)

    assert case["withhold_contacts"] == ["bvte-2"]
    assert [one["afterwards"] for one in case["steps"]] == [False]


def test_an_agency_that_the_report_itself_kept_out_decides_nothing():
    assert one_case(step("CLOSED", agency="th-binh-luong"), withhold_from=["th-binh-luong"])["state"] == "RECEIVED"


@pytest.mark.parametrize("who", [{"withhold_from": ["th-binh-luong"]}, {"withhold_contacts": ["bvte-1"]}])
def test_who_must_not_know_any_more_keeps_nobody_else_out(who):
    case = one_case(
        CONFLICT, step("CONFLICT_DECLARED", 3, contact="bvte-2", **who), step("CLOSED", 4, contact="bvte-1")
    )

    assert (case["withhold_from"], case["withhold_contacts"], case["state"]) == ([], ["bvte-2"], "CLOSED")


def test_what_staff_declared_by_a_slip_is_lifted_and_what_the_reporter_asked_is_not():
    slip = step("CONFLICT_DECLARED", 2, contact="th-1", withhold_from=["bvte-binh-luong", "ca-binh-luong"])
    release = step("AGENCY_RELEASED", 3, contact="ct-1", released=["bvte-binh-luong", "ca-binh-luong"])
    case = one_case(slip, release, withhold_from=["ca-binh-luong"])

    assert (case["withhold_from"], case["liftable"]) == (["ca-binh-luong"], [])
    assert one_case(slip, withhold_from=["ca-binh-luong"])["liftable"] == ["bvte-binh-luong"]


def test_a_supplement_keeps_out_whoever_writes_after_it():
    at = START + timedelta(hours=2)
    data = {"incident_id": "i", "accepted_at": at.isoformat(), "withhold_from": ["th-binh-luong"]}
    added = Event("s", "incident.supplemented", "/intake/a", at, data, subject="i")

    assert one_case(added, step("CLOSED", 3, agency="th-binh-luong"))["state"] == "RECEIVED"
    assert one_case(added, step("CLOSED", 1, agency="th-binh-luong"))["state"] == "CLOSED"


@pytest.mark.parametrize(
    ("author", "state"),
    [
        ({"by": "u"}, "PLAN_SUBMITTED"),
        ({"by": "v", "contact": "ct-1"}, "PLAN_APPROVED"),
        ({"by": "v", "contact": "ct-1", "contacts": ["ct-1", "bvte-1"]}, "PLAN_SUBMITTED"),
    ],
)
def test_nobody_approves_their_own_plan_with_an_open_grant_or_under_another_hat(author, state):
    plan = step("PLAN_SUBMITTED", 2, contact="bvte-1")
    case = one_case(plan, step("PLAN_APPROVED", 3, **author))

    assert case["state"] == state
    assert [one["own_plan"] for one in case["steps"]] == [False, state != "PLAN_APPROVED"]


def test_a_plan_that_nobody_submitted_is_not_approved():
    case = one_case(step("PLAN_APPROVED", 2), step("MEETING_HELD", 1))
    assert case["state"] == "MEETING_HELD"
    assert [one["no_plan"] for one in case["steps"]] == [False, True]


def test_nor_by_a_plan_that_was_submitted_after_it_or_for_another_child():
    before, after = step("PLAN_APPROVED", 2, by="v"), step("PLAN_SUBMITTED", 3)
    assert one_case(before, after)["state"] == "PLAN_SUBMITTED"
    other, here = step("PLAN_SUBMITTED", 1, case="i-1"), step("PLAN_APPROVED", 2, by="v", case="i-2")
    assert [case["state"] for case in folded(reported(None, None), other, here)] == ["PLAN_SUBMITTED", "RECEIVED"]


def test_a_plan_of_somebody_else_that_came_later_may_be_approved():
    plans = (step("PLAN_SUBMITTED", 2), step("PLAN_SUBMITTED", 3, by="v"))
    assert one_case(*plans, step("PLAN_APPROVED", 4))["state"] == "PLAN_APPROVED"
