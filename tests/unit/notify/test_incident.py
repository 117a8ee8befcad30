"""What is known of an incident, from whatever came and in whatever order."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.notify.incident import Child, Fact, Incident, merged
from services.notify.incident_rows import as_row, clear_now, facts_of
from services.notify.moments import stored_moment
from shared.authority import Clear

AT = datetime(2026, 1, 5, 1, tzinfo=UTC)
REPORTED = Clear(commune="binh-luong", kinds=("VIOLENCE",), environment="FAMILY", danger=False)


def fact(number: int, **said) -> Fact:
    said = {"kind": "step", "by_staff": True, "at": AT, **said}
    return Fact(f"e-{number}", recorded_at=AT + timedelta(minutes=number), case_id="c-1", **said)


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

    assert incident(*facts).ended is ended


def test_a_partner_lets_nobody_back_in():
    released = fact(1, step="AGENCY_RELEASED", by_staff=False, released=("th-binh-luong",))

    assert merged(REPORTED, [released]).released == frozenset()


def test_what_somebody_wrote_who_must_not_know_any_more_decides_nothing():
    theirs = {"agency": "ca-binh-luong", "contact": "ca-1"}
    said = [
        fact(1, step="EMERGENCY_APPLIED", **theirs),
        fact(2, step="CONFLICT_DECLARED", withhold_from=("ca-binh-luong",), **theirs),
        fact(3, step="AGENCY_RELEASED", released=("th-binh-luong",), **theirs),
        fact(4, step="CLOSED", withhold_from=("bvte-binh-luong",), **theirs),
    ]
    of = incident(*said)

    assert [one.id for one in of.deciding] == ["e-1", "e-2"]
    assert (of.clear.released, of.ended) == (frozenset(), False)
    assert of.clear.withhold_from == {"ca-binh-luong"}, "no revenge either"
    assert incident(*said[2:]).ended, "but for the conflict it would have"


def test_a_partners_word_alone_ends_nothing_and_is_no_action():
    of = incident(fact(1, step="CLOSED", by_staff=False), fact(2, step="EMERGENCY_APPLIED", by_staff=False))

    assert (of.ended, of.acted_since("first")) == (False, False)
    assert incident(fact(1, step="CLOSED"), fact(2, step="REOPENED", by_staff=False)).ended


def test_another_hat_of_the_same_person_is_late_as_well():
    first = fact(1, step="CONFLICT_DECLARED", withhold_contacts=("th-1",))
    theirs = {"agency": "bvte-binh-luong", "contact": "bvte-3"}
    as_both = fact(2, step="CLOSED", hats=("bvte-binh-luong", "th-binh-luong"), contacts=("bvte-3", "th-1"), **theirs)

    assert not incident(first, as_both).ended
    assert incident(first, fact(2, step="CLOSED", **theirs)).ended


def test_who_was_kept_out_by_kind_or_by_the_reporter_writes_too_late():
    wrote = fact(3, step="CLOSED", agency="th-binh-luong", hats=("th-binh-luong", "school", "binh-luong"))

    assert not incident(fact(1, step="CONFLICT_DECLARED", withhold_from=("school",)), wrote).ended
    assert not incident(fact(1, kind="supplement", withhold_from=("th-binh-luong",)), wrote).ended


def test_a_declared_conflict_is_lifted_and_what_the_reporter_asked_is_not():
    asked = fact(1, kind="supplement", withhold_from=("bvte-binh-luong",))
    declared = fact(2, step="CONFLICT_DECLARED", withhold_from=("ca-binh-luong",), withhold_contacts=("bvte-3",))
    back = fact(3, step="AGENCY_RELEASED", released=("ca-binh-luong", "bvte-binh-luong"), released_contacts=("bvte-3",))
    clear = incident(asked, declared, back).clear

    assert (clear.withhold_from, clear.withheld_contacts) == ({"bvte-binh-luong"}, frozenset())


def test_what_counts_is_kept_of_the_report_and_not_of_what_an_alert_was_last_settled_by():
    declared = fact(1, step="CONFLICT_DECLARED", withhold_from=("ca-binh-luong",))
    before = incident(declared)
    settled = facts_of(before.clear)
    row = {"_id": "i", **as_row(before), "facts": [declared.as_row()]}
    lifted = {**row, "facts": [*row["facts"], fact(2, step="AGENCY_RELEASED", released=("ca-binh-luong",)).as_row()]}

    assert clear_now(row, settled).withhold_from == {"ca-binh-luong"}
    assert clear_now(lifted, settled).withhold_from == frozenset()
    assert clear_now(None, settled).withhold_from == {"ca-binh-luong"}, "not stored yet: what there is"


def test_nobody_approves_their_own_plan():
    plan, approval = fact(1, step="PLAN_SUBMITTED", by="a"), fact(2, step="PLAN_APPROVED", by="a")

    assert [one.id for one in incident(plan, approval).deciding] == ["e-1"]
    assert len(incident(plan, fact(2, step="PLAN_APPROVED", by="b")).deciding) == 2


def test_a_date_of_before_the_report_counts_from_when_it_was_recorded():
    def counted(ago: timedelta):
        [found] = incident(fact(5, step="EMERGENCY_APPLIED", at=AT - ago)).by_staff
        return found.at

    assert counted(timedelta(minutes=60)) == AT - timedelta(minutes=60)
    assert counted(timedelta(minutes=61)) == counted(timedelta(days=400)) == AT + timedelta(minutes=5)

    earlier = fact(1, kind="earlier", at=AT - timedelta(days=2))
    first = incident(earlier, fact(5, step="EMERGENCY_APPLIED", at=AT - timedelta(days=1)))
    assert first.by_staff[0].at == AT - timedelta(days=1), "another report about the child came before"


@pytest.mark.parametrize("step", ["CONFLICT_DECLARED", "AGENCY_RELEASED", "QUESTION_TO_REPORTER", "MERGED_INTO"])
def test_who_only_says_who_may_know_has_not_acted(step):
    merged = frozenset({"e-1"} if step == "MERGED_INTO" else ())
    said = replace(incident(fact(1, step=step)), void_merges=merged)
    assert not said.acted_since("first")
    assert replace(said, facts=(*said.facts, fact(2, step="INITIAL_ASSESSED"))).acted_since("first")


def test_a_fact_is_read_back_as_it_was_kept():
    kept = fact(1, step="ISOLATED", until=AT, withhold_from=("a", "b"), withhold_contacts=("c",))

    assert Fact.from_row(kept.as_row()) == kept


def test_a_slip_of_the_pen_is_no_time_to_count_from():
    assert stored_moment(datetime(1, 1, 1, tzinfo=UTC), instead=AT) == AT
    assert stored_moment(datetime(9999, 12, 31, tzinfo=UTC), instead=AT) == AT
    assert stored_moment(AT.replace(microsecond=123_456)).microsecond == 123_000
