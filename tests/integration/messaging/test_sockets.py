"""What goes wrong leaves no socket behind. The collector is off: what it would close is just what is looked for."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pika
import pytest

from shared.messaging import topology
from shared.messaging.errors import BrokerGone
from shared.messaging.parameters import parameters
from shared.messaging.publisher import Publisher
from shared.messaging.session import Session
from tests.harness.waiting import until
from tests.integration.messaging.broker import publishing, tally
from tests.integration.messaging.proxy import Proxy

_VHOST, _NOBODY = "amqp://guest:guest@127.0.0.1:{port}/", "ghost"


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def sockets() -> int:
    """How many this process has open."""
    found = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found += descriptor.readlink().name.startswith("socket:")
    return found


@pytest.fixture
def leaving() -> Iterator[str]:
    """The address of a broker that goes with the very answer that opens the connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    spec = pika.spec.Connection
    last = [spec.OpenOk(), spec.Close(320, "going down", 0, 0)]

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                with client:
                    for answers in ([spec.Start(server_properties={})], [spec.Tune(0, 131072, 0)], last):
                        client.recv(4096)
                        client.sendall(b"".join(pika.frame.Method(0, answer).marshal() for answer in answers))
                    while client.recv(4096):
                        pass

    threading.Thread(target=serve, daemon=True).start()
    yield _VHOST.format(port=listener.getsockname()[1])
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.mark.parametrize(
    "open_one",
    [lambda url: Session(parameters(url, _NOBODY), "notify.events", lambda _: None), topology.apply],
    ids=["session", "topology"],
)
def test_a_broker_that_goes_as_it_opens_leaves_no_socket(leaving: str, open_one: Callable[[str], object]) -> None:
    before = sockets()
    with pytest.raises(BrokerGone, match="while it opened"):
        open_one(leaving)
    until(lambda: sockets() <= before)


def test_a_publisher_that_starts_over_leaves_no_socket(proxy: Proxy) -> None:
    with publishing(proxy.url) as publisher:
        before = sockets()
        surprise(publisher)
        until(lambda: proxy.accepted == 2 and publisher.ready, timeout=20)
        publisher.publish("events", tally("e-1")).result(10)
        until(lambda: sockets() <= before, what="the first connection to be closed")


def test_a_publisher_that_is_surprised_while_it_closes_ends(proxy: Proxy) -> None:
    with publishing(proxy.url) as publisher:
        publisher._closing = True
        surprise(publisher)
        until(lambda: not publisher._thread.is_alive(), what="its thread to end")


def surprise(publisher: Publisher) -> None:
    def fail() -> None:
        raise RuntimeError("a surprise")

    assert publisher._loop is not None
    publisher._loop.add_callback_threadsafe(fail)
