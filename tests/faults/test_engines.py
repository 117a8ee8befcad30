"""Engines that stand still (SIGSTOP: every connection stays open, nobody answers) and engines that are killed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import pytest

from tests.harness.installation import Installation
from tests.harness.waiting import until
from tests.harness.witness import Witness

STOPPED = 20.0
NOTICED = 15.0
SAMPLES = 60
WORKERS = ("notify-worker", "reporting-worker")
SERVICES = ("intake-1", "notify", *WORKERS, "reporting")


@pytest.fixture(scope="module")
def town() -> Iterator[Witness]:
    """With engines that nobody else needs, and every wait as in production."""
    witness = Witness(Installation())
    yield witness
    witness.close()
    witness.place.close()


@pytest.mark.parametrize("engine", ["rabbitmq", "mongod"])
def test_an_engine_stands_still_while_reports_come_in(town: Witness, engine: str) -> None:
    place = town.place
    town.reports(SAMPLES)
    town.settle()
    up = statistics.median(town.latencies[-SAMPLES:])
    pids = {name: place.pid(name) for name in SERVICES}
    before = {name: place.returned(name) for name in WORKERS}

    with place.stopped(engine):
        stopped_at = time.monotonic()
        not_ready: dict[str, float] = {}
        count = len(town.latencies)
        while time.monotonic() - stopped_at < STOPPED:
            town.report()
            for service in {"notify", "reporting"} - not_ready.keys():
                if not town.soon_ready(service):
                    not_ready[service] = time.monotonic() - stopped_at
            assert town.ready("intake")
        down = statistics.median(town.latencies[count:])
        assert len(town.latencies) - count >= 10
        # As many as were measured with the engines up; the questions about readiness took the time of the others.
        town.reports(max(0, SAMPLES - len(town.latencies) + count))
        down = statistics.median(town.latencies[count:])

    town.settle(timeout=90)
    after = {name: place.returned(name) for name in WORKERS}
    print(f"{engine}: 202 in {up * 1000:.1f} ms up, {down * 1000:.1f} ms stopped, ratio {down / up:.2f}; "
          f"not ready after {not_ready}; given back {after}")  # fmt: skip
    assert {name: place.pid(name) for name in SERVICES} == pids
    assert all(place.processes[name].running for name in SERVICES)
    assert after == before
    assert set(not_ready) == {"notify", "reporting"}
    assert max(not_ready.values()) <= NOTICED
    assert down <= 3 * up
    until(lambda: town.ready("notify") and town.ready("reporting"), timeout=30, what="ready again")


def test_engines_are_killed_while_reports_come_in(town: Witness) -> None:
    place = town.place
    pids = {name: place.pid(name) for name in SERVICES}
    with town.load(rate=10):
        for engine in ("rabbitmq", "mongod"):
            accepted = len(town.ledger.accepted)
            place.kill_engine(engine)
            until(lambda: len(town.ledger.accepted) >= accepted + 20, timeout=30, what="reports are taken")  # noqa: B023
            place.revive()
            until(lambda: town.ready("notify") and town.ready("reporting"), timeout=60, what="ready again")
    town.settle(timeout=90)
    assert {name: place.pid(name) for name in SERVICES} == pids
    assert all(place.processes[name].running for name in SERVICES)
