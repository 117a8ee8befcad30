"""A long time without MongoDB: what is held is held, and costs no message its life.

The broker is told to lose its patience after a minute: it then closes the channel, and charges each message that was in
our hands. A consumer that gave back what it cannot handle, every few seconds, or that fetched again what was taken from
it, every minute, would reach the delivery limit of these queues many times over.
"""

from __future__ import annotations

import pytest

from tests.harness.outage import Outage

LOW = 5  # a hundred in production


@pytest.mark.waits
@pytest.mark.timeout(900)
def test_three_minutes_without_mongodb() -> None:
    without_mongodb(3)


@pytest.mark.long
@pytest.mark.timeout(2700)
def test_thirty_minutes_without_mongodb() -> None:
    without_mongodb(30)


def without_mongodb(minutes: float) -> None:
    outage = Outage(minutes, delivery_limit=LOW)
    try:
        outage.begin().end()
    finally:
        outage.close()
