"""What cannot be handled is laid aside with its reason, can be looked at and sent again, and keeps nothing waiting."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from shared.events import Message
from tests.harness.amqp import connected
from tests.harness.poison import publish
from tests.harness.waiting import until
from tests.harness.witness import Witness

REPORTED = "vn.lentieng.incident.reported.v1"
# No more fits into RabbitMQ 4; a document of MongoDB may be as long, with all that is around the body.
TOO_BIG_FOR_MONGODB = 16 * 1024 * 1024
FILLING = "filling"
SERVICES = ("notify", "reporting")


def not_json(good: Message) -> Message:
    return made(good, b"\xff\x00 h\xe1\xbb\x8f", REPORTED)


def unknown_type(good: Message) -> Message:
    return made(good, good.body, "vn.lentieng.weather.reported.v1")


def unknown_version(good: Message) -> Message:
    return made(good, good.body, "vn.lentieng.incident.reported.v9")


def wrong_schema(good: Message) -> Message:
    return made(good, b'{"incident_id": 7, "cases": "none"}', REPORTED)


def wrong_and_too_big(good: Message) -> Message:
    return made(good, filled({"incident_id": FILLING}), REPORTED)


def right_and_too_big(good: Message) -> Message:
    """A valid report of what is long past, so that nobody has to be told: notify takes it, reporting cannot."""
    event = made(good, b"", REPORTED)
    data = json.loads(good.body)
    data |= {"incident_id": event.message_id, "backfill": True}
    data["sealed"]["parts"]["child"] = FILLING
    data["cases"] = [{**case, "case_id": str(uuid.uuid4())} for case in data["cases"]]
    return made(event, filled(data), REPORTED, event.message_id)


def filled(data: dict[str, Any]) -> bytes:
    """As JSON of exactly that size."""
    text = json.dumps(data)
    return text.replace(FILLING, "A" * (TOO_BIG_FOR_MONGODB - len(text) + len(FILLING))).encode()


def made(good: Message, body: bytes, kind: str, id_: str = "") -> Message:
    id_ = id_ or str(uuid.uuid4())
    headers = {**good.headers, "ce-id": id_, "ce-type": kind, "ce-subject": id_}
    # A number of its own would be somebody else's.
    headers = {name: value for name, value in headers.items() if name not in {"ce-spool", "ce-seq"}}
    return Message("incident.reported", body, id_, kind, headers)


POISON: tuple[tuple[Callable[[Message], Message], tuple[str, ...], str], ...] = (
    (not_json, SERVICES, "JSON"),
    (unknown_type, SERVICES, "weather.reported"),
    (unknown_version, SERVICES, "v9"),
    (wrong_schema, SERVICES, "invalid fields"),
    (wrong_and_too_big, SERVICES, "invalid fields"),
    (right_and_too_big, ("reporting",), "cannot be stored"),
)


def test_poison_is_laid_aside_with_its_reason_while_reports_flow(town: Witness) -> None:
    place = town.place
    good = a_good_message(town)
    sent: list[tuple[Message, tuple[str, ...], str]] = []
    with town.load(rate=10):
        for spoil, services, word in POISON:
            bad = spoil(good)
            publish(place.amqp, "events", bad.routing_key, bad.body, bad.headers, bad.message_id, bad.type)
            sent.append((bad, services, word))
        flowing = len(town.ledger.accepted)
        until(lambda: len(town.ledger.accepted) >= flowing + 10, timeout=30, what="reports are taken")
    town.settle()
    for bad, services, word in sent:
        for service in SERVICES:
            letters = list(place.mongo[service].dead_letters.find({"event_id": bad.message_id}))
            assert len(letters) == (service in services), (bad.type, service, [one["reason"] for one in letters])
            assert all(word in one["reason"] for one in letters), (word, [one["reason"] for one in letters])
    dead = [bad.message_id for bad, services, _ in sent if "notify" in services and bad.type == REPORTED]
    told = {one["about"].partition("/")[0].rpartition("-")[0] for one in town.notices("dead_report")}
    assert set(dead) <= told, "each dead report is told to the operator"


@pytest.mark.parametrize("service", SERVICES)
def test_a_dead_report_is_listed_shown_and_sent_again(town: Witness, service: str) -> None:
    place, queue, worker = town.place, f"{service}.events", f"{service}-worker"
    town.settle()
    place.terminate(worker)
    id_ = town.report()["incident_id"]
    until(lambda: kill_in_the_queue(town, queue, id_), timeout=20, what="the report has died")
    place.start(worker)
    until(lambda: place.mongo[service].dead_letters.find_one({"event_id": id_}), timeout=20, what="kept")

    lines = [line for line in place.command(worker, "dead", "list").stdout.splitlines() if id_ in line]
    assert len(lines) == 1
    assert "delivery_limit" in lines[0]
    key = json.loads(lines[0])["key"] if service == "reporting" else lines[0].split("\t")[0]
    shown = place.command(worker, "dead", "show", key)
    assert json.loads(shown.stdout)["reason"] == "delivery_limit", shown.stderr
    assert (
        place.mongo[service][{"notify": "alerts", "reporting": "cases"}[service]].count_documents({"incident_id": id_})
        == 0
    )
    again = place.command(worker, "dead", "replay", key)
    assert again.returncode == 0, again.stderr
    town.settle()
    assert "replayed" in place.command(worker, "dead", "show", key).stdout


def a_good_message(town: Witness) -> Message:
    id_ = town.report()["incident_id"]
    town.settle()
    fact: Any = town.place.mongo["reporting"].facts.find_one({"_id": id_})
    return Message("incident.reported", bytes(fact["body"]), id_, fact["type"], dict(fact["headers"]))


def kill_in_the_queue(town: Witness, queue: str, id_: str) -> bool:
    """As the broker does with a message that came back too often: it goes to the dead queue."""
    with connected(town.place.amqp) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        # What is not asked for goes back when the connection closes.
        for method, properties, body in channel.consume(queue, inactivity_timeout=0.5):
            if method is None:
                return False
            if properties.message_id == id_:
                properties.headers = {**properties.headers, "x-reason": "delivery_limit"}
                channel.basic_publish("dead", queue, body, properties, mandatory=True)
                channel.basic_ack(method.delivery_tag)
                return True
    return False
