"""A broker with the topology in place, and consumers that end with the test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from deploy.local.engines.addresses import Addresses
from deploy.local.engines.management import Management
from shared.messaging import topology
from shared.messaging.consumer import Consumer, Handler
from shared.messaging.deadletters import DeadLetter, DeadLetterDrain
from shared.stopping import Stopping
from tests.harness.waiting import until
from tests.integration.messaging.broker import Broker
from tests.integration.messaging.proxy import Proxy

RETRY_MS = 300


@pytest.fixture
def empty_broker(vhost: str, engines: Addresses) -> Broker:
    assert engines.management
    return Broker(vhost, Management(engines.management))


@pytest.fixture
def broker(empty_broker: Broker) -> Broker:
    topology.apply(empty_broker.url, retry_ms=RETRY_MS)
    return empty_broker


@pytest.fixture
def proxy(broker: Broker) -> Iterator[Proxy]:
    made = Proxy(broker.url)
    yield made
    made.close()


class Running:
    """Something with `run` on a thread of its own."""

    def __init__(self, runner: Consumer | DeadLetterDrain, stopping: Stopping) -> None:
        self.runner, self.stopping = runner, stopping
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.runner.run()
        except BaseException as error:
            self.failure = error

    def stop(self, timeout: float = 30) -> None:
        self.stopping.request()
        self._thread.join(timeout)
        assert not self._thread.is_alive(), "did not stop"
        assert self.failure is None, self.failure


Consume = Callable[..., Consumer]


@pytest.fixture
def running() -> Iterator[list[Running]]:
    """Everything started in the test; stopped after it."""
    started: list[Running] = []
    yield started
    for one in reversed(started):
        one.stop()


@pytest.fixture
def consume(broker: Broker, running: list[Running]) -> Consume:
    """consume(handler, queue="notify.events", url=..., **options of Consumer) -> a connected Consumer."""

    def start(handler: Handler, queue: str = "notify.events", url: str | None = None, **options: Any) -> Consumer:
        stopping = Stopping()
        consumer = Consumer(url or broker.url, queue, handler, None, stopping, **options)
        running.append(Running(consumer, stopping))
        until(lambda: consumer.connected, timeout=20)
        return consumer

    return start


@pytest.fixture
def drain(broker: Broker, running: list[Running]) -> Callable[..., DeadLetterDrain]:
    def start(store: Callable[[DeadLetter], None], queue: str = "notify.events") -> DeadLetterDrain:
        stopping = Stopping()
        made = DeadLetterDrain(broker.url, queue, store, stopping)
        running.append(Running(made, stopping))
        until(lambda: made.connected, timeout=20)
        return made

    return start
