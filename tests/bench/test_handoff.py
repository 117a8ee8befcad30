"""Hand-off: from the acceptance of a report to the last of its urgent first messages at the gateway."""

from __future__ import annotations

import http.client
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pika
import pymongo
import pytest

from shared.messaging import topology
from tests.bench.board import Board, Line, milliseconds, percentile
from tests.bench.load import open_loop
from tests.bench.made import entries
from tests.bench.site import REPOSITORY, Site
from tests.harness.waiting import until

_RATE = 20
_FLOOR_CALLS = 300
_FIRST_LEVEL = 0


@dataclass(frozen=True)
class Heard:
    """The gateway process: where it listens, and what it has heard so far."""

    file: Path
    sms: int
    mail: int

    def arrivals(self) -> dict[str, float]:
        """Delivery id -> when it was first handed over, seconds since 1970."""
        found: dict[str, float] = {}
        for line in self.file.read_text(encoding="ascii").splitlines()[1:]:
            at, _, delivery = line.partition(" ")
            found.setdefault(delivery, float(at))
        return found


@pytest.mark.timeout(1200)
def test_accepted_to_gateway(site: Site, vhost: str, mongo_database, board: Board, full: bool) -> None:
    count = 3_000 if full else 600
    topology.apply(vhost)
    heard = _gateway(site)
    site.run("notify", [sys.executable, "-m", "services.notify", "worker", "run"],
             _environment(site, vhost, mongo_database, heard))  # fmt: skip
    intake = site.intake(vhost, "intake")
    body = next(entries(site, 1)).message.body
    with pymongo.MongoClient(mongo_database.url, timeoutMS=20_000, tz_aware=True) as client:
        alerts = client[mongo_database.name]["alerts"]
        # The first reports pay for imports, indexes and connections, and say how many alerts one report raises.
        warm = {answer.incident_id for answer in open_loop(intake.url, _RATE, 20)}
        until(lambda: set(alerts.distinct("incident_id")) == warm, timeout=60, what="the first alerts")
        until(lambda: _missing(alerts, heard) == 0, timeout=60, what="the first messages")
        bare = _bare(vhost, heard, body)
        answers = open_loop(intake.url, _RATE, count)
        assert {answer.status for answer in answers} == {202}
        accepted = {answer.incident_id for answer in answers}
        until(lambda: len(alerts.distinct("incident_id")) == count + len(warm), timeout=300, every=0.5)
        until(lambda: _missing(alerts, heard) == 0, timeout=300, what="every first message", every=0.5)
        every, sms = _waits(alerts, heard, accepted)
    bare += _bare(vhost, heard, body)
    assert len(every) == count, "not every accepted report reached a gateway"
    p50, p99, floor = percentile(every, 0.5), percentile(every, 0.99), percentile(bare, 0.99)
    reached = f"p50 {milliseconds(p50)}, p99 {milliseconds(p99)}"
    beside = f"p50 {milliseconds(percentile(bare, 0.5))}, p99 {milliseconds(floor)}"
    what = f"hand-off, {count} reports at {_RATE}/s / a broker round trip and a call"
    board.add(Line(what, reached, beside, p99 / floor, 10.0, at_most=True))
    messages = len(heard.arrivals()) / (count + len(warm))
    board.note(
        f"hand-off: {messages:.0f} messages for each report (SMS and e-mail), the last of them counts; "
        f"the last SMS alone: p50 {milliseconds(percentile(sms, 0.5))}, p99 {milliseconds(percentile(sms, 0.99))}; "
        "accepted = handed over"
    )


