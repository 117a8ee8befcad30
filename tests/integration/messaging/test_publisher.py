"""Each future says what the broker said, or that it said nothing."""

from __future__ import annotations

import time
from dataclasses import replace

import pika
import pytest

from shared.events.message import Message
from shared.messaging.errors import NotConfirmed, Refused, Unroutable
from shared.messaging.publisher import Publisher
from tests.harness.waiting import until
from tests.integration.messaging.broker import Broker, fill, publishing, tallies, tally
from tests.integration.messaging.proxy import Proxy


def test_a_confirmed_message_is_in_every_bound_queue_as_it_was_sent(broker: Broker) -> None:
    with publishing(broker.url) as publisher:
        publisher.publish("events", tally("e-1")).result(10)
    for queue in ("notify.events", "reporting.events"):
        [(headers, properties, body)] = broker.take_all(queue)
        assert (properties.message_id, properties.delivery_mode) == ("e-1", 2)
        assert properties.type == "vn.lentieng.intake.tally.v1"
        assert headers["ce-id"] == "e-1"
        assert body == tally("e-1").body


def test_a_thousand_are_confirmed_in_order(broker: Broker) -> None:
    with publishing(broker.url) as publisher:
        for future in [publisher.publish("events", message) for message in tallies(1000)]:
            future.result(20)
    assert broker.ids("notify.events") == [message.message_id for message in tallies(1000)]


def test_unroutable_is_told_apart_from_its_neighbours(broker: Broker) -> None:
    messages = tallies(10)
    messages[4] = replace(messages[4], routing_key="nobody.listens")
    with publishing(broker.url) as publisher:
        futures = [publisher.publish("events", message) for message in messages]
        errors = [future.exception(10) for future in futures]
    assert isinstance(errors[4], Unroutable)
    assert [error for error in errors if error] == [errors[4]]


def test_a_full_queue_is_refused(broker: Broker) -> None:
    broker.limit("notify.events", 1)
    with publishing(broker.url) as publisher:
        fill(publisher, tally("filling"))
        broker.take_all("notify.events")

        def taken() -> bool:
            return publisher.publish("events", tally("after")).exception(10) is None

        until(taken)


def test_a_channel_that_the_broker_forgot_to_release_is_replaced(broker: Broker) -> None:
    """Quorum queues of 3.10 go on refusing a channel after the limit is gone, until something leaves the queue."""
    broker.limit("notify.events", 1)
    with publishing(broker.url, renew_after=1.0) as publisher:
        fill(publisher, tally("filling"))
        broker.unlimit()

        def taken() -> bool:
            return publisher.publish("events", tally("after")).exception(10) is None

        until(taken, timeout=20)


def test_what_the_broker_closes_over_is_found_and_its_neighbours_get_through(broker: Broker) -> None:
    """An exchange that is missing closes the channel, and takes everything in flight with it."""
    waiting = {message.message_id: ("events", message) for message in tallies(20)}
    waiting["bad"] = ("no.such.exchange", tally("bad"))
    with publishing(broker.url, window=64) as publisher:
        publisher.publish("events", tally("first")).result(10)

        def again() -> bool:
            futures = {key: publisher.publish(*what) for key, what in waiting.items()}
            errors = {key: future.exception(15) for key, future in futures.items()}
            for key, error in errors.items():
                if error is None:
                    del waiting[key]
            return isinstance(errors.get("bad"), Refused) and set(waiting) == {"bad"}

        until(again, timeout=40)


def test_what_cannot_be_encoded_is_refused_alone(broker: Broker) -> None:
    with publishing(broker.url) as publisher:
        bad = publisher.publish("events", Message("k" * 300, b"{}", "bad", "t"))
        good = publisher.publish("events", tally("e-1"))
        assert isinstance(bad.exception(10), Refused)
        good.result(10)


