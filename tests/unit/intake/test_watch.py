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
    alarm = Alarm(spool, lambda to, text, request_id: sent.append((to, text)) is None, ["+84000000009"])
    keep(spool, urgent=True)

    alarm.tick(after(59))
    assert (sent, alarm.since) == ([], None)
    alarm.tick(after(60))
    alarm.tick(after(120))
    assert [to for to, _ in sent] == ["+84000000009"]
    assert alarm.since == START
    alarm.tick(after(3660))
    assert len(sent) == 2


def test_the_alarm_says_nothing_of_a_report_and_fits_one_sms(spool):
    sent = []
    alarm = Alarm(spool, lambda to, text, request_id: sent.append(text) is None, ["+84000000009"])
    keep(spool, urgent=True)
    alarm.tick(after(61))

    (text,) = sent
    assert text.isascii()
    assert len(text) <= 160


def test_an_alarm_that_the_gateway_refuses_is_tried_again(spool):
    tries = []
    alarm = Alarm(spool, lambda to, text, request_id: bool(tries.append(1)), ["+84000000009"])
    keep(spool, urgent=True)
    alarm.tick(after(61))
    alarm.tick(after(62))

    assert len(tries) == 2


def test_it_is_quiet_again_once_the_broker_has_the_report(spool):
    alarm = Alarm(spool, None, [])
    keep(spool, urgent=True)
    alarm.tick(after(61))
    spool.seal(["e-True"])
    alarm.tick(after(62))

    assert alarm.since is None


def test_a_report_that_is_not_urgent_may_wait(spool):
    alarm = Alarm(spool, lambda *_: pytest.fail("no alarm"), ["+84000000009"])
    keep(spool, urgent=False)
    alarm.tick(after(600))

    assert alarm.since is None


def test_a_tally_comes_thirty_seconds_after_the_last_event_once_more_and_then_hourly(spool):
    told = []
    tally = Tally(spool, told.append, source="/intake/a")
    tally.tick(after(0), "1")
    keep(spool, urgent=True)

    heard = []
    for seconds in (0, 29, 30, 31, 119, 120, 121, 3600, 3720):
        tally.tick(after(seconds), "1")
        heard.append(len(told))

    assert heard == [0, 0, 1, 1, 1, 2, 2, 2, 3]
    assert {json.loads(message.body)["last_seq"] for message in told} == {1}
    assert told[0].routing_key == "intake.tally"
    assert "ce-seq" not in told[0].headers
    assert told[0].headers["ce-spool"] == spool.status().spool
