"""Who is still asked, once staff have ended a case, opened it again, or merged it into another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.notify.incident import FIRST_OCCASION
from services.notify.opening import Opened, step_due
from services.notify.routing import route
from services.notify.standing import chase_changed, chased, lacking, link_over
from tests.unit.notify.made import COMMITTEE, POLICE, RECEIVED, added, alert, hours, incident, step


def owed(of, alerts, directory, contacts):
    at = hours(50)
    routed = route(of.clear, directory, contacts, at=at, received_at=of.received_at)
    return {(one.duty.agency, one.occasion) for one in lacking(of, alerts, routed, directory, contacts, at)}


@pytest.mark.parametrize("name", ["CLOSED", "UNFOUNDED", "TRANSFERRED"])
def test_who_ends_a_case_ends_the_alert_of_their_own_agency_and_of_none_that_has_not_answered(name):
    of = incident(step(name, hours(1), agency=COMMITTEE))

    assert not chased(of, alert(COMMITTEE))
    assert chased(of, alert(POLICE)), "one agency's end is not another's"
    assert not chased(of, alert(POLICE, acknowledged_at=hours(0.5)))
    assert chase_changed(of, alert(COMMITTEE)) is False
    assert chase_changed(of, alert(POLICE)) is None


def test_a_duty_that_moves_after_the_end_is_raised_for_whoever_has_it_now(directory, contacts):
    closed = step("CLOSED", hours(1), agency=COMMITTEE)
    conflict = step("CONFLICT_DECLARED", hours(2), agency=COMMITTEE, withhold_from=(POLICE,))
    stored = [alert(COMMITTEE), alert(POLICE, state="withdrawn")]

    assert owed(incident(closed, conflict), stored, directory, contacts) == {("ca-ke-nhiem-nhu-xuan", conflict.id)}
    answered = [alert(COMMITTEE), alert(POLICE, state="withdrawn", acknowledged_at=hours(0.5))]
    assert owed(incident(closed, conflict), answered, directory, contacts) == set(), "it is over, and nobody is woken"


def test_an_incident_of_two_is_asked_for_until_both_have_ended():
    first, second = step("CLOSED", hours(1)), step("CLOSED", hours(2), case="i-2")

    assert chased(incident(first, children=2), alert(COMMITTEE))
    assert not chased(incident(first, second, children=2), alert(COMMITTEE))


def test_a_case_that_is_opened_again_is_an_occasion_for_whoever_had_finished_with_it(directory, contacts):
    again = step("REOPENED", hours(20))
    of = incident(step("CLOSED", hours(10)), again)
    over = alert(COMMITTEE, next_action_at=None, over_at=hours(10))
    answered = alert(POLICE, next_action_at=None, acknowledged_at=hours(1))

    assert owed(of, [over, answered], directory, contacts) == {(COMMITTEE, again.id), (POLICE, again.id)}
    assert chase_changed(of, over) is None, "the new alert asks, and not both"
    new = [alert(one, occasion=again.id, raised_at=hours(19), _id=f"n-{one}") for one in (COMMITTEE, POLICE)]
    new[0] |= {"acknowledged_at": hours(19.5), "next_action_at": None}  # whose clock is behind
    assert owed(of, [over, answered, *new], directory, contacts) == set()


def test_an_alert_that_is_still_asked_by_needs_none_beside_it_when_the_case_is_opened_again(directory, contacts):
    of = incident(step("CLOSED", hours(10)), step("REOPENED", hours(20)))
    over = alert(COMMITTEE, next_action_at=None, exhausted_at=hours(9))

    assert {agency for agency, _ in owed(of, [over, alert(POLICE)], directory, contacts)} == {COMMITTEE}
    climbing = alert(POLICE, exhausted_at=hours(9))
    assert {agency for agency, _ in owed(of, [over, climbing], directory, contacts)} == {COMMITTEE}
    later = alert(COMMITTEE, next_action_at=None, acknowledged_at=hours(21))
    assert owed(of, [later, alert(POLICE)], directory, contacts) == set()


def test_opened_and_ended_again_is_no_occasion(directory, contacts):
    of = incident(step("CLOSED", hours(10)), step("REOPENED", hours(20)), step("CLOSED", hours(21)))

    assert of.reopened is None
    assert owed(of, [alert(COMMITTEE), alert(POLICE)], directory, contacts) == set()


def test_merging_stops_the_alerts_of_all_and_one_that_counts_for_nothing_gives_them_back():
    merged = incident(step("MERGED_INTO", hours(1), merged_into="o-1"))
    void = replace(merged, void_merges=frozenset({merged.facts[0].id}))
    over = alert(POLICE, next_action_at=None, over_at=hours(1))

    assert not chased(merged, alert(POLICE))
    assert chase_changed(merged, alert(POLICE)) is False
    assert chased(void, alert(POLICE))
    assert (chase_changed(void, over), chase_changed(merged, over)) == (True, None)


def test_a_step_answers_only_what_was_asked_before_it_and_for_its_own_child():
    danger = added(hours(2), danger=True)
    before, after = step("INITIAL_ASSESSED", hours(1)), step("EMERGENCY_APPLIED", hours(3))

    assert incident(before, danger).acted_since(FIRST_OCCASION)
    assert not incident(before, danger).acted_since(danger.id)
    assert not incident(before, danger).acted_since(f"{danger.id}/2")
    assert incident(before, danger, after).acted_since(danger.id)
    assert not incident(before, children=2).acted_since(FIRST_OCCASION)
    closed = step("CLOSED", hours(1))
    assert not incident(closed, danger).acted_since(danger.id), "they judged without knowing it"
    other = step("CLOSED", hours(1), case="i-2")
    assert incident(before, other, children=2).acted_since(FIRST_OCCASION), "nothing is left to do for that one"


@pytest.mark.parametrize(
    ("facts", "waits"),
    [
        ((), True),
        ((step("MERGED_INTO", hours(1), merged_into="o-1"),), False),
        ((step("CLOSED", hours(1)),), False),
        ((step("INITIAL_ASSESSED", hours(1)),), False),
        ((step("QUESTION_TO_REPORTER", hours(1)),), True),
    ],
)
def test_nobody_waits_for_a_step_after_what_is_over_or_done(directory, facts, waits):
    due = step_due(Opened(alert(), {}, incident(*facts)), directory, hours(2))

    assert (due is not None) is waits


def test_what_moved_on_after_the_end_is_answered_by_taking_it_in_hand_and_what_was_added_is_not(directory):
    closed = step("CLOSED", hours(1))
    conflict = step("CONFLICT_DECLARED", hours(2), withhold_from=(POLICE,))
    danger = added(hours(2), danger=True)

    moved, more = alert(occasion=conflict.id), alert(occasion=danger.id)
    assert step_due(Opened(moved, {}, incident(closed, conflict)), directory, hours(3)) is None
    assert step_due(Opened(more, {}, incident(closed, danger)), directory, hours(3)) is not None


def test_what_becomes_urgent_later_is_due_from_then(directory, contacts):
    of = incident()

    routed = route(of.clear, directory, contacts, at=hours(31), received_at=RECEIVED, urgent_at=hours(30))
    assert {duty.due_at for duty in routed.duties} == {hours(42)}


@pytest.mark.parametrize(
    ("facts", "stored", "over"),
    [
        ((), {"acknowledged_at": hours(1)}, False),
        ((step("EMERGENCY_APPLIED", hours(2)),), {"acknowledged_at": hours(1)}, True),
        ((step("EMERGENCY_APPLIED", hours(2)),), {}, False),
        ((step("CLOSED", hours(2)),), {}, True),
        ((step("CLOSED", hours(2)),), {"next_action_at": hours(3)}, False),
        ((step("CLOSED", hours(2)), step("PENAL_PROCEDURE", hours(24))), {}, False),
        ((step("CLOSED", hours(2)), step("REOPENED", hours(3))), {}, False),
    ],
)
def test_a_link_has_its_time_once_all_is_done_and_nobody_is_asked_any_more(facts, stored, over):
    asked = alert(**{"next_action_at": None, **stored})

    assert link_over(incident(*facts), asked, hours(2 + 24 * 30 + 1)) is over
    assert not link_over(incident(*facts), asked, hours(24 * 30))
