"""Retries, doubts and refusals, with a real gateway and mail server on the other end."""

from __future__ import annotations

import random
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest

from services.notify import states
from services.notify.channels.email_smtp import EmailSmtp, MailServer
from services.notify.channels.sms_http import SmsHttp
from services.notify.composing import AlertComposer
from services.notify.desks import AlertDesk
from services.notify.dispatcher import Dispatcher
from services.notify.handlers import report_of, take_reports
from services.notify.settling import Ports
from services.notify.store import claims, collections, contacts
from shared.directory import DirectoryFolder
from shared.stopping import Stopping
from tests.harness.waiting import until
from tests.integration.notify import system as given
from tests.integration.notify.system import OPERATOR, POLICE_FIRST

ONE = POLICE_FIRST[0]


def delivery(system, incident, to):
    rows = [row for alert in system.alerts(incident) for row in alert["deliveries"] if row["to"] == to]
    assert len(rows) == 1
    return rows[0]


def failing_once(number, fault):
    tried = set()

    def judge(call):
        if call["to"] == number and number not in tried:
            tried.add(number)
            return fault
        return None

    return judge


@pytest.mark.parametrize("fault", ["no_balance", "error500"])
def test_only_the_target_that_failed_is_tried_again(system, fault):
    system.gateway.fault = failing_once(ONE, fault)

    event = system.report()

    until(lambda: delivery(system, event.id, ONE)["state"] == states.ACCEPTED, timeout=15)
    assert [attempt["outcome"] for attempt in delivery(system, event.id, ONE)["attempts"]] == [
        states.FAILED_TEMPORARY,
        states.ACCEPTED,
    ]
    assert len(system.gateway.calls) == 6
    assert len(system.mail.mails) == 5


def test_a_call_that_may_have_arrived_is_repeated_word_for_word(system):
    system.gateway.fault = failing_once(ONE, "accept_then_hang_up")

    event = system.report()

    until(lambda: delivery(system, event.id, ONE)["state"] == states.ACCEPTED, timeout=15)
    first, second = (call for call in system.gateway.calls if call["to"] == ONE)
    assert first == second
    assert len(system.gateway.to(ONE)) == 1
    assert [attempt["outcome"] for attempt in delivery(system, event.id, ONE)["attempts"]] == ["unknown", "accepted"]


def test_a_number_refused_for_good_is_told_to_the_operator_and_not_tried_again(system):
    system.gateway.fault = lambda call: "rejected" if call["to"] == ONE else None

    event = system.report()

    until(lambda: system.gateway.to(OPERATOR) and system.mail.to("operator@example.invalid"), timeout=15)
    assert delivery(system, event.id, ONE)["state"] == states.FAILED_PERMANENT
    assert sum(1 for call in system.gateway.calls if call["to"] == ONE) == 1
    assert event.data["code"] in system.gateway.to(OPERATOR)[0]["text"]


def test_when_every_target_fails_for_good_the_ladder_does_not_wait(system):
    refused = set(POLICE_FIRST)
    system.gateway.fault = lambda call: "rejected" if call["to"] in refused else None
    system.mail.fault = lambda address: "refuse" if address.endswith("@ca.example.invalid") else None

    system.report()

    assert until(lambda: system.gateway.to("+84000000113"), timeout=15)


def test_a_mail_that_is_put_off_comes_later(system):
    tried = set()

    def judge(address):
        first = address not in tried
        tried.add(address)
        return "tempfail" if first else None

    system.mail.fault = judge

    system.report()

    until(lambda: len(system.mail.mails) == 5, timeout=20)


def test_a_mail_server_that_never_answers_keeps_no_sms_waiting(start):
    with socket.create_server(("127.0.0.1", 0), backlog=200) as silent:
        system = start(SMTP_PORT=str(silent.getsockname()[1]))
        for _ in range(10):
            system.report()

        until(lambda: len(system.gateway.messages) == 50, timeout=9)


# --- without a worker: dispatchers of our own, and a clock of our own ------------------------------------------------


def claimed_by(alert, name, now):
    """What this claim holds on both channels."""
    found = [claims.claim(collections.alerts(), alert["_id"], channel, name, now) for channel in ("sms", "email")]
    return [(claimed.document, held) for claimed in found if claimed for held in claimed.held]


class Clock:
    def __init__(self) -> None:
        self.at = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def dispatcher(settings, database, clock):
    opened = []

    def make(threads: int = 4) -> Dispatcher:
        channels = {
            "sms": SmsHttp(settings.sms_gateway_file),
            "email": EmailSmtp(MailServer(settings.smtp_host, settings.smtp_port, settings.smtp_from)),
        }
        opened.extend(channels.values())
        desk = AlertDesk(AlertComposer(settings.link_key, settings.link_base_url), lambda *_: None)
        return Dispatcher([desk], channels, Stopping(), threads=threads, now=clock, rand=random.Random(1).random)

    yield make
    for channel in opened:
        channel.close()


