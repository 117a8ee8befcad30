"""The consumer and its connection: what ends, comes back; what is late, is dropped; what is stopped, stops."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import pytest

from shared.failures import DependencyDown
from shared.messaging import topology
from shared.messaging.consumer import Consumer, Delivery, Done, Later, Outcome
from shared.stopping import Stopping
from tests.harness.waiting import until
from tests.integration.messaging.broker import Broker, tallies, tally
from tests.integration.messaging.conftest import Consume, Running
from tests.integration.messaging.proxy import Proxy
from tests.integration.messaging.test_consumer import Log, emptied


class Gate:
    """A handler that waits inside until it is opened."""

    def __init__(self) -> None:
        self.entered, self.opened = threading.Event(), threading.Event()
        self.ids: list[str] = []

    def __call__(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        self.entered.set()
        assert self.opened.wait(60)
        self.ids += [delivery.event.id for delivery in batch]
        return [Done()] * len(batch)


def test_a_queue_that_is_deleted_and_made_again_is_consumed_again(broker: Broker, consume: Consume) -> None:
    """The broker cancels the consumer, and pika's loop says nothing."""
    log = Log()
    consumer = consume(log)
    broker.put("notify.events", tally("before"))
    until(lambda: log.ids == ["before"])
    broker.delete_queue("notify.events")
    until(lambda: not consumer.connected)
    topology.apply(broker.url, retry_ms=300)
    broker.put("notify.events", tally("after"))
    until(lambda: log.ids == ["before", "after"], timeout=20)


def test_a_forced_close_gives_a_second_delivery_and_the_late_ack_harms_nobody(
    broker: Broker, consume: Consume, running: list[Running]
) -> None:
    gate = Gate()
    consumer = consume(gate, name="victim")
    broker.put("notify.events", *tallies(5))
    assert gate.entered.wait(10)
    broker.force_close("victim")
    until(lambda: not consumer.connected)
    until(lambda: consumer.connected, timeout=20)
    after = broker.connections("victim")
    gate.opened.set()
    until(lambda: len(gate.ids) >= 6)
    running.pop().stop()
    emptied(broker)
    assert set(gate.ids) == {message.message_id for message in tallies(5)}
    assert len(gate.ids) == 6, "only the one in hand is done twice"
    assert len(after) <= 1


def test_what_the_broker_took_back_is_not_fetched_again_while_a_dependency_is_down(
    broker: Broker, consume: Consume, running: list[Running]
) -> None:
    """It would only be held, and charged when the broker takes it back again: up to the delivery limit."""
    down, calls, log = threading.Event(), [], Log()
    down.set()

    def handler(batch: Sequence[Delivery]) -> Sequence[Outcome]:
        calls.append(len(batch))
        if down.is_set():
            raise DependencyDown("mongodb")
        return log(batch)

    consumer = consume(handler, name="victim")
    broker.put("notify.events", *tallies(5))
    until(lambda: consumer.holding)
    broker.force_close("victim")
    until(lambda: not consumer.connected and broker.count("notify.events") == 5)
    asked = len(calls)
    until(lambda: len(calls) >= asked + 3, timeout=30, what="it goes on asking for what it has lost")
    assert broker.consumers("notify.events") == 0
    assert consumer.problem() == "waiting for mongodb"
    down.clear()
    until(lambda: consumer.connected and set(log.ids) == {message.message_id for message in tallies(5)}, timeout=20)
    running.pop().stop()
    emptied(broker)
    assert max(delivery.delivery_count for batch in log.batches for delivery in batch) == 1
    assert broker.count("notify.events.dead") == 0


def test_the_heartbeat_goes_on_while_a_handler_is_slow(
    broker: Broker, consume: Consume, running: list[Running]
) -> None:
    """Longer than the broker waits for a heartbeat: on the connection's own thread this would cost the connection."""
    gate = Gate()
    consumer = consume(gate, url=broker.url + "?heartbeat=1")
    broker.put("notify.events", tally("slow"))
    assert gate.entered.wait(10)
    began = time.monotonic()
    until(lambda: time.monotonic() - began > 7 or not consumer.connected, timeout=10)
    assert consumer.connected
    assert consumer.busy_seconds > 6
    gate.opened.set()
    running.pop().stop()
    emptied(broker)
    assert gate.ids == ["slow"]


