"""Clocks of each child, from the report to the telephone of the committee."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notify import states
from services.notify.store import collections
from services.notify.telling import restored
from shared.events import validate
from tests.harness.waiting import until
from tests.integration.notify.by_hand import children
from tests.integration.notify.system import COMMITTEE_FIRST, COMMITTEE_SECOND, POLICE_FIRST, SUPERIOR

EMERGENCY = "EMERGENCY_MEASURE"


def texts_to(gateway, number: str) -> list[str]:
    return [call["text"] for call in gateway.to(number) if "/staff/truong-hop/" in call["text"]]


def forward_to(by_hand, report, code: str, *, warned: bool = False) -> None:
    clock = by_hand.clock(report, code)
    by_hand.at = clock["next_at"] if warned else clock["due_at"]


def test_three_children_are_three_cases_and_a_step_on_one_leaves_two_running(by_hand):
    report = by_hand.report(cases=children("t", 3))
    by_hand.handle(report)
    by_hand.forward(hours=1)

    by_hand.handle(by_hand.step(report, "EMERGENCY_APPLIED", number=2))

    assert len(by_hand.incident(report)["clocks"]) == 9
    assert [by_hand.clock(report, EMERGENCY, number)["state"] for number in (1, 2, 3)] == ["running", "met", "running"]
    by_hand.forward(hours=11)
    by_hand.clocks.once()
    assert [by_hand.clock(report, EMERGENCY, number)["state"] for number in (1, 2, 3)] == ["missed", "met", "missed"]


def test_a_report_starts_its_clocks_and_says_nothing_of_it(by_hand):
    report = by_hand.report()
    by_hand.handle(report)

    assert {one["state"] for one in by_hand.incident(report)["clocks"]} == {"running"}
    assert not any(name.startswith("deadline.") for name in by_hand.told(report))


def test_a_clock_warns_the_committee_and_is_missed_in_front_of_more(by_hand, gateway, mail):
    report = by_hand.report()
    by_hand.handle(report)
    forward_to(by_hand, report, EMERGENCY, warned=True)
    by_hand.clocks.once()
    by_hand.dispatcher.send_due()

    [warned] = texts_to(gateway, COMMITTEE_FIRST[0])
    code = f"{report.data['code']}-1"
    assert code in warned
    assert "SAP HET HAN, Thon 3" in warned
    assert warned.endswith(f"http://127.0.0.1:8001/staff/truong-hop/{code}")
    assert texts_to(gateway, COMMITTEE_SECOND) == texts_to(gateway, POLICE_FIRST[0]) == []
    letter = mail.to("mau01@bvte.example.invalid")[-1]
    assert letter["Subject"] == f"SẮP HẾT HẠN: {code}"
    assert "Can thiệp khẩn cấp" in letter.get_body(("plain",)).get_content()

    forward_to(by_hand, report, EMERGENCY)
    by_hand.clocks.once()
    by_hand.clocks.once()
    by_hand.dispatcher.send_due()

    assert len(texts_to(gateway, COMMITTEE_FIRST[0])) == 2
    assert "QUA HAN" in texts_to(gateway, COMMITTEE_SECOND)[0]
    assert [n for n in by_hand.told(report) if n.startswith("deadline.")] == ["deadline.warned", "deadline.missed"]
    for row in by_hand.incident(report)["outgoing"]:
        validate(restored(row))


def test_a_step_before_the_warning_is_sent_makes_it_needless(by_hand, gateway):
    report = by_hand.report()
    by_hand.handle(report)
    by_hand.dispatcher.send_due()
    forward_to(by_hand, report, EMERGENCY, warned=True)
    by_hand.clocks.once()

    by_hand.handle(by_hand.step(report, "EMERGENCY_NOT_NEEDED"))
    by_hand.dispatcher.send_due()

    assert texts_to(gateway, COMMITTEE_FIRST[0]) == []
    assert {row["state"] for row in by_hand.incident(report)["deliveries"]} == {states.EXPIRED}


def test_typed_late_and_done_in_time_corrects_the_miss(by_hand):
    report = by_hand.report()
    by_hand.handle(report)
    done = by_hand.at + timedelta(hours=3)
    forward_to(by_hand, report, EMERGENCY)
    by_hand.clocks.once()
    assert by_hand.clock(report, EMERGENCY)["state"] == "missed"

    by_hand.handle(by_hand.step(report, "EMERGENCY_APPLIED", at=done))

    clock = by_hand.clock(report, EMERGENCY)
    assert (clock["state"], clock["met_at"]) == ("met", done)
    event = restored(by_hand.incident(report)["outgoing"][-1])
    assert (event.name, event.data["state"], event.data["met_at"]) == ("deadline.met", "met", done.isoformat())


def test_clock_messages_do_not_reach_whom_must_not_know(by_hand, gateway, mail):
    report = by_hand.report()
    by_hand.handle(report)
    forward_to(by_hand, report, EMERGENCY, warned=True)
    by_hand.clocks.once()

    by_hand.handle(by_hand.conflict(report, contacts=("bvte-1",)))
    by_hand.dispatcher.send_due()
    by_hand.handle(by_hand.conflict(report, "bvte-binh-luong"))
    forward_to(by_hand, report, EMERGENCY)
    by_hand.clocks.once()
    by_hand.dispatcher.send_due()

    assert texts_to(gateway, COMMITTEE_FIRST[0]) == []
    assert len(texts_to(gateway, COMMITTEE_FIRST[1])) == 1
    assert texts_to(gateway, COMMITTEE_SECOND) == []
    assert texts_to(gateway, SUPERIOR), "the agency above is told instead"


def test_a_drill_with_real_providers_has_clocks_and_tells_nobody(by_hand, settings, gateway):
    from dataclasses import replace

    from tests.integration.notify.by_hand import ByHand

    hand = ByHand(replace(settings, sandbox=False))
    report = hand.report(drill=True)
    hand.handle(report)
    forward_to(hand, report, EMERGENCY)
    hand.clocks.once()
    hand.dispatcher.send_due()
    hand.close()

    assert hand.clock(report, EMERGENCY)["state"] == "missed"
    assert gateway.calls == []


def test_an_old_report_is_shown_as_missed_and_wakes_nobody_for_it(by_hand, gateway):
    report = by_hand.report(received_at=(by_hand.at - timedelta(days=3)).isoformat())
    by_hand.handle(report)
    by_hand.clocks.once()
    by_hand.dispatcher.send_due()

    assert by_hand.clock(report, EMERGENCY)["state"] == "missed"
    assert texts_to(gateway, COMMITTEE_FIRST[0]) == []
    assert "deadline.missed" in by_hand.told(report)


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_time_that_no_calendar_holds_keeps_nobody_from_being_told(by_hand, year):
    report = by_hand.report(received_at=f"{year}-01-01T00:00:00+00:00")
    by_hand.handle(report)

    assert len(by_hand.alerts(report)) == 2
    assert by_hand.clock(report, EMERGENCY)["due_at"] == by_hand.at + timedelta(hours=12)


@pytest.mark.parametrize("by_code", [True, False])
@pytest.mark.parametrize("merged_first", [True, False])
def test_a_merged_case_stops_and_the_other_takes_its_earlier_time(by_hand, by_code, merged_first):
    early, late = by_hand.report(), by_hand.report()
    late.data["received_at"] = (by_hand.at + timedelta(hours=2)).isoformat()
    into = f"{late.data['code']}-1" if by_code else late.data["cases"][0]["case_id"]
    merge = by_hand.step(early, "MERGED_INTO", merged_into=into)

    for event in (merge, late, early) if merged_first else (early, late, merge):
        by_hand.handle(event)

    assert by_hand.clock(early, EMERGENCY)["state"] == "stopped"
    assert by_hand.clock(late, EMERGENCY)["due_at"] == by_hand.at + timedelta(hours=12)
    assert {alert["next_action_at"] for alert in by_hand.alerts(early)} == {None}


def test_a_worker_tells_of_a_missed_clock(system):
    report = system.report()
    until(lambda: collections.incidents().find_one({"_id": report.id}))
    collections.incidents().update_one(
        {"_id": report.id}, {"$set": {"received_at": report.time - timedelta(hours=13), "next_action_at": report.time}}
    )

    until(lambda: texts_to(system.gateway, COMMITTEE_SECOND), timeout=20)
    until(lambda: not collections.incidents().find_one({"_id": report.id})["outgoing"], timeout=20)
