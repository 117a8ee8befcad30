"""An agency that is released, or whose conflict is lifted: it has its duty again, and who was told instead keeps it."""

from __future__ import annotations

import itertools

from services.notify import states
from tests.integration.notify.by_hand import children
from tests.integration.notify.conflicts import COMMITTEE, POLICE, POLICE_ABOVE, SCHOOL, SCHOOLS_ABOVE, link_to
from tests.integration.notify.system import EDUCATION_SUPERIOR, POLICE_FIRST, SCHOOL_HEAD


def test_a_released_school_gets_its_duty_and_those_above_keep_theirs(by_hand, gateway):
    report = by_hand.report(
        environment="SCHOOL", suspect_relations=["TEACHER"], immediate_danger=False, cases=children("d", 1, SCHOOL)
    )
    by_hand.handle(report)
    by_hand.dispatcher.send_due()
    assert gateway.to(SCHOOL_HEAD) == []
    assert gateway.to(EDUCATION_SUPERIOR)

    released = by_hand.step(report, "AGENCY_RELEASED", released=[SCHOOL])
    by_hand.handle(released)
    by_hand.dispatcher.send_due()

    assert by_hand.alert(report, SCHOOL)["occasion"] == released.id
    assert gateway.to(SCHOOL_HEAD)
    assert (SCHOOLS_ABOVE, by_hand.alert(report, SCHOOL)["duty"]) in by_hand.living(report)


def test_what_somebody_asked_to_withhold_no_release_gives_back(by_hand):
    report = by_hand.report(suspect_relations=["PUPIL"], kinds=["SCHOOL_VIOLENCE"], environment="SCHOOL",
                            cases=children("e", 1, SCHOOL), withhold_from=[SCHOOL])  # fmt: skip
    by_hand.handle(report)

    by_hand.handle(by_hand.step(report, "AGENCY_RELEASED", released=[SCHOOL]))

    assert SCHOOL not in {agency for agency, _ in by_hand.living(report)}


def test_an_agency_whose_conflict_is_lifted_gets_its_duty_again(by_hand, gateway, client):
    report = by_hand.report()
    by_hand.handle(report)
    by_hand.dispatcher.send_due()
    old = link_to(gateway, POLICE_FIRST[0])
    conflict = by_hand.conflict(report, POLICE)
    by_hand.handle(conflict)
    by_hand.forward(minutes=1)
    released = by_hand.step(report, "AGENCY_RELEASED", released=[POLICE])

    by_hand.handle(released)
    by_hand.handle(released)
    by_hand.dispatcher.send_due()

    again = [alert for alert in by_hand.alerts(report) if alert["agency"] == POLICE]
    assert [(one["state"], one["occasion"]) for one in again if one["occasion"] != "first"] == [
        (states.SENT, released.id)
    ]
    new = link_to(gateway, POLICE_FIRST[0])
    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)
    assert (POLICE_ABOVE, "PROTECT_NOW") in by_hand.living(report), "who was told instead keeps it"


def test_a_lifted_conflict_ends_in_the_same_in_whatever_order_it_comes(by_hand):
    known = []
    for order in itertools.permutations(range(3)):
        report = by_hand.report()
        conflict = by_hand.conflict(report, POLICE)
        by_hand.forward(minutes=1)
        events = [report, conflict, by_hand.step(report, "AGENCY_RELEASED", released=[POLICE])]
        for position in order:
            by_hand.handle(events[position])
        known.append({one for one in by_hand.living(report) if one[0] != POLICE_ABOVE})

    assert all(one == {(COMMITTEE, "PROTECT_NOW"), (POLICE, "PROTECT_NOW")} for one in known), known