@pytest.fixture
def stored(settings, database, clock):
    """The incident ids of reports whose alerts are stored and not yet sent."""

    def store(count: int = 1) -> list[str]:
        ports = Ports(
            directory=DirectoryFolder(settings.directory),
            link_key=settings.link_key,
            sandbox=True,
            wake=lambda _: None,
            told=lambda: None,
            dead_elsewhere=lambda _: None,
            now=clock,
        )
        events = [given.reported() for _ in range(count)]
        reports = [report_of(event, ports, wait_for_directory=False) for event in events]
        take_reports(reports, ports, contacts.everyone())
        return [event.id for event in events]

    return store


def test_two_dispatchers_never_send_one_message_twice(dispatcher, stored, gateway, mail):
    stored(6)
    pair = [dispatcher(), dispatcher()]

    threads = [threading.Thread(target=one.send_due) for one in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(gateway.calls) == len({call["request_id"] for call in gateway.calls}) == 30
    assert len(mail.mails) == len({message["Message-ID"] for _, message in mail.mails}) == 30


def test_a_claim_that_nobody_recorded_is_repeated_identically_and_mail_only_once(
    dispatcher, stored, gateway, mail, clock
):
    [incident] = stored()
    alert = collections.alerts().find_one({"incident_id": incident, "agency_kind": "police"})
    assert claimed_by(alert, "died", clock())

    assert dispatcher().send_due() > 0  # the committee's
    before = len(gateway.calls)
    assert dispatcher().send_due() == 0  # the police's are under a lease
    clock.forward(seconds=41)
    dispatcher().send_due()

    assert len(gateway.calls) == before + 2
    states_of = {row["state"] for row in collections.alerts().find_one({"_id": alert["_id"]})["deliveries"]}
    assert states_of == {states.ACCEPTED}


def test_a_mail_that_was_lost_twice_is_left_unknown_while_an_sms_is_repeated(dispatcher, stored, gateway, mail, clock):
    [incident] = stored()
    alert = collections.alerts().find_one({"incident_id": incident, "agency_kind": "police"})
    for number in range(2):
        assert claimed_by(alert, f"died-{number}", clock())
        clock.forward(seconds=41)

    dispatcher().send_due()

    rows = collections.alerts().find_one({"_id": alert["_id"]})["deliveries"]
    assert {row["state"] for row in rows if row["channel"] == "email"} == {states.UNKNOWN}
    assert {row["state"] for row in rows if row["channel"] == "sms"} == {states.ACCEPTED}
    assert not any(row["next_at"] for row in rows)


def test_the_repeat_of_a_mail_is_the_same_message(settings, dispatcher, stored, mail, clock):
    [incident] = stored()
    alert = collections.alerts().find_one({"incident_id": incident, "agency_kind": "police"})
    composer = AlertComposer(settings.link_key, settings.link_base_url)
    document, held = next(one for one in claimed_by(alert, "one", clock()) if one[1].channel == "email")
    channel = EmailSmtp(MailServer(settings.smtp_host, settings.smtp_port, settings.smtp_from))

    for _ in range(2):
        channel.send(composer.parcel(document, held))

    first, second = (message.as_bytes() for _, message in mail.mails)
    assert first == second


def test_what_a_late_dispatcher_says_cannot_overwrite_a_newer_claim(dispatcher, stored, clock):
    [incident] = stored()
    alert = collections.alerts().find_one({"incident_id": incident, "agency_kind": "police"})
    old = claimed_by(alert, "old", clock())
    clock.forward(seconds=41)
    claimed_by(alert, "new", clock())

    written = claims.record(
        collections.alerts(), alert["_id"], old[0][1], {"state": states.FAILED_PERMANENT}, {"outcome": "x"}
    )

    assert not written
    rows = collections.alerts().find_one({"_id": alert["_id"]})["deliveries"]
    assert {row["state"] for row in rows} == {states.SENDING}


def test_outcomes_that_are_written_together_are_each_its_own_and_none_overwrites_a_newer_claim(stored, clock):
    incidents = stored(2)
    alerts = [collections.alerts().find_one({"incident_id": one, "agency_kind": "police"}) for one in incidents]
    first, second = (claims.claim(collections.alerts(), one["_id"], "sms", "old", clock()).held for one in alerts)
    clock.forward(seconds=41)
    claims.claim(collections.alerts(), alerts[1]["_id"], "sms", "new", clock())
    finished = [
        claims.Finished(alert["_id"], held, {"state": states.ACCEPTED, "next_at": None}, {"provider_id": held.id})
        for alert, rows in zip(alerts, (first, second), strict=True)
        for held in rows
    ]

    assert claims.record_all(collections.alerts(), finished) == 1, "of the second one none was ours any more"

    assert len(first) > 1
    ours, others = (
        [row for row in collections.alerts().find_one({"_id": alert["_id"]})["deliveries"] if row["channel"] == "sms"]
        for alert in alerts
    )
    assert {row["state"] for row in ours} == {states.ACCEPTED}
    assert all([one["provider_id"] for one in row["attempts"]] == [row["id"]] for row in ours)
    assert {row["state"] for row in others} == {states.SENDING}
    assert not any("provider_id" in attempt for row in others for attempt in row["attempts"])
