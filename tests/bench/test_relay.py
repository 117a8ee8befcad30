"""Relay: from a full spool to the broker, both queues bound, until every row is sealed."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest

from services.intake.relaying import SpoolSource
from services.intake.spool import Spool
from shared.events import Message
from shared.messaging import topology
from shared.messaging.publisher import Publisher
from shared.messaging.relay import Relay
from shared.messaging.wire import properties_of
from tests.bench import queues
from tests.bench.board import Board, Line, rates
from tests.bench.made import entries
from tests.bench.site import Site
from tests.harness.waiting import until

_ROUNDS = 3


class _Counted(SpoolSource):
    """Tells when the last row was sealed, without asking the spool while it works."""

    def __init__(self, spool: Spool, count: int) -> None:
        super().__init__(spool)
        self.left, self.done = count, threading.Event()

    def confirmed(self, keys: Sequence[object]) -> None:
        super().confirmed(keys)
        self.left -= len(keys)
        if self.left <= 0:
            self.done.set()


@pytest.mark.timeout(900)
def test_spool_to_broker(site: Site, vhost: str, board: Board, full: bool) -> None:
    topology.apply(vhost)
    count, one_by_one = (20_000, 2_000) if full else (10_000, 1_000)
    made = list(entries(site, count))
    spool = Spool(site.home / "spool" / "spool.db")
    try:
        with ThreadPoolExecutor(64) as pool:
            list(pool.map(spool.append, made))
        floor, reached = [], []
        for number in range(_ROUNDS):
            if number:
                assert spool.replay(1, count) == count
            assert spool.status().waiting == count
            floor.append(_one_by_one(vhost, [entry.message for entry in made[:one_by_one]]))
            reached.append(_relayed(vhost, spool, count))
            status = spool.status()
            assert (status.waiting, status.sealed) == (0, count)
            for queue in queues.BOTH:
                held = queues.take_all(vhost, queue)
                assert len(held) == count, f"{queue} holds {len(held)}"
    finally:
        spool.close()
    ratio = median(ours / theirs for ours, theirs in zip(reached, floor, strict=True))
    board.add(Line("relay / BlockingConnection one by one", rates(reached), rates(floor), ratio, 8.0))
    board.note(f"relay: {count} rows a round, two quorum queues; spooled = sealed = held by each queue")


def _one_by_one(url: str, messages: Sequence[Message]) -> float:
    with queues.channel(url) as channel:
        channel.confirm_delivery()
        start = time.perf_counter()
        for message in messages:
            channel.basic_publish("events", message.routing_key, message.body, properties_of(message), mandatory=True)
        took = time.perf_counter() - start
    for queue in queues.BOTH:
        assert queues.depth(url, queue) == len(messages)
    queues.empty(url)
    return len(messages) / took


def _relayed(url: str, spool: Spool, count: int) -> float:
    publisher, source = Publisher(url, name="bench"), _Counted(spool, count)
    relay = Relay(source, publisher, name="bench-relay")
    publisher.start()
    try:
        until(lambda: publisher.ready, what="the publisher is connected")
        start = time.perf_counter()
        relay.start()
        assert source.done.wait(300), f"{source.left} rows are left"
        return count / (time.perf_counter() - start)
    finally:
        relay.stop()
        publisher.close()