def _bare(amqp: str, heard: Heard, body: bytes) -> list[float]:
    """One confirmed publish, its delivery, one gateway call, at the same pace and one after the other; in seconds."""
    took = []
    gateway = http.client.HTTPConnection("127.0.0.1", heard.sms, timeout=10)
    call = json.dumps({"to": "+84000000000", "text": "x" * 150, "request_id": "floor"})
    with pika.BlockingConnection(pika.URLParameters(amqp)) as connection:
        channel, other = connection.channel(), connection.channel()
        channel.queue_declare("bench.floor", durable=True, arguments={"x-queue-type": "quorum"})
        channel.confirm_delivery()
        deliveries = other.consume("bench.floor", inactivity_timeout=10)
        start = time.monotonic()
        for number in range(_FLOOR_CALLS):
            time.sleep(max(0.0, start + number / _RATE - time.monotonic()))
            before = time.monotonic()
            channel.basic_publish("", "bench.floor", body, pika.BasicProperties(delivery_mode=2), mandatory=True)
            method, _, _ = next(deliveries)
            assert method is not None
            gateway.request("POST", "/gateway/sms", call, {"Content-Type": "application/json"})
            gateway.getresponse().read()
            took.append(time.monotonic() - before)
            other.basic_ack(method.delivery_tag)
        other.cancel()
        channel.queue_delete("bench.floor")
    gateway.close()
    return took


def _missing(alerts: pymongo.collection.Collection, heard: Heard) -> int:
    """First messages that were stored and have not arrived yet."""
    arrived = heard.arrivals()
    found = alerts.find({}, {"deliveries.id": 1, "deliveries.level": 1})
    return sum(
        one["level"] == _FIRST_LEVEL and one["id"] not in arrived for alert in found for one in alert["deliveries"]
    )


def _waits(alerts: pymongo.collection.Collection, heard: Heard, accepted: set[str]) -> tuple[list[float], list[float]]:
    """For each report, from its acceptance to the last first message of all its alerts, and to the last SMS."""
    arrived = heard.arrivals()
    last: dict[str, float] = {}
    last_sms: dict[str, float] = {}
    for alert in alerts.find({"incident_id": {"$in": list(accepted)}}):
        since, incident = alert["accepted_at"].timestamp(), alert["incident_id"]
        for one in alert["deliveries"]:
            if one["level"] != _FIRST_LEVEL:
                continue
            waited = arrived[one["id"]] - since
            last[incident] = max(last.get(incident, 0.0), waited)
            if one["channel"] == "sms":
                last_sms[incident] = max(last_sms.get(incident, 0.0), waited)
    return list(last.values()), list(last_sms.values())


def _gateway(site: Site) -> Heard:
    file = site.home / "heard.txt"
    site.run("gateway", [sys.executable, "-m", "tests.bench.gateway", str(file)], {})
    until(lambda: file.exists() and "\n" in file.read_text(), timeout=20, what="the gateway listens")
    sms, mail = file.read_text().split("\n", 1)[0].split()
    (site.home / "gateway.yaml").write_text(
        json.dumps(
            {
                "url": f"http://127.0.0.1:{sms}/gateway/sms",
                "body": {"to": "{to}", "text": "{text}", "request_id": "{request_id}"},
                "status_field": "status",
                "accepted": ["accepted"],
                "duplicate": ["duplicate"],
                "temporary": ["no_balance"],
                "knows_request_ids": True,
            }
        )
    )
    return Heard(file, int(sms), int(mail))


def _environment(site: Site, amqp: str, mongo_database, heard: Heard) -> dict[str, str]:
    return {
        "LENTIENG_DIRECTORY": str(site.directory),
        "AMQP_URL": amqp,
        "PUBLIC_URL": "http://lentieng.test",
        "MONGO_URL": mongo_database.url,
        "MONGO_DATABASE": mongo_database.name,
        "CONTACTS_SEED_FILE": str(REPOSITORY / "deploy/contacts/binh-luong/contacts.seed.yaml"),
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(heard.mail),
        "SMTP_FROM": "lentieng@lentieng.example.invalid",
        "SMS_GATEWAY_FILE": str(site.home / "gateway.yaml"),
        "LINK_BASE_URL": "http://127.0.0.1:8002",
        "LINK_KEY": "ab" * 32,
        "OPERATOR_PHONE": "",
        "OPERATOR_MAIL": "",
        "SANDBOX": "1",
    }