def test_a_stopped_broker_is_noticed_by_heartbeat_and_nothing_is_lost(
    proxy: Proxy, broker: Broker, consume: Consume
) -> None:
    log = Log()
    consumer = consume(log, url=proxy.url + "?heartbeat=2")
    broker.put("notify.events", *tallies(10))
    until(lambda: len(log.ids) == 10)
    proxy.stall()
    until(lambda: not consumer.connected, timeout=20)
    assert consumer.problem() == "not connected to the broker"
    broker.put("notify.events", tally("meanwhile"))
    proxy.resume()
    proxy.cut()
    until(lambda: "meanwhile" in log.ids, timeout=30)


def test_cut_again_and_again_every_message_is_handled_and_the_queue_ends_empty(
    proxy: Proxy, broker: Broker, consume: Consume, running: list[Running]
) -> None:
    log = Log()
    broker.put("notify.events", *tallies(3000))
    consume(log, url=proxy.url, batch_max=20)
    for share in (100, 900, 2000):
        until(lambda share=share: len(log.ids) >= share, timeout=30)
        proxy.cut()
    until(lambda: len(set(log.ids)) == 3000, timeout=60)
    running.pop().stop()
    emptied(broker)


def test_the_last_acks_are_not_lost_at_a_stop(broker: Broker, consume: Consume, running: list[Running]) -> None:
    for round_number in range(5):
        log = Log()
        broker.put("notify.events", *tallies(200))
        consume(log, batch_max=10)
        until(lambda log=log, some=20 * (round_number + 1): len(log.ids) > some, every=0.001)
        running.pop().stop()
        until(lambda: broker.consumers("notify.events") == 0)
        left = broker.ids("notify.events")
        assert sorted([*log.ids, *left]) == [message.message_id for message in tallies(200)]


def test_a_stop_finishes_the_call_under_way_and_its_retry(
    broker: Broker, consume: Consume, running: list[Running]
) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def handler(batch: Sequence[Delivery]) -> Sequence[Outcome]:
        entered.set()
        assert go_on.wait(20)
        return [Later("busy")] * len(batch)

    broker.put("notify.events", *tallies(3))
    consume(handler)
    assert entered.wait(10)
    running[0].stopping.request()
    go_on.set()
    running.pop().stop()
    until(lambda: broker.count("notify.events") == 3)  # two untouched, one back by way of the retry queue
    counted = [headers.get("x-attempt", 0) for headers, _, _ in broker.take_all("notify.events")]
    assert sorted(counted) == [0, 0, 1]


def test_a_stop_with_a_stopped_broker_ends(proxy: Proxy, consume: Consume, running: list[Running]) -> None:
    consume(Log(), url=proxy.url)
    proxy.stall()
    running.pop().stop(timeout=10)


def test_a_stop_before_the_broker_was_ever_there_ends_at_once() -> None:
    stopping = Stopping()
    one = Running(Consumer("amqp://127.0.0.1:1/", "notify.events", Log(), None, stopping), stopping)
    one.stop(timeout=5)


def test_a_missing_queue_is_waited_for(empty_broker: Broker) -> None:
    stopping, log = Stopping(), Log()
    one = Running(Consumer(empty_broker.url, "notify.events", log, None, stopping), stopping)
    topology.apply(empty_broker.url)
    until(lambda: empty_broker.consumers("notify.events") == 1, timeout=20)
    one.stop()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_worker_ends_the_consumer(broker: Broker) -> None:
    """A process that looks alive and handles nothing is worse than one that is gone."""
    stopping = Stopping()

    def handler(batch: Sequence[Delivery]) -> Sequence[Outcome]:
        raise KeyboardInterrupt

    broker.put("notify.events", tally("e-1"))
    one = Running(Consumer(broker.url, "notify.events", handler, None, stopping), stopping)
    until(lambda: isinstance(one.failure, RuntimeError), timeout=20)
    until(lambda: broker.count("notify.events") == 1)
