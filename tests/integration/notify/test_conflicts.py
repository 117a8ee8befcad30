"""A conflict that is declared: whose links and messages end, and that somebody always has the duty."""

from __future__ import annotations

import re

from services.notify import states
from services.notify.store import collections
from shared.events import validate
from tests.integration.notify.by_hand import children
from tests.integration.notify.conflicts import COMMITTEE, POLICE, POLICE_ABOVE, SCHOOL, SCHOOLS_ABOVE, link_to
from tests.integration.notify.system import POLICE_FIRST, SCHOOL_HEAD


def waiting(alert: dict) -> list[dict]:
    return [row for row in alert["deliveries"] if row["next_at"] is not None]


def test_a_conflict_ends_the_links_of_the_agency_and_moves_its_duty_up(by_hand, gateway, client):
    report = by_hand.report()
    by_hand.handle(report)
    by_hand.dispatcher.send_due()
    link = link_to(gateway, POLICE_FIRST[0])
    assert client.get(link).status_code == 200

    conflict = by_hand.conflict(report, POLICE)
    by_hand.handle(conflict)

    withdrawn = by_hand.alert(report, POLICE)
    assert (withdrawn["state"], withdrawn["next_action_at"]) == (states.WITHDRAWN, None)
    assert all(one["ended_at"] for one in (*withdrawn["links"], *withdrawn["deliveries"]))
    instead = by_hand.alert(report, POLICE_ABOVE)
    assert (instead["why"], instead["occasion"]) == (f"instead_of:{POLICE}", conflict.id)
    assert instead["duty"] == withdrawn["duty"]
    assert by_hand.living(report) == {(COMMITTEE, "PROTECT_NOW"), (POLICE_ABOVE, "PROTECT_NOW")}
    for page in (client.get(link), client.post(link)):
        assert page.status_code == 404
        assert report.data["code"] not in page.get_data(as_text=True)
    by_hand.dispatcher.send_due()
    assert gateway.to("+84000000162"), "the police above were told"


def test_messages_that_are_pending_never_go_out(by_hand, gateway, mail):
    gateway.fault = lambda call: "no_balance" if call["to"] in POLICE_FIRST else None
    report = by_hand.report()
    by_hand.handle(report)
    by_hand.dispatcher.send_due()
    gateway.fault = lambda call: None
    before = len(gateway.calls)

    by_hand.handle(by_hand.conflict(report, POLICE))
    by_hand.forward(minutes=20)
    by_hand.dispatcher.send_due()

    assert not any(call["to"] in POLICE_FIRST for call in gateway.calls[before:])
    assert waiting(by_hand.alert(report, POLICE)) == []


def test_a_message_that_is_under_way_is_not_repeated(by_hand, gateway):
    """It was claimed before the conflict, and the process that held it died: its lease ends, and it is not sent."""
    report = by_hand.report()
    by_hand.handle(report)
    alert = by_hand.alert(report, POLICE)
    collections.alerts().update_one(
        {"_id": alert["_id"], "deliveries.to": POLICE_FIRST[0]},
        {"$set": {"deliveries.$.state": states.SENDING, "deliveries.$.claim": "gone"}},
    )

    by_hand.handle(by_hand.conflict(report, POLICE))
    by_hand.forward(minutes=5)
    by_hand.dispatcher.send_due()

    assert gateway.to(POLICE_FIRST[0]) == []
    assert waiting(by_hand.alert(report, POLICE)) == []


def test_one_person_may_be_the_conflict_and_not_the_agency(by_hand, gateway, client):
    report = by_hand.report()
    by_hand.handle(report)
    by_hand.dispatcher.send_due()
    theirs, colleagues = link_to(gateway, POLICE_FIRST[0]), link_to(gateway, POLICE_FIRST[1])

    by_hand.handle(by_hand.conflict(report, contacts=("ca-1",)))

    assert client.get(theirs).status_code == client.post(theirs).status_code == 404
    assert client.get(colleagues).status_code == 200
    alert = by_hand.alert(report, POLICE)
    assert alert["state"] == states.SENT
    assert {one["contact"] for one in alert["links"] if one.get("ended_at") is None} == {"ca-2"}


