"""The process ends in the middle of a conflict: meanwhile nobody is shown anything, and handled again it is whole."""

from __future__ import annotations

import re

import pytest

from services.notify import states
from tests.integration.notify.conflicts import ABOVE, COMMITTEE, POLICE, POLICE_ABOVE, link_to
from tests.integration.notify.system import POLICE_FIRST, SUPERIOR


class Killed(BaseException):
    """The process ends here; what was written by then stays."""


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