def test_a_forced_close_loses_nothing_when_the_unknown_are_published_again(broker: Broker) -> None:
    with publishing(broker.url, name="victim") as publisher:
        publisher.publish("events", tally("first")).result(10)
        until(lambda: broker.connections("victim"), timeout=20)
        waiting = {message.message_id: message for message in tallies(3000)}
        futures = {key: publisher.publish("events", message) for key, message in waiting.items()}
        broker.force_close("victim")
        while futures:
            errors = {key: future.exception(20) for key, future in futures.items()}
            assert all(error is None or isinstance(error, NotConfirmed) for error in errors.values())
            futures = {key: publisher.publish("events", waiting[key]) for key, error in errors.items() if error}
        until(lambda: publisher.ready, timeout=20)
    assert set(broker.ids("notify.events")) == {"first", *waiting}


def test_a_broker_that_is_stopped_is_noticed_and_its_return_too(proxy: Proxy, broker: Broker) -> None:
    with publishing(proxy.url + "?heartbeat=2", deadline=1.0) as publisher:
        publisher.publish("events", tally("e-1")).result(10)
        proxy.stall()
        error = publisher.publish("events", tally("e-2")).exception(10)
        assert isinstance(error, NotConfirmed)
        assert error.silent
        assert "no confirm" in (publisher.problem() or "")
        until(lambda: not publisher.connected, timeout=15, what="the heartbeat to notice")
        assert publisher.problem() == "not connected to the broker"
        proxy.resume()
        proxy.cut()
        until(lambda: publisher.ready, timeout=20)
        publisher.publish("events", tally("e-3")).result(10)
        assert publisher.problem() is None
    assert {"e-1", "e-3"} <= set(broker.ids("notify.events"))


def test_closing_does_not_wait_for_a_stopped_broker(proxy: Proxy) -> None:
    publisher = Publisher(proxy.url)
    publisher.start()
    until(lambda: publisher.ready)
    proxy.stall()
    future = publisher.publish("events", tally("e-1"))
    began = time.monotonic()
    publisher.close(0.3)
    assert time.monotonic() - began < 3
    assert isinstance(future.exception(0), NotConfirmed)
    assert isinstance(publisher.publish("events", tally("e-2")).exception(0), NotConfirmed)


def test_a_blocked_connection_writes_no_more_and_is_given_up_after_its_time_out(proxy: Proxy) -> None:
    """The alarm itself belongs to the whole broker, so the proxy says here what the broker would."""
    blocked = pika.frame.Method(0, pika.spec.Connection.Blocked("low on disk")).marshal()
    with publishing(proxy.url + "?blocked_connection_timeout=1", deadline=5.0) as publisher:
        publisher.publish("events", tally("e-1")).result(10)
        proxy.say(blocked)
        until(lambda: publisher.problem() == "blocked by an alarm of the broker")
        assert (publisher.connected, publisher.ready) == (True, False)
        waiting = publisher.publish("events", tally("e-2"))
        until(lambda: proxy.accepted == 2, what="the connection to be given up")
        waiting.result(10)


def test_it_starts_before_the_broker_and_a_message_waits_for_it_until_its_deadline(proxy: Proxy) -> None:
    proxy.stall()
    publisher = Publisher(proxy.url + "?stack_timeout=1", deadline=0.5)
    publisher.start()
    try:
        assert "not sent" in str(publisher.publish("events", tally("e-1")).exception(10))
        proxy.resume()
        until(lambda: publisher.ready, timeout=20)
        publisher.publish("events", tally("e-2")).result(10)
    finally:
        publisher.close(1)


@pytest.mark.parametrize("size", [0, 64 * 1024, 700 * 1024])
def test_bodies_of_all_sizes(broker: Broker, size: int) -> None:
    message = Message("attachment.chunk", b"x" * size, "chunk", "t")
    with publishing(broker.url, window=8) as publisher:
        for future in [publisher.publish("events", message) for _ in range(12)]:
            future.result(20)
    assert {len(body) for _, _, body in broker.take_all("reporting.files")} == {size}
