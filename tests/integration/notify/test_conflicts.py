"""A conflict that is declared, and an agency that is released: at any moment, in any order, twice."""

from __future__ import annotations

import itertools
import re
from uuid import uuid4

import pytest

from services.notify import app as web
from services.notify import states
from services.notify.store import collections
from shared.events import Event, validate
from tests.integration.notify.by_hand import children
from tests.integration.notify.system import (
    COMMITTEE_FIRST,
    EDUCATION_SUPERIOR,
    POLICE_FIRST,
    SCHOOL_HEAD,
    SUPERIOR,
)

POLICE, COMMITTEE, SCHOOL = "ca-binh-luong", "bvte-binh-luong", "th-binh-luong"
POLICE_ABOVE, ABOVE, SCHOOLS_ABOVE = "ca-ke-nhiem-nhu-xuan", "te-ke-nhiem-nhu-xuan", "gd-ke-nhiem-nhu-xuan"


@pytest.fixture
def client(settings, database):
    return web.create_app(settings).test_client()


def link_to(gateway, number: str) -> str:
    return re.search(r"(/a/[0-9A-Za-z]{16})", gateway.to(number)[-1]["text"])[1]


def supplement_of(by_hand, report: Event, **data) -> Event:
    return Event(
        id=str(uuid4()),
        name="incident.supplemented",
        source="/intake/a",
        time=by_hand.at,
        subject=report.id,
        commune="binh-luong",
        data={
            "incident_id": report.id,
            "accepted_at": by_hand.at.isoformat(),
            "sealed": report.data["sealed"],
            **data,
        },
    )


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


def events_of_a_busy_night(by_hand) -> list[Event]:
    """A report, two conflicts, a supplement and a release that lets the school know."""
    report = by_hand.report(
        environment="SCHOOL", suspect_relations=["TEACHER"], immediate_danger=False, cases=children("c", 1, SCHOOL)
    )
    supplement = supplement_of(by_hand, report, withhold_from=[SCHOOLS_ABOVE])
    return [
        report,
        by_hand.conflict(report, POLICE),
        by_hand.conflict(report, contacts=("bvte-1",)),
        by_hand.step(report, "AGENCY_RELEASED", released=[SCHOOL]),
        supplement,
    ]


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::7])
def test_in_any_order_and_twice_the_same_people_know(by_hand, order):
    events = events_of_a_busy_night(by_hand)
    for number in order:
        by_hand.handle(events[number])
    [report, *_] = events
    first = by_hand.alerts(report)

    for number in reversed(order):
        by_hand.handle(events[number])
    by_hand.handle(*(events[number] for number in order))

    assert {one["_id"]: one["version"] for one in by_hand.alerts(report)} == {
        one["_id"]: one["version"] for one in first
    }, "a second time changes nothing"
    living = {agency for agency, _ in by_hand.living(report)}
    assert {COMMITTEE, POLICE_ABOVE, SCHOOL} <= living
    assert not living & {POLICE, SCHOOLS_ABOVE}
    open_to = {
        row["contact"] for one in first for row in (*one["links"], *one["deliveries"]) if row.get("ended_at") is None
    }
    assert not open_to & {"ca-1", "ca-2", "bvte-1"}
    assert not any(row["to"] == COMMITTEE_FIRST[0] and row["next_at"] for one in first for row in one["deliveries"])


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


def test_who_is_kept_out_keeps_out_nobody_else(by_hand):
    """A form that was still open when the conflict was declared, sent under the other hat of the same person."""
    report = by_hand.report()
    by_hand.handle(report, by_hand.conflict(report, contacts=("th-1",)))
    by_hand.forward(minutes=1)
    hats = {"agency": COMMITTEE, "contact": "bvte-3", "contacts": ["bvte-3", "th-1"]}

    by_hand.handle(by_hand.step(report, "CONFLICT_DECLARED", withhold_from=[POLICE], **hats))

    assert by_hand.living(report) == {(COMMITTEE, "PROTECT_NOW"), (POLICE, "PROTECT_NOW")}


def test_danger_that_the_reporter_adds_raises_the_duties_of_danger(by_hand, gateway):
    report = by_hand.report(kinds=["INJURY_ACCIDENT"], immediate_danger=False, suspect_relations=[])
    by_hand.handle(report)
    assert by_hand.living(report) == {(COMMITTEE, "AID_AND_ASSESS")}

    supplement = supplement_of(by_hand, report, immediate_danger=True)
    by_hand.handle(supplement)
    by_hand.dispatcher.send_due()

    assert {(COMMITTEE, "PROTECT_NOW"), (POLICE, "PROTECT_NOW")} <= by_hand.living(report)
    assert by_hand.alert(report, POLICE)["occasion"] == supplement.id
    assert " KHAN" in gateway.to(POLICE_FIRST[0])[0]["text"]


def test_a_conflict_in_what_was_backfilled_or_is_over_wakes_nobody(by_hand, gateway, mail):
    old, over = by_hand.report(backfill=True), by_hand.report()
    by_hand.handle(old, over)
    by_hand.dispatcher.send_due()
    by_hand.handle(by_hand.step(over, "CLOSED"))
    before = len(gateway.calls) + len(mail.mails)

    by_hand.handle(by_hand.conflict(old, POLICE), by_hand.conflict(over, POLICE))
    by_hand.dispatcher.send_due()

    assert len(gateway.calls) + len(mail.mails) == before
    assert by_hand.alert(over, POLICE)["state"] == states.WITHDRAWN
    assert by_hand.alerts(old) == []


