"""The law's deadlines of each child, from the facts alone."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from services.notify.clocks import (
    APPROVED,
    EMERGENCY,
    ISOLATION,
    LATE,
    MET,
    MISSED,
    RUNNING,
    STOPPED,
    SUBMITTED,
    WARNED,
    clocks_of,
    fold,
)
from services.notify.incident import EARLIER, STEP, SUPPLEMENT, Fact, Incident
from shared.authority import Clear
from tests.unit.notify import made
from tests.unit.notify.made import RECEIVED, hours

incident = partial(made.incident, name="c")
_NUMBER = itertools.count()


def step(name: str, at: datetime, *, case: str = "c-1", typed: datetime | None = None, **more) -> Fact:
    return Fact(f"e-{next(_NUMBER)}", STEP, at, typed or at, case, name, by_staff=True, **more)


def clock(directory, of: Incident, code: str, case: str = "c-1"):
    [found] = [one for one in clocks_of(of, directory) if (one.code, one.case_id) == (code, case)]
    return found


def test_each_child_has_clocks_of_its_own_and_a_step_stops_only_its_own(directory):
    of = incident(step("EMERGENCY_APPLIED", hours(2), case="c-2"), children=3)

    found = clocks_of(of, directory)

    assert len(found) == 9
    states = {one.case_id: one.state(hours(3)) for one in found if one.code == EMERGENCY}
    assert states == {"c-1": RUNNING, "c-2": MET, "c-3": RUNNING}


def test_lengths_are_those_of_the_directory(directory):
    of = incident()

    assert clock(directory, of, EMERGENCY).due_at == hours(12)
    # The end of the fifth and of the seventh working day after a Monday, in Vietnam.
    assert clock(directory, of, SUBMITTED).due_at == datetime(2026, 1, 12, 16, 59, 59, tzinfo=UTC)
    assert clock(directory, of, APPROVED).due_at == datetime(2026, 1, 14, 16, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "state"), [(0, RUNNING), (9.9, RUNNING), (10, WARNED), (11.9, WARNED), (12, MISSED), (99, MISSED)]
)
def test_a_clock_warns_in_its_last_sixth_and_is_missed_at_its_end(directory, at, state):
    assert clock(directory, incident(), EMERGENCY).state(hours(at)) == state


@pytest.mark.parametrize("name", ["EMERGENCY_APPLIED", "EMERGENCY_NOT_NEEDED", "ISOLATED"])
def test_what_meets_the_emergency_clock(directory, name):
    assert clock(directory, incident(step(name, hours(11))), EMERGENCY).state(hours(50)) == MET
    assert clock(directory, incident(step(name, hours(13))), EMERGENCY).state(hours(50)) == LATE


@pytest.mark.parametrize(
    ("name", "submitted", "approved"),
    [("PLAN_SUBMITTED", MET, RUNNING), ("PLAN_APPROVED", RUNNING, RUNNING), ("MEETING_HELD", RUNNING, RUNNING)],
)
def test_what_meets_the_plan_clocks(directory, name, submitted, approved):
    of = incident(step(name, hours(20)))

    assert clock(directory, of, SUBMITTED).state(hours(21)) == submitted
    assert clock(directory, of, APPROVED).state(hours(21)) == approved


def test_a_submitted_plan_that_somebody_else_approves_meets_both(directory):
    of = incident(step("PLAN_SUBMITTED", hours(20), by="a"), step("PLAN_APPROVED", hours(21), by="b"))

    assert [clock(directory, of, code).state(hours(22)) for code in (SUBMITTED, APPROVED)] == [MET, MET]


@pytest.mark.parametrize("name", ["INITIAL_ASSESSED", "CONFLICT_DECLARED", "QUESTION_TO_REPORTER"])
def test_what_meets_no_clock(directory, name):
    assert {one.state(hours(1)) for one in clocks_of(incident(step(name, hours(1))), directory)} == {RUNNING}


@pytest.mark.parametrize("name", ["EMERGENCY_APPLIED", "ISOLATED", "PLAN_SUBMITTED", "PLAN_APPROVED", "CLOSED"])
def test_a_partners_key_meets_and_stops_no_clock(directory, name):
    partners = replace(step(name, hours(1)), by_staff=False)

    assert {one.state(hours(2)) for one in clocks_of(incident(partners), directory)} == {RUNNING}


def test_a_date_of_last_year_meets_no_clock(directory):
    backdated = step("EMERGENCY_APPLIED", hours(-24 * 400), typed=hours(20))

    assert clock(directory, incident(backdated), EMERGENCY).state(hours(21)) == LATE


def test_done_in_time_and_typed_late_corrects_missed_to_met(directory):
    before = incident()
    missed = fold(before, [], directory, hours(13), born=False)
    assert {row["clock"]: row["state"] for row in missed.rows}[EMERGENCY] == MISSED

    typed = incident(step("EMERGENCY_APPLIED", hours(11), typed=hours(30)))
    after = fold(typed, missed.rows, directory, hours(30), born=False)

    [move] = [move for move in after.moves if move.clock.code == EMERGENCY]
    assert (move.state, move.version, move.alarm) == (MET, 2, False)
    assert move.clock.met_at == hours(11)


@pytest.mark.parametrize("name", ["CLOSED", "UNFOUNDED", "TRANSFERRED", "MERGED_INTO"])
def test_an_end_stops_what_still_runs_and_hides_no_miss(directory, name):
    of = incident(step(name, hours(20)))

    assert clock(directory, of, EMERGENCY).state(hours(21)) == MISSED
    assert clock(directory, of, SUBMITTED).state(hours(999)) == STOPPED
    assert clock(directory, of, SUBMITTED).next_at(hours(21)) is None


def test_a_reopened_case_has_its_time_again_from_then(directory):
    of = incident(step("PLAN_SUBMITTED", hours(5)), step("CLOSED", hours(20)), step("REOPENED", hours(100)))

    assert clock(directory, of, EMERGENCY).due_at == hours(112)
    assert clock(directory, of, SUBMITTED).state(hours(101)) == RUNNING


def test_an_isolation_is_counted_from_its_first_day_and_prolonging_it_adds_nothing(directory):
    start = step("ISOLATED", hours(10))
    prolonged = step("ISOLATED", hours(200), until=hours(2000))
    of = incident(start, prolonged)

    assert clock(directory, of, ISOLATION).due_at == hours(10) + timedelta(days=15)
    shorter = incident(step("ISOLATED", hours(10), until=hours(58)))
    assert clock(directory, shorter, ISOLATION).due_at == hours(58)
    ended = incident(start, prolonged, step("ISOLATION_ENDED", hours(300)))
    assert clock(directory, ended, ISOLATION).state(hours(999)) == MET
    again = incident(start, step("ISOLATION_ENDED", hours(300)), step("ISOLATED", hours(400)))
    assert clock(directory, again, ISOLATION).started_at == hours(400)


def test_without_urgency_there_is_no_emergency_clock_until_danger_is_added(directory):
    calm = Clear(commune="binh-luong", kinds=("INJURY_ACCIDENT",), environment="FAMILY", danger=False)
    added = Fact("s", SUPPLEMENT, hours(30), hours(30), danger=True)

    assert {one.code for one in clocks_of(incident(reported=calm), directory)} == {SUBMITTED, APPROVED}
    assert clock(directory, incident(added, reported=calm), EMERGENCY).due_at == hours(42)


def test_a_merged_report_that_came_earlier_starts_the_clocks_earlier(directory):
    of = incident(Fact("m", EARLIER, hours(-5), hours(1), "c-2"), children=2)

    assert clock(directory, of, EMERGENCY, "c-1").due_at == hours(12)
    assert clock(directory, of, EMERGENCY, "c-2").due_at == hours(7)


def test_what_was_backfilled_has_no_clock(directory):
    assert clocks_of(incident(backfill=True), directory) == ()


def test_running_clocks_go_without_saying_and_a_report_that_is_old_is_shown_and_wakes_nobody(directory):
    assert fold(incident(), [], directory, hours(0), born=True).moves == ()
    old = fold(incident(), [], directory, hours(13), born=True)
    assert [(move.clock.code, move.state, move.alarm) for move in old.moves] == [(EMERGENCY, MISSED, False)]


def test_each_change_is_told_once_and_in_order(directory):
    of, rows, told = incident(), fold(incident(), [], directory, hours(0), born=True).rows, []
    for at in (1, 10, 10.5, 12, 12.5):
        folded = fold(of, rows, directory, hours(at), born=False)
        rows = folded.rows
        told += [(move.clock.code, move.state, move.version, move.alarm) for move in folded.moves]

    assert told == [(EMERGENCY, WARNED, 2, True), (EMERGENCY, MISSED, 3, True)]


def test_somebody_looks_again_when_the_next_clock_moves(directory):
    assert fold(incident(), [], directory, hours(0), born=True).next_at == hours(10)
    assert fold(incident(), [], directory, hours(10), born=True).next_at == hours(12)
    assert fold(incident(step("CLOSED", hours(1))), [], directory, hours(2), born=True).next_at is None


def test_any_order_of_the_steps_gives_the_same(directory):
    steps = [
        step("EMERGENCY_APPLIED", hours(3)),
        step("ISOLATED", hours(4)),
        step("CLOSED", hours(50)),
        step("REOPENED", hours(60)),
        step("PLAN_SUBMITTED", hours(70)),
    ]
    expected = clocks_of(incident(*steps), directory)

    assert all(clocks_of(incident(*order), directory) == expected for order in itertools.permutations(steps))


def test_what_is_stored_is_what_is_read_back_so_that_nothing_seems_to_move(directory):
    of = incident(received_at=RECEIVED.replace(microsecond=123_000))

    for at in (0, 10.5, 13):
        next_at = fold(of, [], directory, hours(at), born=True).next_at
        assert next_at is None or next_at.microsecond % 1000 == 0


def test_a_clock_whose_beginning_does_not_count_any_more_is_stopped_and_told_so_once(directory):
    isolated = step("ISOLATED", hours(1))
    stored = fold(incident(isolated), [], directory, hours(1), born=True).rows

    gone = fold(incident(), stored, directory, hours(2), born=False)

    [move] = [one for one in gone.moves if one.clock.code == ISOLATION]
    assert (move.state, move.version, move.alarm) == (STOPPED, 2, False)
    again = fold(incident(), gone.rows, directory, hours(400), born=False)
    assert [one for one in again.moves if one.clock.code == ISOLATION] == []
    back = fold(incident(isolated), gone.rows, directory, hours(3), born=False)
    assert [(one.state, one.version) for one in back.moves if one.clock.code == ISOLATION] == [(RUNNING, 3)]


def test_an_isolation_of_before_the_case_was_opened_again_is_stopped(directory):
    before = [step("ISOLATED", hours(1))]
    stored = fold(incident(*before), [], directory, hours(1), born=True).rows

    after = incident(*before, step("CLOSED", hours(2)), step("REOPENED", hours(3)))

    assert {row["clock"]: row["state"] for row in fold(after, stored, directory, hours(3), born=False).rows}[
        ISOLATION
    ] == STOPPED


def test_what_was_missed_stays_missed_when_nothing_asks_for_it_any_more(directory):
    stored = fold(incident(step("ISOLATED", hours(1))), [], directory, hours(999), born=True).rows

    assert {row["clock"]: row["state"] for row in fold(incident(), stored, directory, hours(999), born=False).rows}[
        ISOLATION
    ] == MISSED
