"""Someone notices: dead letters, numbers that never came, things that are late."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from click.testing import CliRunner

from services.notify import __main__ as cli
from services.notify.documents import connection
from services.notify.gap_alarm import GapAlarm
from services.notify.handlers import note_numbers
from services.notify.operator_notices import Notices, Operator
from services.notify.store import alerts, collections, dead, spools
from services.notify.watchdog import Watchdog
from shared.events import Event, encode
from tests.harness.waiting import until
from tests.integration.notify.system import MARKER, OPERATOR, SUPERIOR, reported


@pytest.fixture
def notices(database) -> Notices:
    return Notices(Operator(OPERATOR, "operator@example.invalid"), lambda _: None)


def told(kind: str) -> list[dict]:
    return list(collections.notices().find({"kind": kind}))


def test_a_dead_report_is_told_to_the_operator_and_the_unit_above_from_its_headers(system, environment):
    event = reported()
    message = replace(encode(event), body=b'{"incident_id": "broken', message_id=event.id)

    system.publisher.publish("events", message).result(10)

    until(lambda: system.gateway.to(OPERATOR) and system.gateway.to(SUPERIOR), timeout=20)
    texts = " ".join(call["text"] for call in system.gateway.calls)
    assert "khong doc duoc" in texts
    assert MARKER not in texts
    [row] = collections.dead_letters().find()
    assert (row["name"], row["commune"]) == ("incident.reported", "binh-luong")


def failed(name: str, event_id: str = "e-1", minute: int = 0) -> Event:
    """What reporting tells of a message that died there."""
    now = datetime(2026, 1, 5, 1, minute, tzinfo=UTC)
    data = {"event_id": event_id, "incident_id": "i", "name": name, "reason": "x", "commune": "binh-luong"}
    return Event(
        id=str(uuid4()), name="projection.failed", source="/reporting", time=now, data={**data, "at": now.isoformat()}
    )


def test_a_report_that_died_in_reporting_is_told_like_one_that_died_here_and_once_for_each_death(system):
    first = system.publish(failed("incident.reported"))
    system.publish(first)
    system.publish(failed("incident.reported"))  # said twice of one death

    until(lambda: system.gateway.to(OPERATOR) and system.gateway.to(SUPERIOR), timeout=20)
    system.publish(failed("alert.sent", "e-2"))
    until(lambda: told("unprojected_event"), timeout=20)
    [notice] = told("unprojected_report")
    assert notice["about"].startswith("e-1/")
    until(lambda: len(system.gateway.to(OPERATOR)) == 2, timeout=20)
    assert len(system.gateway.to(SUPERIOR)) == 1
    system.publish(failed("incident.reported", minute=9))  # sent again by hand, and dead again
    until(lambda: len(system.gateway.to(SUPERIOR)) == 2, timeout=20)
    assert "so vu viec" in system.gateway.to(SUPERIOR)[0]["text"]


def test_dead_letters_are_listed_shown_and_replayed(system, environment, monkeypatch):
    event = reported()
    broken = replace(encode(event), headers={**encode(event).headers, "ce-time": "yesterday"})
    system.publisher.publish("events", broken).result(10)
    [row] = until(lambda: list(collections.dead_letters().find()), timeout=15)
    # The commands run in this process, on the worker's connection.
    monkeypatch.setattr(connection, "disconnect", lambda: None)
    monkeypatch.setattr(cli.logs, "configure", lambda *_: None)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli.main, list(arguments), env=environment, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    assert event.id in run("dead", "list")
    shown = run("dead", "show", event.id)
    assert "ce-time" in shown
    assert MARKER not in shown
    run("dead", "replay", row["_id"])
    until(lambda: collections.dead_letters().find_one({"_id": row["_id"]})["deaths"] == 2, timeout=15)
    until(lambda: len(told("dead_report")) == 2, timeout=15)
    assert "replayed_at" not in collections.dead_letters().find_one({"_id": row["_id"]})
    assert "loaded before" in run("contacts", "load")


def test_a_letter_that_was_sent_again_loses_its_body_and_one_that_waits_does_not(database):
    now = datetime.now(UTC).replace(microsecond=0)
    rows = [("old", now - timedelta(days=8)), ("new", now - timedelta(days=6)), ("waits", None)]
    for name, replayed_at in rows:
        collections.dead_letters().insert_one({"_id": name, "body": b"x", "replayed_at": replayed_at})

    assert dead.forget_bodies(now - timedelta(days=7)) == 1
    assert dead.forget_bodies(now - timedelta(days=7)) == 0
    assert {row["_id"]: row["body"] for row in collections.dead_letters().find()} == {
        "old": None,
        "new": b"x",
        "waits": b"x",
    }


def test_what_nobody_answers_is_counted_as_open_though_nobody_is_left_to_tell(database):
    then = datetime.now(UTC).replace(microsecond=0)
    over = {"state": "exhausted", "exhausted_at": then, "over_at": then}
    rows = {
        "asked": {"state": "sent", "next_action_at": then},
        "exhausted": {"state": "exhausted", "exhausted_at": then},
        "over": over,
        "ended": {"state": "sent", "next_action_at": None},
        "answered": {"state": "acknowledged", "next_action_at": then, "acknowledged_at": then},
        "drill": {"state": "sent", "next_action_at": then, "drill": True},
    }
    for name, fields in rows.items():
        collections.alerts().insert_one({"_id": name, "incident_id": name, **fields})

    assert alerts.count_open() == 2
    assert alerts.count_late(then) == 3


def at(seq: int, spool: str = "intake-1") -> Event:
    return reported(seq=seq, spool=spool, backfill=True)


def test_a_number_that_never_came_is_told_once_and_forgotten_when_it_comes(notices):
    now = datetime.now(UTC).replace(microsecond=0)
    alarm = GapAlarm(notices, now=lambda: now + timedelta(seconds=61))
    note_numbers([at(1), at(2), at(5)], now)
    note_numbers([at(2)], now)

    assert alarm.once() == 1
    assert alarm.once() == 0
    [notice] = told("gap")
    assert "2 sự kiện (số 3 đến 4) của intake-1" in notice["text"]

    note_numbers([at(3), at(4)], now)
    row = spools.get("intake-1")
    assert (row["intervals"], row["gaps"]) == ([[1, 5]], [])


def test_a_tally_shows_what_was_lost_at_the_end(notices):
    now = datetime.now(UTC).replace(microsecond=0)
    note_numbers([at(1)], now)
    tally = Event(id="t", name="intake.tally", source="/intake/x", time=now, data={"spool": "intake-1", "last_seq": 3})

    note_numbers([tally], now)

    assert [(gap.low, gap.high) for gap in spools.gaps_of(spools.get("intake-1"))] == [(2, 3)]
    assert GapAlarm(notices, now=lambda: now + timedelta(seconds=30)).once() == 0


def test_every_delivery_notes_its_number_also_those_that_notify_does_nothing_with(system):
    system.publish(at(1))
    nil = Event(
        id="n",
        name="nil.declared",
        source="/intake/x",
        time=datetime.now(UTC),
        spool="intake-1",
        seq=2,
        data={"unit": "thon-1", "period": "2023-06", "declared_by": "x", "declared_at": "2023-07-01T00:00:00+07:00"},
    )
    system.publish(nil)

    until(lambda: (spools.get("intake-1") or {}).get("intervals") == [[1, 2]])


def test_what_is_a_minute_late_is_stuck_and_told_once(notices):
    then = datetime.now(UTC).replace(microsecond=0)
    collections.alerts().insert_one(
        {
            "_id": "late",
            "incident_id": "i",
            "code": "ABC",
            "agency": "bvte-binh-luong",
            "agency_kind": "committee",
            "duty": "PROTECT_NOW",
            "occasion": "first",
            "state": "raised",
            "version": 1,
            "raised_at": then,
            "due_at": then,
            "next_action_at": then,
            "deliveries": [],
        }
    )
    events: list[None] = []

    def watchdog(seconds: float) -> Watchdog:
        return Watchdog(notices, lambda: events.append(None), now=lambda: then + timedelta(seconds=seconds))

    assert watchdog(59).once() == 0
    assert watchdog(61).once() == 1
    assert watchdog(70).once() == 0
    assert len(told("stuck")) == 1
    [event] = collections.alerts().find_one({"_id": "late"})["outgoing"]
    assert event["event"]["name"] == "alert.stuck"
    assert events == [None]
