"""The fold: any order, any duplication, the same cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.cases import Fact, fold, incident_of, order_of, places
from shared.events import Event
from shared.failures import Permanent

TIME = datetime(2023, 6, 1, 1, tzinfo=UTC)
MOMENTS = [
    f"2023-0{month}-{day:02d}T{hour:02d}:30:00+07:00" for month in (5, 6) for day in (1, 14, 15) for hour in (0, 23)
]


def reported(received=MOMENTS[0], *, drill=False, source="/intake/a", seq=1, **facts):
    data = {
        "incident_id": "i",
        "code": "CODE",
        "received_at": received,
        "accepted_at": "2023-06-20T00:00:00Z",
        "commune": "binh-luong",
        "kinds": ["VIOLENCE"],
        "client": "public",
        "cases": [{"case_id": "i-1", "number": 1, "school": "th"}, {"case_id": "i-2", "number": 2}],
        "sealed": {},
        **facts,
    }
    return Event("i", "incident.reported", source, TIME, data, subject="i", spool=source, seq=seq, drill=drill)


def told(name, **data):
    return Event(f"{name}-{sorted(data.items())}", name, "/x", TIME, {"incident_id": "i", **data}, subject="i")


def counting(age):
    return {"i-1": {"case_id": "i-1", "sex": "FEMALE", "age_received": age, "groups": ["B", "A", "A"]}}


def same(commune):
    return commune


copies = st.builds(
    # What was sealed differs wherever what it holds differs.
    lambda received, source, seq, age: Fact(
        reported(received, source=source, seq=seq, sealed={"wrapped": f"{age}"}), counting(age)
    ),
    st.sampled_from(MOMENTS),
    st.sampled_from(["/intake/a", "/intake/b"]),
    st.integers(1, 3),
    st.integers(8, 10),
)
others = st.one_of(
    st.builds(
        lambda alert, state, version: told(f"alert.{state}", alert_id=alert, state=state, version=version),
        st.sampled_from("ab"),
        st.sampled_from(["raised", "sent", "acknowledged"]),
        st.integers(1, 4),
    ),
    st.builds(
        lambda case, version, state: told(
            f"deadline.{state}", case_id=case, clock="EMERGENCY", version=version, state=state
        ),
        st.sampled_from(["i-1", "i-2", None]),
        st.integers(1, 3),
        st.sampled_from(["warned", "missed", "met"]),
    ),
    st.builds(
        lambda case, step: told("case.step_recorded", case_id=case, step=step, at="2023-06-02T00:00:00Z", by="u"),
        st.sampled_from(["i-1", "i-2"]),
        st.sampled_from(["CLOSED", "REOPENED"]),
    ),
    st.builds(
        lambda kinds, danger: told("incident.supplemented", kinds=kinds, immediate_danger=danger),
        st.lists(st.sampled_from(["NEGLECT", "VIOLENCE"])),
        st.sampled_from([True, False, None]),
    ),
).map(Fact)
facts = st.lists(st.one_of(copies, others), max_size=12)


@given(facts, st.data())
def test_any_order_and_any_duplication_give_the_same_cases(told_once, data):
    again = data.draw(st.lists(st.sampled_from(told_once), max_size=5)) if told_once else []
    shuffled = data.draw(st.permutations(told_once + again))
    assert fold(shuffled, same) == fold(told_once, same)


@given(st.lists(copies, min_size=1))
def test_the_earliest_reception_counts_with_the_age_of_its_day(told_once):
    first = min(told_once, key=lambda fact: order_of(fact.event))
    assert first.event.data["received_at"] == min(fact.event.data["received_at"] for fact in told_once)
    case = fold(told_once, same)[0]
    assert case["received_at"] == datetime.fromisoformat(first.event.data["received_at"])
    assert case["counting"]["age_received"] == first.counting["i-1"]["age_received"]


def test_no_report_no_case():
    assert fold([Fact(told("alert.raised", alert_id="a", version=1))], same) == []


def test_the_highest_version_of_an_alert_wins():
    alerts = [Fact(told(f"alert.{one}", alert_id="a", state=one, version=n)) for n, one in enumerate(["x", "y", "z"])]
    cases = fold([Fact(reported()), *reversed(alerts)], same)
    assert [[one["state"] for one in case["alerts"]] for case in cases] == [["z"], ["z"]]


def test_a_supplement_adds_kinds_and_raises_danger_but_never_lowers_it():
    worse = told("incident.supplemented", kinds=["NEGLECT"], immediate_danger=True)
    better = told("incident.supplemented", kinds=[], immediate_danger=False)
    case = fold([Fact(reported(immediate_danger=False)), Fact(worse), Fact(better)], same)[0]
    assert (case["kinds"], case["immediate_danger"]) == (["NEGLECT", "VIOLENCE"], True)


def test_a_part_that_did_not_open_leaves_unknown_values_and_a_note_to_try_again():
    case = fold([Fact(reported())], same)[0]
    assert (case["counting"]["read"], case["counting"]["sex"], case["refold"]) == (False, None, True)
    assert fold([Fact(reported(), counting(9))], same)[0]["refold"] is False


def test_half_months_are_those_of_the_local_day():
    late = "2023-06-14T18:00:00Z"  # one in the morning of the 15th
    case = fold([Fact(reported(late, occurred_at="2023-05-31T16:59:00Z"))], same)[0]
    assert case["segments"] == {"received_at": "2023-06b", "occurred_at": "2023-05b"}
    assert places(case) == {"binh-luong|2023-06b", "binh-luong|2023-05b"}


def test_a_drill_counts_nowhere():
    assert places(fold([Fact(reported(drill=True))], same)[0]) == set()


def test_a_case_holds_no_field_of_a_person():
    """What the opened part brings along is left behind: the fields are named one by one."""
    names = counting(9)
    names["i-1"]["full_name"] = "MARKER"
    extra = reported()
    extra = replace(
        extra,
        data={
            **extra.data,
            "child": "MARKER",
            "cases": [{**one, "full_name": "MARKER"} for one in extra.data["cases"]],
        },
    )
    assert "MARKER" not in str(fold([Fact(extra, names)], same))


def test_only_families_that_change_a_case_belong_to_an_incident():
    assert incident_of(told("alert.raised")) == "i"
    assert incident_of(told("activity.recorded")) is None
    assert incident_of(Event("e", "incident.supplemented", "/x", TIME, {"receipt_ref": "r"})) is None


YEAR_ONE = ["0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00", "1899-12-31T00:00:00Z", "2201-01-02T00:00:00Z"]


@pytest.mark.parametrize("odd", [*YEAR_ONE, "2023-06-01T07:55:00", "hôm qua"])
def test_a_moment_without_a_local_day_dates_nothing(odd):
    report = reported(MOMENTS[0], occurred_at=odd)
    case = fold([Fact(report)], same)[0]
    assert case["occurred_at"] is None
    assert case["segments"]["occurred_at"] == case["segments"]["received_at"] == "2023-05a"
    late = fold([Fact(reported(odd))], same)[0]
    assert late["received_at"] == datetime(2023, 6, 20, tzinfo=UTC)
    assert late["segments"]["received_at"] == "2023-06b"
    assert order_of(reported(odd)) < order_of(reported("2023-06-21T00:00:00Z"))


def test_a_report_without_any_usable_time_is_refused_with_a_reason():
    with pytest.raises(Permanent, match="time of reception"):
        fold([Fact(reported(YEAR_ONE[0], accepted_at=YEAR_ONE[1]))], same)
