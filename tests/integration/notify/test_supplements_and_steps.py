"""What comes after an alert and is no conflict: what the reporter adds, and the step that is due after "received"."""

from __future__ import annotations

import re
from datetime import timedelta

from services.notify import states
from tests.integration.notify.conflicts import COMMITTEE, POLICE, supplement_of
from tests.integration.notify.system import POLICE_FIRST


def test_danger_that_the_reporter_adds_raises_the_duties_of_danger(by_hand, gateway):
    report = by_hand.report(kinds=["INJURY_ACCIDENT"], immediate_danger=False, suspect_relations=[])
    by_hand.handle(report)
    assert by_hand.living(report) == {(COMMITTEE, "AID_AND_ASSESS")}

    by_hand.forward(days=2)
    supplement = supplement_of(by_hand, report, immediate_danger=True)
    by_hand.handle(supplement)
    by_hand.dispatcher.send_due()

    assert {(COMMITTEE, "PROTECT_NOW"), (POLICE, "PROTECT_NOW")} <= by_hand.living(report)
    police = by_hand.alert(report, POLICE)
    assert (police["occasion"], police["due_at"]) == (supplement.id, by_hand.at + timedelta(hours=12))
    assert " KHAN" in gateway.to(POLICE_FIRST[0])[0]["text"]


def test_what_the_reporter_adds_after_the_end_is_chased_all_the_same(by_hand, gateway):
    report = by_hand.report(kinds=["INJURY_ACCIDENT"], immediate_danger=False, suspect_relations=[])
    by_hand.handle(report)
    by_hand.handle(by_hand.step(report, "CLOSED", agency=COMMITTEE))
    assert by_hand.alert(report, COMMITTEE)["next_action_at"] is None
    by_hand.forward(hours=2)

    by_hand.handle(supplement_of(by_hand, report, immediate_danger=True))

    police = by_hand.alert(report, POLICE)
    assert police["next_action_at"] is not None
    by_hand.dispatcher.send_due()
    assert gateway.to(POLICE_FIRST[0])


def test_a_step_after_an_acknowledgement_is_due_and_without_one_the_ladder_goes_on(by_hand, gateway, client):
    idle, busy = by_hand.report(), by_hand.report()
    by_hand.handle(idle, busy)
    by_hand.dispatcher.send_due()
    for call in list(gateway.to(POLICE_FIRST[0])):
        client.post(re.search(r"(/a/\w{16})", call["text"])[1])
    by_hand.handle(by_hand.step(busy, "EMERGENCY_APPLIED"))

    by_hand.forward(minutes=31)
    by_hand.ladder.once()
    by_hand.dispatcher.send_due()

    lapsed = by_hand.alert(idle, POLICE)
    assert (lapsed["state"], lapsed["acknowledged_at"], lapsed["lapses"][0]["why"]) == ("escalated", None, "no_step")
    assert idle.data["code"] in gateway.to("+84000000113")[0]["text"]
    kept = by_hand.alert(busy, POLICE)
    assert (kept["state"], kept["next_action_at"]) == (states.ACKNOWLEDGED, None)