def test_who_also_sits_elsewhere_is_ended_there_too(by_hand, gateway, client):
    report = by_hand.report(suspect_relations=["PUPIL"], kinds=["SCHOOL_VIOLENCE"], environment="SCHOOL",
                            cases=children("a", 1, SCHOOL))  # fmt: skip
    by_hand.handle(report)
    by_hand.dispatcher.send_due()
    links = [re.search(r"(/a/\w{16})", call["text"])[1] for call in gateway.to(SCHOOL_HEAD)]
    assert len(links) == 2, "for the school, and as a member of the committee"

    by_hand.handle(by_hand.conflict(report, SCHOOL))

    assert [client.get(link).status_code for link in links] == [404, 404]
    assert by_hand.alert(report, COMMITTEE)["state"] != states.WITHDRAWN
    assert (SCHOOLS_ABOVE, by_hand.alert(report, SCHOOL)["duty"]) in by_hand.living(report)


def test_an_acknowledgement_by_whom_must_not_know_counts_no_more(by_hand, gateway, client):
    report = by_hand.report()
    by_hand.handle(report)
    by_hand.dispatcher.send_due()
    client.post(link_to(gateway, POLICE_FIRST[0]))
    assert by_hand.alert(report, POLICE)["acknowledged_at"]

    by_hand.handle(by_hand.conflict(report, contacts=("ca-1",)))
    opened = by_hand.alert(report, POLICE)
    by_hand.ladder.once()
    by_hand.dispatcher.send_due()

    assert (opened["state"], opened["acknowledged_at"]) == (states.ESCALATED, None)
    assert opened["lapses"][0]["why"] == "conflict"
    assert gateway.to("+84000000113"), "the next one of the agency is told at once"
    page = client.get(link_to(gateway, POLICE_FIRST[1])).get_data(as_text=True)
    assert "Đã nhận, tôi xử lý" in page


def test_nobody_is_left_in_the_agency_so_its_duty_goes_up(by_hand, gateway):
    report = by_hand.report()
    by_hand.handle(report)

    by_hand.handle(by_hand.conflict(report, contacts=("ca-1", "ca-2", "ca-3")))

    assert by_hand.alert(report, POLICE)["state"] == states.WITHDRAWN
    assert (POLICE_ABOVE, "PROTECT_NOW") in by_hand.living(report)


def test_everybody_is_excluded_and_still_somebody_is_told(by_hand, gateway):
    report = by_hand.report()
    by_hand.handle(report)

    by_hand.handle(by_hand.conflict(report, "binh-luong", "ke-nhiem-nhu-xuan", "thanh-hoa", POLICE, COMMITTEE))
    by_hand.dispatcher.send_due()

    assert by_hand.living(report)
    assert all(one["deliveries"] for one in by_hand.alerts(report) if one["state"] != states.WITHDRAWN)


def test_who_is_kept_out_keeps_out_nobody_else(by_hand):
    """A form that was still open when the conflict was declared, sent under the other hat of the same person."""
    report = by_hand.report()
    by_hand.handle(report, by_hand.conflict(report, contacts=("th-1",)))
    by_hand.forward(minutes=1)
    hats = {"agency": COMMITTEE, "contact": "bvte-3", "contacts": ["bvte-3", "th-1"]}

    by_hand.handle(by_hand.step(report, "CONFLICT_DECLARED", withhold_from=[POLICE], **hats))

    assert by_hand.living(report) == {(COMMITTEE, "PROTECT_NOW"), (POLICE, "PROTECT_NOW")}


def test_a_conflict_in_what_was_backfilled_or_is_over_wakes_nobody(by_hand, gateway, mail, client):
    old, over = by_hand.report(backfill=True), by_hand.report()
    by_hand.handle(old, over)
    by_hand.dispatcher.send_due()
    assert client.post(link_to(gateway, POLICE_FIRST[0])).status_code == 200, "one agency's end is not another's"
    by_hand.handle(by_hand.step(over, "CLOSED"))
    before = len(gateway.calls) + len(mail.mails)

    by_hand.handle(by_hand.conflict(old, POLICE), by_hand.conflict(over, POLICE))
    by_hand.dispatcher.send_due()

    assert len(gateway.calls) + len(mail.mails) == before
    assert by_hand.alert(over, POLICE)["state"] == states.WITHDRAWN
    assert by_hand.alerts(old) == []


def test_every_event_of_it_is_one_of_the_catalogue(by_hand):
    report = by_hand.report()
    by_hand.handle(report, by_hand.conflict(report, POLICE))
    by_hand.handle(by_hand.conflict(report, contacts=("bvte-1", "bvte-2")))

    from services.notify.telling import restored

    events = [restored(row) for alert in by_hand.alerts(report) for row in alert["outgoing"]]
    for event in events:
        validate(event)
    assert len({event.id for event in events}) == len(events)
