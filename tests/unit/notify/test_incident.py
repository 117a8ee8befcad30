"""What is known of an incident, from whatever came and in whatever order."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from services.notify.incident import Child, Fact, Incident, merged, stored_moment
from shared.authority import Clear

AT = datetime(2026, 1, 5, 1, tzinfo=UTC)
REPORTED = Clear(commune="binh-luong", kinds=("VIOLENCE",), environment="FAMILY", danger=False)


def fact(number: int, **said) -> Fact:
    said = {"kind": "step", "by_staff": True, **said}
    return Fact(f"e-{number}", at=AT, recorded_at=AT + timedelta(minutes=number), case_id="c-1", **said)


def incident(*facts: Fact) -> Incident:
    return Incident(
        "i", "7K2F93QD0A", "binh-luong", None, AT, AT, False, False, None, "", REPORTED, (Child("c-1", 1),), facts
    )


def test_any_step_may_withhold_and_only_the_one_made_for_it_lets_back_in():
    said = [
        fact(1, step="PLAN_SUBMITTED", withhold_from=("ca-binh-luong",), released=("th-binh-luong",)),
        fact(2, step="CONFLICT_DECLARED", withhold_contacts=("bvte-1",)),
        fact(3, step="AGENCY_RELEASED", released=("thcs-binh-luong",)),
        fact(4, kind="supplement", withhold_from=("bvte-binh-luong",), danger=True, kinds=("NEGLECT",)),
    ]
    expected = merged(REPORTED, said)

    assert expected.withhold_from == {"ca-binh-luong", "bvte-binh-luong"}
    assert expected.withheld_contacts == {"bvte-1"}
    assert expected.released == {"thcs-binh-luong"}
    assert (expected.danger, expected.kinds) == (True, ("VIOLENCE", "NEGLECT"))
    assert all(merged(REPORTED, order) == expected for order in itertools.permutations(said))
    assert merged(REPORTED, [*said, *said]) == expected


@pytest.mark.parametrize(
    ("steps", "ended"),
    [
        ((), False),
        (("EMERGENCY_APPLIED",), False),
        (("CLOSED",), True),
        (("UNFOUNDED", "REOPENED"), False),
        (("CLOSED", "REOPENED", "MERGED_INTO"), True),
    ],
)
def test_an_incident_has_ended_when_every_case_has(steps, ended):
    facts = [
        Fact(f"e-{number}", "step", AT + timedelta(hours=number), AT, "c-1", name, by_staff=True)
        for number, name in enumerate(steps)
    ]

    assert incident(*facts).ended(by_staff=True) is ended


def test_a_partner_lets_nobody_back_in():
    released = fact(1, step="AGENCY_RELEASED", by_staff=False, released=("th-binh-luong",))

    assert merged(REPORTED, [released]).released == frozenset()


def test_what_somebody_wrote_who_must_not_know_any_more_withholds_and_decides_nothing():
    theirs = {"agency": "ca-binh-luong", "contact": "ca-1"}
    said = [
        fact(1, step="EMERGENCY_APPLIED", **theirs),
        fact(2, step="CONFLICT_DECLARED", withhold_from=("ca-binh-luong",), **theirs),
        fact(3, step="AGENCY_RELEASED", released=("th-binh-luong",), **theirs),
        fact(4, step="CLOSED", withhold_from=("bvte-binh-luong",), **theirs),
    ]
    of = incident(*said)

    assert [one.id for one in of.deciding] == ["e-1", "e-2"]
    assert (of.clear.released, of.ended()) == (frozenset(), False)
    assert of.clear.withhold_from == {"ca-binh-luong", "bvte-binh-luong"}
    assert incident(*said[2:]).ended(), "but for the conflict it would have"


def test_a_partners_word_alone_ends_nothing_that_is_chased():
    closed = incident(fact(1, step="CLOSED", by_staff=False))

    assert closed.ended()
    assert not closed.ended(by_staff=True)


@pytest.mark.parametrize("step", ["CONFLICT_DECLARED", "AGENCY_RELEASED", "QUESTION_TO_REPORTER", "MERGED_INTO"])
def test_who_only_says_who_may_know_has_not_acted(step):
    assert not incident(fact(1, step=step)).acted_on
    assert incident(fact(1, step=step), fact(2, step="INITIAL_ASSESSED")).acted_on


def test_a_fact_is_read_back_as_it_was_kept():
    kept = fact(1, step="ISOLATED", until=AT, withhold_from=("a", "b"), withhold_contacts=("c",))

    assert Fact.from_row(kept.as_row()) == kept


def test_a_slip_of_the_pen_is_no_time_to_count_from():
    assert stored_moment(datetime(1, 1, 1, tzinfo=UTC), instead=AT) == AT
    assert stored_moment(datetime(9999, 12, 31, tzinfo=UTC), instead=AT) == AT
    assert stored_moment(AT.replace(microsecond=123_456)).microsecond == 123_000
