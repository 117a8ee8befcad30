"""Headers: ours are kept and counted, the broker's own never travel on."""

from __future__ import annotations

from datetime import UTC, datetime

import pika

from shared.events.message import Message
from shared.messaging import wire

NOW = datetime(2026, 3, 1, 7, 0, tzinfo=UTC)


def message(**headers: str | int) -> Message:
    return Message("incident.reported", b"{}", "id-1", "t", headers=dict(headers))


def test_what_is_sent_is_what_is_received() -> None:
    sent = Message("incident.reported", b"{}", "id-1", "t", headers={"ce-id": "id-1"}, timestamp=1700000000)
    assert wire.message_of(sent.routing_key, wire.properties_of(sent), sent.body) == sent


def test_the_brokers_headers_are_stripped() -> None:
    headers = {
        "ce-id": "id-1",
        "x-death": [{"reason": "expired"}],
        "x-first-death-queue": "q",
        "x-last-death-reason": "expired",
        "x-delivery-count": 4,
        "x-attempt": 2,
    }
    got = wire.message_of("k", pika.BasicProperties(headers=headers), b"")
    assert got.headers == {"ce-id": "id-1", "x-attempt": 2}


def test_a_message_of_a_stranger_is_readable() -> None:
    got = wire.message_of("k", pika.BasicProperties(headers={"a": None, "b": [1], "c": 1.5}), b"\xff")
    assert (got.message_id, got.type, got.headers) == ("", "", {})


def test_each_retry_counts_one_attempt() -> None:
    first = message()
    assert wire.attempt_of(first) == 1
    second = wire.for_retry(first, "notify.events")
    assert (wire.attempt_of(second), second.routing_key) == (2, "notify.events")
    assert wire.attempt_of(wire.for_retry(second, "notify.events")) == 3


def test_nonsense_in_our_own_headers_counts_as_nothing() -> None:
    assert wire.attempt_of(message(**{"x-attempt": "many"})) == 1
    assert wire.delivery_count_of({"x-delivery-count": -1}) == 0
    assert wire.delivery_count_of({"x-delivery-count": 3}) == 3


def test_a_dead_message_says_why_and_when_in_bounds() -> None:
    dead = wire.for_dead(message(), "notify.events", "r" * 1000, NOW)
    assert dead.headers[wire.REASON] == "r" * 300
    assert dead.headers[wire.DEAD_AT] == "2026-03-01T07:00:00+00:00"


def test_a_replay_starts_afresh_with_the_same_id() -> None:
    dead = wire.for_dead(wire.for_retry(message(**{"ce-id": "id-1"}), "q"), "q", "why", NOW)
    again = wire.for_replay(dead, "reporting.events")
    assert (again.message_id, again.routing_key, again.headers) == ("id-1", "reporting.events", {"ce-id": "id-1"})
