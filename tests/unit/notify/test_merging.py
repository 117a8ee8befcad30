"""What a merge is worth, and what the other case gets of it."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from services.notify.incident import EARLIER, Fact
from services.notify.incident_rows import as_row
from services.notify.merging import earlier, loaded, target
from services.notify.standing import chased
from tests.unit.notify.made import COMMITTEE, POLICE, RECEIVED, alert, hours, incident, step


def world(*incidents):
    """Stored rows by id, and the look-up by a case's id or code."""
    rows = {one.id: {"_id": one.id, **as_row(one), "facts": [fact.as_row() for fact in one.facts]} for one in incidents}

    def find(case: str):
        return next(
            (one for one in incidents for c in one.children if case in {c.case_id, f"{one.code}-{c.number}"}), None
        )

    return {name: loaded(row, find) for name, row in rows.items()}


def into(named, at=None, **more):
    return step("MERGED_INTO", at or hours(1), merged_into=named, **more)


@pytest.mark.parametrize("named", ["o-1", "CODEO-1"])
def test_a_merge_into_another_case_ends_this_one(named):
    assert world(incident(into(named)), incident(name="o"))["i"].ended


@pytest.mark.parametrize("named", ["x-1", "CODEX-1", "o-2", "i-1", "CODEI-1", None])
def test_a_merge_into_a_case_that_is_not_there_or_into_itself_ends_nothing(named):
    assert not world(incident(into(named)), incident(name="o"))["i"].ended


@pytest.mark.parametrize("kind", ["drill", "backfill"])
def test_a_case_is_not_merged_into_one_that_wakes_nobody(kind):
    assert not world(incident(into("o-1")), incident(name="o", **{kind: True}))["i"].ended
    assert world(incident(into("o-1"), **{kind: True}), incident(name="o", **{kind: True}))["i"].ended


def test_of_cases_merged_in_a_ring_one_stays_open_whatever_comes_first():
    ring = [
        incident(into("o-1", hours(1))),
        incident(into("p-1", hours(3), case="o-1"), name="o"),
        incident(into("i-1", hours(2), case="p-1"), name="p"),
    ]

    for order in itertools.permutations(ring):
        assert [name for name, one in sorted(world(*order).items()) if not one.ended] == ["o"], "recorded last"
    assert [one.ended for one in world(*ring[:2], incident(name="p")).values()] == [True, True, False]


def test_a_ring_ends_where_a_case_was_opened_again():
    back = incident(into("i-1", hours(2), case="o-1"), step("REOPENED", hours(3), case="o-1"), name="o")

    assert world(incident(into("o-1", hours(4))), back)["i"].ended


def test_a_merge_into_a_case_that_was_over_by_then_silences_nobody_who_has_not_answered():
    def merged(*said, at=5):
        return world(incident(into("o-1", hours(at))), incident(*said, name="o"), incident(name="p"))["i"]

    closed = step("CLOSED", hours(3), case="o-1")
    assert merged(closed).ended
    assert chased(merged(closed), alert(POLICE))
    assert not chased(merged(closed), alert(COMMITTEE)), "as any other end"
    assert not chased(merged(closed, at=2), alert(POLICE)), "closed afterwards"
    assert not chased(merged(closed, step("REOPENED", hours(4), case="o-1")), alert(POLICE))
    assert not chased(merged(into("p-1", hours(3), case="o-1")), alert(POLICE)), "it lives on in the third"


def moved(of, other, directory, everyone, **author):
    fact = into("o-1", **author)
    found, child = target(fact, lambda _: other)
    made = earlier(of, fact, found, child, directory, everyone)
    return made.at if made is not None else None


def test_the_other_case_gets_the_earliest_reception_of_all_that_were_merged_into_this_one(directory, contacts):
    late = incident(name="o", received_at=hours(10))
    through = Fact("x", EARLIER, hours(-3), hours(2), "i-1")
    of_another_child = Fact("y", EARLIER, hours(-9), hours(2), "i-2")

    assert moved(incident(), late, directory, contacts) == RECEIVED
    assert moved(incident(through, of_another_child, children=2), late, directory, contacts) == hours(-3)


def test_an_old_report_makes_no_deadline_of_a_strangers_case_a_missed_one_of_years_ago(directory, contacts):
    old = incident(received_at=RECEIVED - timedelta(days=5000))

    assert moved(old, incident(name="o"), directory, contacts) == RECEIVED - timedelta(days=7)


@pytest.mark.parametrize("changed", [{"backfill": True}, {"drill": True}, {"commune": "xuan-binh"}])
def test_what_moves_no_clock_of_the_other_case(directory, contacts, changed):
    assert moved(incident(**changed), incident(name="o"), directory, contacts) is None
    assert moved(incident(), incident(name="o", **changed), directory, contacts) is None


@pytest.mark.parametrize(
    "author", [{"agency": POLICE}, {"agency": COMMITTEE, "hats": (POLICE,)}, {"contacts": ("ca-1",)}]
)
def test_who_must_not_know_of_the_other_case_moves_none_of_its_clocks(directory, contacts, author):
    kept_out = incident(step("CONFLICT_DECLARED", hours(0), case="o-1", withhold_from=(POLICE,)), name="o")

    assert moved(incident(), incident(name="o"), directory, contacts, **author) == RECEIVED
    assert moved(incident(), kept_out, directory, contacts, **author) is None
