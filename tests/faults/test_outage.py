"""A long time without MongoDB: what is held is held, and costs no message its life.

The broker is told to lose its patience after a minute (30 minutes by default, 24 hours as we ship it): it then closes
the channel, and charges each message that was in our hands. A consumer that gave back what it cannot handle, every few
seconds, would reach the delivery limit of these queues many times over.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.harness.installation import QUEUES, Installation
from tests.harness.waiting import until
from tests.harness.witness import Witness

IMPATIENT = "consumer_timeout = 60000\n"
CONSUMED = ("notify.events", "reporting.events")


@pytest.fixture
def town() -> Iterator[Witness]:
    witness = Witness(Installation(broker_settings=IMPATIENT))
    yield witness
    witness.close()
    witness.place.close()


@pytest.mark.timeout(420)
def test_three_minutes_without_mongodb(town: Witness) -> None:
    limit = {"pattern": r"^(notify|reporting)\.events$", "definition": {"delivery-limit": 5}, "apply-to": "queues"}
    town.place.management.call("PUT", "/policies/%2F/low-limit", limit)
    without_mongodb(town, minutes=3)


@pytest.mark.long
@pytest.mark.timeout(2400)
def test_thirty_minutes_without_mongodb(town: Witness) -> None:
    """With the delivery limit of production."""
    without_mongodb(town, minutes=30)


def without_mongodb(town: Witness, minutes: float) -> None:
    place = town.place
    town.reports(10)
    town.settle()
    pids = {name: process.pid for name, process in place.processes.items()}
    with place.stopped("mongod"):
        end = time.monotonic() + 60 * minutes
        # One every four seconds, and fifty at once: more than a consumer takes in one go.
        town.reports(50)
        with town.load(rate=0.25):
            until(lambda: time.monotonic() >= end, timeout=60 * minutes + 10, what="the outage is over", every=0.5)
        closed = {name: place.log(f"{name.partition('.')[0]}-worker").count("PRECONDITION_FAILED") for name in CONSUMED}
    began = time.monotonic()
    town.settle(timeout=180)
    returned = {name: max(place.returned(f"{name.partition('.')[0]}-worker"), default=0) for name in CONSUMED}
    print(f"{minutes} minutes: channels closed by the broker {closed}, highest delivery count {returned}, "
          f"settled {time.monotonic() - began:.0f} s after the end")  # fmt: skip
    assert {name: process.pid for name, process in place.processes.items()} == pids
    assert all(process.running for process in place.processes.values())
    assert place.messages(*(name for name in QUEUES if name.endswith(".dead"))) == dict.fromkeys(
        (f"{name}.dead" for name in CONSUMED), 0
    )
    for database in ("notify", "reporting"):
        assert place.mongo[database].dead_letters.count_documents({}) == 0
