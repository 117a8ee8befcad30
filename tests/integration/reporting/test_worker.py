"""The whole worker on a real broker, and as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from services.reporting import settings as reporting_settings
from services.reporting.worker import Worker
from shared.events import Message, decode, encode, validate
from shared.stopping import Stopping
from tests.harness.waiting import until
from tests.integration.reporting.made import accepted_elsewhere, alert

ROOT = Path(__file__).resolve().parents[3]


def publish(publisher, *events):
    for confirmed in [publisher.publish("events", encode(event)) for event in events]:
        confirmed.result(10)


@pytest.fixture
def worker(environment, service):
    stopping = Stopping()
    made = Worker(reporting_settings.read(environment), stopping)
    thread = threading.Thread(target=made.run)
    thread.start()
    yield made
    stopping.request()
    thread.join(30)
    assert not thread.is_alive()


def waiting(vhost_url, queue):
    import pika

    connection = pika.BlockingConnection(pika.URLParameters(vhost_url))
    try:
        return connection.channel().queue_declare(queue, passive=True).method.message_count
    finally:
        connection.close()


def test_an_event_becomes_a_number(worker, publisher, service, reports):
    events = [reports.report(children=[{"sex": "FEMALE"}]) for _ in range(20)]
    publish(publisher, *events, *events, alert(events[0].id, "raised", 1), reports.tally(20))
    until(lambda: service.total("2023-06") == 20)
    until(lambda: service.store.segments.count_documents({"dirty": True}) == 0)
    until(lambda: service.store.cases.find_one({"incident_id": events[0].id})["alerts"])
    until(lambda: service.get("/v1/reconciliation", "operator").get_json()["spools"][0]["stored"] == 20)
    until(lambda: service.store.heartbeats.find_one({"problem": None}))


def test_what_cannot_be_read_ends_in_the_database(worker, publisher, service, reports, vhost):
    good = reports.report()
    odd = encode(reports.report())
    publisher.publish("events", replace(odd, body=b'{"full_name": "MARKER-D"')).result(10)
    publisher.publish("events", replace(odd, headers={**odd.headers, "ce-type": "vn.lentieng.incident.reported.v9"}))
    publish(publisher, good)
    until(lambda: service.total("2023-06") == 1)
    until(lambda: service.store.dead_letters.count_documents({}) == 2)
    until(lambda: waiting(vhost, "reporting.events.dead") == 0)


@pytest.fixture
def heard(vhost):
    """What notify hears of dead messages: read from its queue, whose worker does not run here."""
    import pika

    connection = pika.BlockingConnection(pika.URLParameters(vhost))
    channel = connection.channel()

    def read():
        found = []
        while True:
            method, properties, body = channel.basic_get("notify.events", auto_ack=True)
            if method is None:
                return found
            if method.routing_key == "projection.failed":
                found.append(decode(Message(method.routing_key, body, "", properties.type, dict(properties.headers))))

    yield read
    connection.close()


def test_a_report_that_dies_here_is_told_to_notify_from_its_headers_alone(worker, publisher, service, reports, heard):
    report = reports.report(received="0001-01-01T00:00:00+07:00", accepted_at="0001-01-01T00:00:00+07:00")
    odd = encode(reports.report(drill=True))
    publish(publisher, report)
    publisher.publish("events", replace(odd, body=b'{"full_name": "MARKER-E"')).result(10)
    events = []
    until(lambda: events.extend(heard()) or len(events) == 2)
    for event in events:
        validate(event)
        assert "MARKER-E" not in str(event)
    told = {event.data["event_id"]: event for event in events}
    first, second = told[report.id], told[odd.message_id]
    assert first.data["name"] == second.data["name"] == "incident.reported"
    assert first.data["reason"] == "cannot be folded: no usable time of reception"
    assert (first.subject, first.data["incident_id"], first.data["commune"]) == (report.id, report.id, "binh-luong")
    assert (first.drill, second.drill) == (False, True)
    until(lambda: service.store.dead_letters.count_documents({"outgoing.at": {"$exists": True}}) == 0)
    assert service.get("/v1/reconciliation", "operator").get_json()["unfolded_count"] == 1


def test_a_database_that_stops_answering_burns_no_attempt(worker, publisher, service, reports, monkeypatch):
    from pymongo.errors import NetworkTimeout

    calls = []
    real = worker.store.facts.bulk_write

    def flaky(*args, **kwargs):
        calls.append(1)
        if len(calls) <= 2:
            raise NetworkTimeout("timed out")
        return real(*args, **kwargs)

    monkeypatch.setattr(worker.store.facts, "bulk_write", flaky)
    publish(publisher, reports.report())
    until(lambda: worker.problem() == "waiting for mongodb")
    until(lambda: service.total("2023-06") == 1)
    until(lambda: worker.problem() is None)
    assert service.store.dead_letters.count_documents({}) == 0


KILLED_AT = ("reporting.facts_written", "reporting.cases_written", "reporting.segments_wanted", "consumer.handled")
LAUNCHER = """
import sys
from shared import crashpoints
from services.reporting.__main__ import main
crashpoints.arm({sys.argv[1]: 1})
main(["worker", "run"])
"""


def test_a_worker_killed_between_any_two_steps_costs_nothing(environment, publisher, service, reports):
    environment = {**os.environ, **environment, "PYTHONPATH": str(ROOT)}
    first = reports.report(received="2023-06-20T08:00:00+07:00", children=[{"sex": "FEMALE"}])
    # Each life gets one more report, and the first one again with an earlier reception: a case that moves.
    for number, point in enumerate(KILLED_AT):
        moved = accepted_elsewhere(first, f"2023-06-0{9 - number}T08:00:00+07:00")
        publish(publisher, first, reports.report(), moved)
        died = subprocess.run([sys.executable, "-c", LAUNCHER, point], env=environment, timeout=60, check=False)
        assert died.returncode == -signal.SIGKILL
    process = subprocess.Popen([sys.executable, "-m", "services.reporting", "worker", "run"], env=environment)
    try:
        until(lambda: service.total("2023-06") == 1 + len(KILLED_AT), timeout=30)
        until(lambda: service.store.cases.find_one({"incident_id": first.id})["received_at"].day == 6)
        until(lambda: service.store.segments.count_documents({"dirty": True}) == 0)
    finally:
        process.terminate()
        process.wait(30)
    assert service.total("2023-07", calendar="administrative") == 0
    assert service.total("2023", "province", unit="thanh-hoa") == 1 + len(KILLED_AT)
    service.no_old_numbers()


def test_a_worker_process_ends_on_sigterm_and_its_commands_answer(environment, publisher, service, reports):
    environment = {**os.environ, **environment, "PYTHONPATH": str(ROOT)}

    def run(*words):
        command = [sys.executable, "-m", "services.reporting", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    process = subprocess.Popen(
        [sys.executable, "-m", "services.reporting", "worker", "run"], env=environment, stderr=subprocess.PIPE
    )
    try:
        publish(publisher, reports.report(), reports.report())
        publisher.publish("events", Message("incident.odd", b"{", "e-odd", "odd", {"ce-id": "e-odd"})).result(10)
        until(lambda: service.total("2023-06") == 2, timeout=30)
        until(lambda: service.store.dead_letters.count_documents({}) == 1)
    finally:
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
    assert process.returncode == 0, log
    assert all(json.loads(line) for line in log.decode().splitlines())
    (letter,) = [json.loads(line) for line in run("dead", "list").stdout.splitlines()]
    assert letter["event_id"] == "e-odd"
    assert json.loads(run("dead", "show", letter["key"]).stdout)["headers"]["ce-id"] == "e-odd"
    assert "sent to reporting.events" in run("dead", "replay", letter["key"]).stdout
    assert run("dead", "list").stdout == ""
    assert "incidents folded: 2" in run("rollups", "rebuild").stdout
    status = run("rollups", "status")
    assert (status.returncode, json.loads(status.stdout)["cases"]) == (0, 2)
    assert service.store.heartbeats.find_one()["problem"] == "stopped"
