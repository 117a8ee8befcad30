"""Engines that stand still (SIGSTOP: every connection stays open, nobody answers) and engines that are killed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.harness.installation import Installation
from tests.harness.waiting import until
from tests.harness.witness import Witness

STOPPED = 20.0
NOTICED = 15.0
RATE = 6.0
SAMPLES = 50
WORKERS = ("notify-worker", "reporting-worker")
SERVICES = ("intake-1", "notify", *WORKERS, "reporting")


@pytest.fixture(scope="module")
def town() -> Iterator[Witness]:
    """With engines that nobody else needs, and every wait as in production."""
    witness = Witness(Installation())
    yield witness
    witness.close()
    witness.place.close()


@pytest.mark.parametrize("engines", [("rabbitmq",), ("mongod",), ("rabbitmq", "mongod")], ids="+".join)
def test_engines_stand_still_while_reports_come_in(town: Witness, engines: tuple[str, ...]) -> None:
    place = town.place
    town.latencies.clear()
    with town.load(RATE):
        until(lambda: len(town.latencies) >= SAMPLES, timeout=60, what="enough samples with the engine up")
    up = statistics.median(town.latencies)
    town.settle()
    pids = {name: place.pid(name) for name in SERVICES}
    before = {name: place.returned(name) for name in WORKERS}

    town.latencies.clear()
    not_ready: dict[str, float] = {}
    with place.stopped(*engines), town.load(RATE):
        stopped_at = time.monotonic()

        def say_no(service: str) -> None:
            until(lambda: not town.ready(service), timeout=STOPPED, what=f"{service} says no", every=0.3)
            not_ready[service] = time.monotonic() - stopped_at

        def long_enough() -> bool:
            if not town.ready("intake"):
                raise SystemExit("intake is not ready")  # `until` takes every other exception for "not yet"
            return time.monotonic() - stopped_at >= STOPPED

        with ThreadPoolExecutor() as both:
            asked = [both.submit(say_no, service) for service in ("notify", "reporting")]
            until(long_enough, timeout=STOPPED + 10, what="they have stood still long enough", every=0.3)
        assert [one.exception() for one in asked] == [None, None]
    down = statistics.median(town.latencies)
    assert len(town.latencies) >= SAMPLES

    town.settle(timeout=90)
    after = {name: place.returned(name) for name in WORKERS}
    print(f"{'+'.join(engines)}: 202 in {up * 1000:.1f} ms up, {down * 1000:.1f} ms stopped, ratio {down / up:.2f}; "
          f"not ready after {not_ready}; given back {after}")  # fmt: skip
    assert {name: place.pid(name) for name in SERVICES} == pids
    assert all(place.processes[name].running for name in SERVICES)
    assert after == before
    assert set(not_ready) == {"notify", "reporting"}
    assert max(not_ready.values()) <= NOTICED
    assert down <= 3 * up
    until(lambda: town.ready("notify") and town.ready("reporting"), timeout=30, what="ready again")


@pytest.mark.long
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
