"""Notify on real engines: a worker in this process, a gateway and a mail server that misbehave when told to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from services.notify import app as web
from services.notify.settings import Settings, read
from services.notify.worker import Worker
from shared.messaging import topology
from shared.messaging.publisher import Publisher
from shared.stopping import Stopping
from tests.integration.notify.by_hand import ByHand
from tests.integration.notify.providers import FakeGateway, FakeMail
from tests.integration.notify.system import ROOT, System, copy_directory


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[FakeGateway]:
    with FakeGateway(tmp_path / "gateway.yaml") as running:
        yield running


@pytest.fixture
def mail() -> Iterator[FakeMail]:
    with FakeMail() as running:
        yield running


@pytest.fixture
def environment(vhost, mongo_database, gateway, mail, tmp_path) -> dict[str, str]:
    topology.apply(vhost, retry_ms=300)
    return {
        "LENTIENG_DIRECTORY": str(copy_directory(tmp_path)),
        "AMQP_URL": vhost,
        "PUBLIC_URL": "http://127.0.0.1:8001",
        "MONGO_URL": mongo_database.url,
        "MONGO_DATABASE": mongo_database.name,
        "CONTACTS_SEED_FILE": str(ROOT / "deploy/contacts/binh-luong/contacts.seed.yaml"),
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(mail.port),
        "SMTP_FROM": "lentieng@lentieng.example.invalid",
        "SMS_GATEWAY_FILE": str(gateway.file),
        "LINK_BASE_URL": "http://127.0.0.1:8002",
        "LINK_KEY": "ab" * 32,
        "OPERATOR_PHONE": "+84000000900",
        "OPERATOR_MAIL": "operator@example.invalid",
        "SANDBOX": "1",
    }


@pytest.fixture
def settings(environment) -> Settings:
    return read(environment)


@pytest.fixture
def database(settings) -> Iterator[None]:
    """Connected, with indexes and contacts, no worker running."""
    from datetime import UTC, datetime

    from services.notify.documents import connection, indexes
    from services.notify.store import contacts

    connection.connect(settings.mongo_url, settings.mongo_database)
    indexes.make()
    contacts.load_seed(settings.contacts_seed_file, datetime.now(UTC))
    yield
    connection.disconnect()


@pytest.fixture
def client(settings, database) -> FlaskClient:
    """The web process, beside what the test moves by hand."""
    return web.create_app(settings).test_client()


@pytest.fixture
def by_hand(settings, database) -> Iterator[ByHand]:
    """Handler, ladder, clocks and dispatcher, moved by the test."""
    hand = ByHand(settings)
    yield hand
    hand.close()


@pytest.fixture
def start(environment, gateway, mail, vhost) -> Iterator[Callable[..., System]]:
    """Starts a worker with the environment changed as given; stopped after the test."""
    running: list[tuple[Stopping, threading.Thread, Publisher]] = []

    def started(**changed: str) -> System:
        stopping, publisher = Stopping(), Publisher(vhost, name="test")
        worker = Worker(read({**environment, **changed}), stopping)
        thread = threading.Thread(target=worker.run, name="worker under test")
        publisher.start()
        thread.start()
        running.append((stopping, thread, publisher))
        assert worker.started.wait(15), "the worker did not start"
        return System(publisher, gateway, mail)

    yield started
    for stopping, thread, publisher in running:
        stopping.request()
        thread.join(30)
        publisher.close()
        assert not thread.is_alive(), "the worker did not stop"


@pytest.fixture
def system(start) -> System:
    return start()
