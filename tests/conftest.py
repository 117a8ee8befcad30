"""Shared by every ring: its mark, closed sockets in the unit ring, engines with a fresh vhost and database per test.

The ring is the folder: tests/unit is `unit`, tests/integration is `integration`; nobody writes the mark by hand.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import hypothesis
import pytest
import pytest_socket

from tests.harness.thrift import in_memory, made_once

if TYPE_CHECKING:
    from deploy.local.engines.addresses import Addresses
    from tests.harness.stack import Stack

# How long one example takes says how busy the machine is, and nothing about what is tested.
hypothesis.settings.register_profile("lentieng", deadline=None)
hypothesis.settings.load_profile("lentieng")

TESTS = Path(__file__).resolve().parent
RINGS = ("unit", "contract", "integration", "e2e", "faults", "bench", "docker", "guards")


_ENGINES_NEED = 6 * 1024**3


class MongoDatabase(NamedTuple):
    """A database that exists for one test. `url` names no database; pass `name` beside it."""

    url: str
    name: str


def ring_of(path: Path) -> str | None:
    parts = path.resolve().relative_to(TESTS).parts if path.resolve().is_relative_to(TESTS) else ()
    return parts[0] if parts and parts[0] in RINGS else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        ring = ring_of(item.path)
        if ring:
            item.add_marker(getattr(pytest.mark, ring))


@pytest.fixture(scope="session", autouse=True)
def _made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with made_once(tmp_path_factory.mktemp("templates")):
        yield


@pytest.fixture(autouse=True)
def _no_sockets_in_the_unit_ring(request: pytest.FixtureRequest) -> Iterator[None]:
    if ring_of(request.path) != "unit":
        yield
        return
    pytest_socket.disable_socket(allow_unix_socket=True)
    try:
        yield
    finally:
        pytest_socket.enable_socket()


@pytest.fixture(scope="session")
def engines() -> Iterator[Addresses]:
    """RabbitMQ and MongoDB for the session, with an administrator's addresses.

    Those of the environment where AMQP_URL, MONGO_URL and RABBITMQ_MANAGEMENT_URL are all set, else our own, which are
    stopped at the end.
    """
    from deploy.local.engines.addresses import Addresses

    amqp, mongo, management = (os.environ.get(name) for name in ("AMQP_URL", "MONGO_URL", "RABBITMQ_MANAGEMENT_URL"))
    if amqp and mongo and management:
        yield Addresses(amqp=amqp, mongo=mongo, management=management)
        return
    from deploy.local.engines import docker, start
    from deploy.local.ports import Ports

    place = in_memory(_ENGINES_NEED)
    with tempfile.TemporaryDirectory(prefix="lentieng-test-", dir=place, ignore_cleanup_errors=True) as home:
        running = start(Path(home), Ports.free(), environment={})
        try:
            yield running.addresses
        finally:
            running.stop()
            for folder in ("rabbitmq", "mongo"):
                docker.discard(Path(home) / folder)


@pytest.fixture
def vhost(engines: Addresses) -> Iterator[str]:
    """The AMQP URL of a fresh, empty vhost (no topology yet), gone after the test with everything in it."""
    from deploy.local.engines.management import Management

    assert engines.management, "the tests need RabbitMQ's management API: set RABBITMQ_MANAGEMENT_URL"
    management = Management(engines.management)
    name = f"test-{secrets.token_hex(6)}"
    management.create_vhost(name)
    try:
        yield engines.amqp_for(vhost=name)
    finally:
        management.delete_vhost(name)


@pytest.fixture
def mongo_database(engines: Addresses) -> Iterator[MongoDatabase]:
    """A database name nobody else has, dropped after the test."""
    import pymongo

    database = MongoDatabase(engines.mongo, f"test_{secrets.token_hex(6)}")
    try:
        yield database
    finally:
        with pymongo.MongoClient(database.url, timeoutMS=10_000) as client:
            client.drop_database(database.name)


@pytest.fixture(scope="session")
def stack(engines: Addresses) -> Iterator[Stack]:
    """Everything `make run` starts, on free ports, with a directory of its own (see tests/harness/stack.py)."""
    from tests.harness.stack import Stack

    running = Stack.start(engines, intakes=2)
    try:
        yield running
    finally:
        running.stop()
