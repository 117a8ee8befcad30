"""Two workers of a kind, one of which stands still in the middle of a write and goes on when all has been done."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest

from tests.harness.waiting import until
from tests.harness.witness import Witness

# The broker gives up on a silent consumer after two heartbeats; 15 s each in production.
HEARTBEAT = 3.0
GIVEN_UP = 4 * HEARTBEAT


@pytest.fixture
def two(town: Witness, request: pytest.FixtureRequest) -> Iterator[tuple[Witness, str, str]]:
    """The worker, the name of a second one; both with a short heartbeat."""
    place, name = town.place, request.param
    usual = place.services[name].env["AMQP_URL"]
    place.terminate(name)
    place.start(name, environment={"AMQP_URL": f"{usual}?heartbeat={HEARTBEAT:.0f}"})
    other = f"{name}-two"
    place.start(name, as_=other)
    for one in (name, other):
        until(lambda: subscribed(town, one) > 0, timeout=30, what=f"{one} consumes")  # noqa: B023
    yield town, name, other
    place.forget(other)
    place.terminate(name)
    place.start(name, environment={"AMQP_URL": usual})


@pytest.mark.parametrize(
    ("two", "point"),
    [
        pytest.param("notify-worker", "notify.alert_stored", marks=pytest.mark.long),
        ("notify-worker", "notify.before_send"),
        pytest.param("reporting-worker", "reporting.facts_written", marks=pytest.mark.long),
        ("reporting-worker", "reporting.cases_folded"),
    ],
    indirect=["two"],
)
def test_one_of_two_stands_still_in_mid_write(two: tuple[Witness, str, str], point: str) -> None:
    town, name, _ = two
    place = town.place
    before = subscribed(town, name)
    place.lay_trap(name, point, "STOP", at=2)
    with town.load(rate=15):
        until(lambda: place.sprung(name, point), timeout=30, what=f"{name} stands still at {point}")
        stopped_at = time.monotonic()
    # Everything is done by the other one, and only then the first goes on with what it had in hand.
    town.quiet(timeout=60)
    until(lambda: time.monotonic() - stopped_at > GIVEN_UP, timeout=2 * GIVEN_UP, what="the broker has given it up")
    place.signal(name, signal.SIGCONT)
    until(lambda: subscribed(town, name) > before, timeout=60, what="it is back")
    town.reports(5)
    town.settle()


def subscribed(town: Witness, name: str) -> int:
    """How often a worker has begun to consume, by its log: a broker counts only the active one of a single active."""
    queue = f'"queue": "{name.partition("-")[0]}.events"'
    return sum(queue in line and "subscription.connected" in line for line in town.place.log(name).splitlines())
