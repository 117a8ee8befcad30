"""Intake's own alarm and its tally, with the time handed in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from services.intake.alarm import Alarm
from services.intake.spool import Entry, Spool
from services.intake.tally import Tally
from shared.events import Message

START = datetime(2023, 6, 1, tzinfo=UTC)


@pytest.fixture
def spool(tmp_path):
    spool = Spool(tmp_path / "spool.db", clock=START.timestamp)
    yield spool
    spool.close()


def keep(spool, *, urgent):
    message = Message("incident.reported", b"{}", f"e-{urgent}", "t", {"ce-type": "t"})
    spool.append(Entry(message, urgent))


def after(seconds):
    return START + timedelta(seconds=seconds)


def test_an_urgent_report_that_waits_a_minute_is_told_once_and_then_hourly(spool):
    sent = []
    alarm = Alarm(lambda to, text, request_id: sent.append((to, text)) is None, ["+84000000009"])
    keep(spool, urgent=True)

    alarm.tick(after(59), spool.status())
    assert (sent, alarm.since) == ([], None)
    alarm.tick(after(60), spool.status())
    alarm.tick(after(120), spool.status())
    assert [to for to, _ in sent] == ["+84000000009"]
    assert alarm.since == START
    alarm.tick(after(3660), spool.status())
    assert len(sent) == 2


def test_the_alarm_says_nothing_of_a_report_and_fits_one_sms(spool):
    sent = []
    alarm = Alarm(lambda to, text, request_id: sent.append(text) is None, ["+84000000009"])
    keep(spool, urgent=True)
    alarm.tick(after(61), spool.status())

    (text,) = sent
    assert text.isascii()
    assert len(text) <= 160


def test_an_alarm_that_the_gateway_refuses_is_tried_again(spool):
    tries = []
    alarm = Alarm(lambda to, text, request_id: bool(tries.append(1)), ["+84000000009"])
    keep(spool, urgent=True)
    alarm.tick(after(61), spool.status())
    alarm.tick(after(62), spool.status())

    assert len(tries) == 2


def test_it_is_quiet_again_once_the_broker_has_the_report(spool):
    alarm = Alarm(None, [])
    keep(spool, urgent=True)
    alarm.tick(after(61), spool.status())
    spool.seal(["e-True"])
    alarm.tick(after(62), spool.status())

    assert alarm.since is None


def test_a_report_that_is_not_urgent_may_wait(spool):
    alarm = Alarm(lambda *_: pytest.fail("no alarm"), ["+84000000009"])
    keep(spool, urgent=False)
    alarm.tick(after(600), spool.status())

    assert alarm.since is None


def test_a_tally_comes_thirty_seconds_after_the_last_event_once_more_and_then_hourly(spool):
    told = []
    tally = Tally(told.append, source="/intake/a")
    tally.tick(after(0), "1", spool.status())
    keep(spool, urgent=True)

    heard = []
    for seconds in (0, 29, 30, 31, 119, 120, 121, 3600, 3720):
        tally.tick(after(seconds), "1", spool.status())
        heard.append(len(told))

    assert heard == [0, 0, 1, 1, 1, 2, 2, 2, 3]
    assert {json.loads(message.body)["last_seq"] for message in told} == {1}
    assert told[0].routing_key == "intake.tally"
    assert "ce-seq" not in told[0].headers
    assert told[0].headers["ce-spool"] == spool.status().spool


def test_the_hourly_tally_goes_on_when_every_row_has_been_forgotten(tmp_path):
    now = [START.timestamp()]
    spool = Spool(tmp_path / "spool.db", clock=lambda: now[0])
    keep(spool, urgent=True)
    spool.seal(["e-True"])
    now[0] += 8 * 24 * 3600
    assert spool.forget_old() == 1
    told = []
    tally = Tally(told.append, source="/intake/a")

    for seconds in (0, 90, 3690):
        tally.tick(after(8 * 24 * 3600 + seconds), "1", spool.status())
    assert [json.loads(message.body)["last_seq"] for message in told] == [1, 1, 1]
    spool.close()


def test_what_is_published_again_by_hand_rings_no_alarm(spool):
    alarm = Alarm(lambda *_: pytest.fail("no alarm"), ["+84000000009"])
    keep(spool, urgent=True)
    spool.seal(["e-True"])
    assert spool.replay(1, 1) == 1
    alarm.tick(after(3 * 24 * 3600), spool.status())

    assert alarm.since is None
    assert spool.status().waiting == 1


def test_while_the_spool_cannot_be_asked_the_alarm_goes_on(spool):
    alarm = Alarm(None, [])
    keep(spool, urgent=True)
    alarm.tick(after(61), spool.status())
    alarm.tick(after(62), None)

    assert alarm.since == START
