"""The relay against the real broker: what is refused waits, what is lost comes again, nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import replace

from shared.events.message import Message
from shared.messaging import topology
from shared.messaging.publisher import Publisher
from shared.messaging.relay import Outgoing, Relay
from tests.harness.waiting import until
from tests.integration.messaging.broker import Broker, fill, publishing, tallies, tally
from tests.integration.messaging.proxy import Proxy


class Store:
    """A store in memory. `items` is what waits, `left` what the broker confirmed, in that order."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.items = {message.message_id: Outgoing(message.message_id, message) for message in messages}
        self.left: list[Hashable] = []

    def pending(self, limit: int, held: Set[Hashable]) -> Sequence[Outgoing]:
        return [item for key, item in list(self.items.items()) if key not in held][:limit]

    def confirmed(self, keys: Sequence[Hashable]) -> None:
        for key in keys:
            del self.items[str(key)]
            self.left.append(key)


@contextmanager
def relaying(publisher: Publisher, store: Store) -> Iterator[Relay]:
    relay = Relay(store, publisher, poll=0.1)
    relay.start()
    try:
        yield relay
    finally:
        relay.stop(2)


def test_the_store_drains_in_order(broker: Broker) -> None:
    store = Store(tallies(2000))
    with publishing(broker.url) as publisher, relaying(publisher, store):
        until(lambda: not store.items, timeout=30)
    assert broker.ids("reporting.events") == [message.message_id for message in tallies(2000)]


def test_what_is_new_goes_out_when_the_relay_is_woken(broker: Broker) -> None:
    store = Store([])
    with publishing(broker.url) as publisher:
        relay = Relay(store, publisher, poll=60)
        relay.start()
        until(lambda: publisher.ready)
        store.items["e-1"] = Outgoing("e-1", tally("e-1"))
        relay.wake()
        until(lambda: store.left == ["e-1"], timeout=5)
        relay.stop(2)


def test_what_is_unroutable_waits_and_goes_once_it_is_bound_again(broker: Broker) -> None:
    bindings = [topology.Binding(queue, "events", "intake.tally") for queue in ("notify.events", "reporting.events")]
    for binding in bindings:
        broker.unbind(binding)
    others = [replace(message, routing_key="nil.declared") for message in tallies(20)]
    store = Store([tally("lonely"), *others])
    with publishing(broker.url) as publisher, relaying(publisher, store) as relay:
        until(lambda: list(store.items) == ["lonely"])
        until(lambda: relay.waiting == 1)
        assert relay.oldest_waiting_since is not None
        for binding in bindings:
            broker.bind(binding)
        until(lambda: not store.items, timeout=10)
    assert broker.ids("notify.events").count("lonely") == 1


def test_what_one_full_queue_refuses_waits_while_others_flow_and_copies_stay_few(broker: Broker) -> None:
    """Both queues are bound and one refuses: an instant repeat would fill the healthy one with copies."""
    broker.limit("notify.events", 1)
    refused = tallies(20)
    flowing = [replace(tally(f"a-{number}"), routing_key="alert.sent") for number in range(50)]
    store = Store([*refused, *flowing])
    with publishing(broker.url, renew_after=1.0) as publisher:
        fill(publisher, tally("filling"))
        with relaying(publisher, store) as relay:
            until(lambda: not any(key.startswith("a-") for key in store.items))
            until(lambda: relay.waiting == len(refused))
            broker.unlimit()
            until(lambda: not store.items, timeout=30)
    ids = [name for name in broker.ids("reporting.events") if name != "filling"]
    assert set(ids) == {message.message_id for message in [*refused, *flowing]}
    assert len(ids) <= len(flowing) + 4 * len(refused)


def test_a_forced_close_in_the_middle_loses_nothing_and_keeps_the_ids(broker: Broker) -> None:
    store = Store(tallies(4000))
    with publishing(broker.url, name="victim", window=32) as publisher:
        until(lambda: broker.connections("victim"), timeout=20)
        with relaying(publisher, store):
            until(lambda: store.left, every=0.001)
            broker.force_close("victim")
            until(lambda: not store.items, timeout=60)
    ids = broker.ids("notify.events")
    assert set(ids) == {message.message_id for message in tallies(4000)}
    assert len(ids) <= 4000 + 32


def test_cut_again_and_again_it_still_delivers_all(proxy: Proxy, broker: Broker) -> None:
    store = Store(tallies(3000))
    with publishing(proxy.url) as publisher, relaying(publisher, store):
        for share in (100, 600, 1500):
            until(lambda share=share: len(store.left) >= share, every=0.001, timeout=30)
            proxy.cut()
        until(lambda: not store.items, timeout=60)
    assert set(broker.ids("notify.events")) == {message.message_id for message in tallies(3000)}


def test_stop_is_not_held_up_by_a_stopped_broker(proxy: Proxy) -> None:
    store = Store([])
    with publishing(proxy.url) as publisher:
        relay = Relay(store, publisher, poll=0.1)
        relay.start()
        proxy.stall()
        store.items["e-1"] = Outgoing("e-1", tally("e-1"))
        relay.wake()
        until(lambda: relay.oldest_waiting_since is not None)
        began = time.monotonic()
        relay.stop(0.5)
        assert time.monotonic() - began < 1
        assert list(store.items) == ["e-1"]


def test_a_user_with_intakes_rights_can_relay(broker: Broker) -> None:
    store = Store(tallies(10))
    with broker.user("intake") as url, publishing(url) as publisher, relaying(publisher, store):
        until(lambda: not store.items)
    assert broker.count("notify.events") == broker.count("reporting.events") == 10
