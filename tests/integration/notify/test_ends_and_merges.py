"""What ends a case for whom, what opens it again, and cases that are one: stored, killed and in any order."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta

import pytest

from services.notify import states
from services.notify.store import incidents
from shared.failures import Permanent
from tests.integration.notify.conflicts import COMMITTEE, POLICE
from tests.integration.notify.system import POLICE_FIRST

EMERGENCY = "EMERGENCY_MEASURE"


class Killed(BaseException):
    """The process ends here; what was written by then stays."""


def merge(by_hand, report, into):
    return by_hand.step(report, "MERGED_INTO", agency=COMMITTEE, merged_into=into.data["cases"][0]["case_id"])


def earlier(by_hand, hours: float):
    return by_hand.report(received_at=(by_hand.at - timedelta(hours=hours)).isoformat())


def test_the_committee_ends_its_own_alert_and_the_police_are_asked_until_they_answer(by_hand, gateway, client):
    report = by_hand.report()
    by_hand.handle(report)
    by_hand.dispatcher.send_due()
    by_hand.handle(by_hand.step(report, "CLOSED", agency=COMMITTEE))

    by_hand.forward(minutes=6)
    by_hand.ladder.once()
    assert by_hand.alert(report, COMMITTEE)["next_action_at"] is None
    assert by_hand.alert(report, POLICE)["state"] == states.ESCALATED

    [call] = gateway.to(POLICE_FIRST[0])
    assert client.post(re.search(r"(/a/\w{16})", call["text"])[1]).status_code == 200
    assert by_hand.alert(report, POLICE)["next_action_at"] is None, "what is over has no step to wait for"


def test_a_link_to_what_was_done_long_ago_shows_nothing_but_the_way_in(by_hand, gateway, client):
    by_hand.forward(days=-32)
    report = by_hand.report()
    by_hand.handle(report)
    by_hand.dispatcher.send_due()
    by_hand.handle(by_hand.step(report, "CLOSED", agency=POLICE))
    link = re.search(r"(/a/\w{16})", gateway.to(POLICE_FIRST[0])[0]["text"])[1]

    pages = [client.get(link), client.post(link)]

    assert [page.status_code for page in pages] == [410, 410]
    text = pages[0].get_data(as_text=True)
    assert "đã hết hạn" in text
    assert "/staff/vao" in text
    assert report.data["code"] not in text
    assert by_hand.alert(report, POLICE).get("acknowledged_at") is None


def test_a_case_that_is_opened_again_is_told_anew(by_hand, gateway):
    report = by_hand.report()
    by_hand.handle(report)
    by_hand.dispatcher.send_due()
    by_hand.handle(by_hand.step(report, "CLOSED", agency=COMMITTEE))
    by_hand.forward(days=1)

    again = by_hand.step(report, "REOPENED", agency=COMMITTEE)
    by_hand.handle(again)
    by_hand.handle(again)
    by_hand.dispatcher.send_due()

    [new] = [one for one in by_hand.alerts(report) if one["occasion"] == again.id]
    assert (new["agency"], new["due_at"]) == (COMMITTEE, by_hand.at + timedelta(hours=12))
    assert len(gateway.to(POLICE_FIRST[0])) == 1, "their alert still asks"


def test_a_merge_into_a_case_that_nobody_has_stops_nothing_until_it_is_there(by_hand):
    report, other = by_hand.report(), by_hand.report()
    by_hand.handle(report, merge(by_hand, report, other))

    assert all(alert["next_action_at"] for alert in by_hand.alerts(report))
    assert by_hand.clock(report, EMERGENCY)["state"] == "running"
    by_hand.handle(other)
    assert {alert["next_action_at"] for alert in by_hand.alerts(report)} == {None}
    assert by_hand.clock(report, EMERGENCY)["state"] == "stopped"


def test_who_takes_in_hand_what_was_merged_is_not_chased_for_a_step(by_hand, gateway, client):
    report, other = by_hand.report(), by_hand.report()
    by_hand.handle(report)
    by_hand.dispatcher.send_due()
    [call] = gateway.to(POLICE_FIRST[0])
    by_hand.handle(other, merge(by_hand, report, other))

    assert client.post(re.search(r"(/a/\w{16})", call["text"])[1]).status_code == 200
    by_hand.forward(minutes=31)
    by_hand.ladder.once()

    alert = by_hand.alert(report, POLICE)
    assert (alert["state"], alert["next_action_at"]) == (states.ACKNOWLEDGED, None)


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::17])
def test_a_chain_of_merges_gives_the_last_case_the_first_reception_in_any_order(by_hand, order):
    first, middle, last = earlier(by_hand, 5), earlier(by_hand, 1), by_hand.report()
    events = [first, middle, last, merge(by_hand, middle, last), merge(by_hand, first, middle)]

    for number in order:
        by_hand.handle(events[number])

    assert by_hand.clock(last, EMERGENCY)["due_at"] == by_hand.at + timedelta(hours=7)
    assert [by_hand.clock(one, EMERGENCY)["state"] for one in (first, middle, last)] == [
        "stopped",
        "stopped",
        "running",
    ]


def test_merged_into_each_other_the_one_that_was_merged_first_is_part_of_the_other(by_hand):
    one, other = by_hand.report(), by_hand.report()
    there = merge(by_hand, one, other)
    by_hand.forward(minutes=1)
    back = merge(by_hand, other, one)

    for event in (one, other, back, there):
        by_hand.handle(event)

    assert {alert["next_action_at"] for alert in by_hand.alerts(one)} == {None}
    assert all(alert["next_action_at"] for alert in by_hand.alerts(other)), "somebody is asked again"


def test_killed_between_the_two_incidents_of_a_merge_and_handled_again(by_hand, monkeypatch):
    early, late = earlier(by_hand, 2), by_hand.report()
    event = merge(by_hand, early, late)
    by_hand.handle(early, late)

    def killed(name: str) -> None:
        if name == "notify.merged":
            raise Killed

    with monkeypatch.context() as armed, pytest.raises(Killed):
        armed.setattr("shared.crashpoints.reach", killed)
        by_hand.handle(event)
    assert by_hand.clock(late, EMERGENCY)["due_at"] == by_hand.at + timedelta(hours=12)
    by_hand.handle(event)

    assert by_hand.clock(late, EMERGENCY)["due_at"] == by_hand.at + timedelta(hours=10)


@pytest.mark.parametrize("together", [True, False])
def test_of_two_copies_of_a_report_the_earlier_reception_counts(by_hand, together):
    late = by_hand.report()
    early = by_hand.report(incident=late.id, received_at=(by_hand.at - timedelta(hours=3)).isoformat())

    by_hand.handle(*((early, late) if together else (late,)))
    by_hand.handle(early, late)

    assert by_hand.clock(late, EMERGENCY)["due_at"] == by_hand.at + timedelta(hours=9)


def fact(number: int, **more):
    return {"id": f"e-{number}", "kind": "step", "step": "REVIEWED", **more}


def test_of_two_facts_that_make_their_incident_at_one_moment_none_is_lost(database, monkeypatch):
    """Both workers find no document; the second is too late to make it."""
    push, first = incidents._pushed, [True]

    def and_meanwhile(incident_id, one):
        if first:
            first.clear()
            assert incidents.add_fact(incident_id, fact(2))
            return False
        return push(incident_id, one)

    monkeypatch.setattr(incidents, "_pushed", and_meanwhile)

    assert incidents.add_fact("i", fact(1))
    assert [one["id"] for one in incidents.get("i")["facts"]] == ["e-2", "e-1"]
    assert not incidents.add_fact("i", fact(1)), "kept before"


def test_a_full_incident_says_so_and_has_room_left_for_who_must_not_know(database, monkeypatch):
    monkeypatch.setattr(incidents, "_ROOM", 2_000)
    monkeypatch.setattr(incidents, "_ROOM_FOR_WHO_MAY_KNOW", 4_000)
    assert incidents.add_fact("i", fact(1, contacts=["x" * 64] * 40))

    with pytest.raises(Permanent, match="incident_full"):
        incidents.add_fact("i", fact(2))
    assert not incidents.add_fact("i", fact(1)), "what is kept is kept"
    assert incidents.add_fact("i", fact(3, step="CONFLICT_DECLARED"))
    assert [one["id"] for one in incidents.get("i")["facts"]] == ["e-1", "e-3"]


def test_a_missed_deadline_that_nobody_can_be_told_of_is_the_operators(by_hand):
    from services.notify.store import collections

    report = by_hand.report()
    by_hand.handle(report)
    collections.contacts().delete_many({})
    by_hand.at = by_hand.clock(report, EMERGENCY)["due_at"]
    by_hand.clocks.once()
    by_hand.clocks.once()

    [notice] = collections.notices().find({"kind": "clock_untold"})
    assert f"{report.data['code']}-1" in notice["text"]