def test_the_link_shows_nothing_though_the_alerts_are_not_settled_yet(by_hand, gateway, client, monkeypatch):
    """The worker died between keeping the conflict and acting on it."""
    report = by_hand.report()
    by_hand.handle(report)
    by_hand.dispatcher.send_due()
    link = link_to(gateway, POLICE_FIRST[0])
    monkeypatch.setattr("services.notify.handlers.settle", lambda *_: None)
    by_hand.handle(by_hand.conflict(report, POLICE))
    assert by_hand.alert(report, POLICE)["state"] == states.SENT

    assert client.get(link).status_code == client.post(link).status_code == 404
    assert by_hand.alert(report, POLICE).get("acknowledged_at") is None


def test_the_ladder_asks_anew_though_the_alerts_are_not_settled_yet(by_hand, gateway, monkeypatch):
    report = by_hand.report()
    by_hand.handle(report)
    monkeypatch.setattr("services.notify.handlers.settle", lambda *_: None)
    by_hand.handle(by_hand.conflict(report, ABOVE))

    for _ in range(6):
        by_hand.forward(minutes=6)
        by_hand.ladder.once()
        by_hand.dispatcher.send_due()

    assert gateway.to(SUPERIOR) == []


def test_every_event_of_it_is_one_of_the_catalogue(by_hand):
    report = by_hand.report()
    by_hand.handle(report, by_hand.conflict(report, POLICE))
    by_hand.handle(by_hand.conflict(report, contacts=("bvte-1", "bvte-2")))

    from services.notify.telling import restored

    events = [restored(row) for alert in by_hand.alerts(report) for row in alert["outgoing"]]
    for event in events:
        validate(event)
    assert len({event.id for event in events}) == len(events)


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


def test_what_the_reporter_adds_after_the_end_is_chased_all_the_same(by_hand, gateway):
    report = by_hand.report(kinds=["INJURY_ACCIDENT"], immediate_danger=False, suspect_relations=[])
    by_hand.handle(report)
    by_hand.handle(by_hand.step(report, "CLOSED"))
    assert by_hand.alert(report, COMMITTEE)["next_action_at"] is None
    by_hand.forward(hours=2)

    by_hand.handle(supplement_of(by_hand, report, immediate_danger=True))

    police = by_hand.alert(report, POLICE)
    assert police["next_action_at"] is not None
    by_hand.dispatcher.send_due()
    assert gateway.to(POLICE_FIRST[0])


class Killed(BaseException):
    """The process ends here; what was written by then stays."""


@pytest.mark.parametrize("point", ["notify.fact_stored", "notify.revoked", "notify.alert_stored"])
def test_killed_between_any_two_steps_and_handled_again(by_hand, gateway, client, monkeypatch, point):
    report, whole = by_hand.report(), by_hand.report()
    by_hand.handle(report, whole)
    by_hand.dispatcher.send_due()
    links = [re.search(r"(/a/\w{16})", call["text"])[1] for call in gateway.to(POLICE_FIRST[0])]
    conflicts = [by_hand.conflict(report, POLICE), by_hand.conflict(whole, POLICE)]
    by_hand.handle(conflicts[1])

    def killed(name: str) -> None:
        if name == point:
            raise Killed

    with monkeypatch.context() as armed, pytest.raises(Killed):
        armed.setattr("shared.crashpoints.reach", killed)
        by_hand.handle(conflicts[0])
    assert {client.get(link).status_code for link in links} == {404}, "from the moment that it is stored"
    by_hand.handle(conflicts[0])

    assert (
        by_hand.living(report) == by_hand.living(whole) == {(COMMITTEE, "PROTECT_NOW"), (POLICE_ABOVE, "PROTECT_NOW")}
    )
    assert by_hand.alert(report, POLICE_ABOVE)["occasion"] == conflicts[0].id
    assert by_hand.alert(report, POLICE)["state"] == states.WITHDRAWN
    by_hand.dispatcher.send_due()
    assert len(gateway.to("+84000000162")) == 2, "once for each incident"


@pytest.mark.parametrize("point", ["notify.alert_stored", "notify.incidents_stored"])
def test_killed_over_a_report_whose_conflict_comes_before_it_is_handled_again(by_hand, monkeypatch, point):
    report = by_hand.report()

    def killed(name: str) -> None:
        if name == point:
            raise Killed

    with monkeypatch.context() as armed, pytest.raises(Killed):
        armed.setattr("shared.crashpoints.reach", killed)
        by_hand.handle(report)
    by_hand.handle(by_hand.conflict(report, POLICE))
    by_hand.handle(report)

    assert by_hand.living(report) == {(COMMITTEE, "PROTECT_NOW"), (POLICE_ABOVE, "PROTECT_NOW")}
    assert by_hand.alert(report, POLICE)["state"] == states.WITHDRAWN
    assert {one["state"] for one in by_hand.incident(report)["clocks"]} == {"running"}


def test_two_workers_at_once_leave_nothing_open_to_whom_must_not_know(by_hand, monkeypatch):
    """While the first raises the police above, a second is told that they must not know either."""
    from services.notify import settling

    report = by_hand.report()
    by_hand.handle(report)
    second, store = by_hand.conflict(report, POLICE_ABOVE), settling.store_raised
    came = []

    def and_meanwhile(documents, ports):
        if documents and not came:
            came.append(documents)
            by_hand.handle(second)
        return store(documents, ports)

    monkeypatch.setattr(settling, "store_raised", and_meanwhile)
    by_hand.handle(by_hand.conflict(report, POLICE))

    assert [document["agency"] for document in came[0]] == [POLICE_ABOVE]
    living = {agency for agency, _ in by_hand.living(report)}
    assert not living & {POLICE, POLICE_ABOVE}
    assert "ca-thanh-hoa" in living, "and the duty went up past both"
    assert not [row for row in by_hand.alert(report, POLICE_ABOVE)["links"] if row.get("ended_at") is None]
