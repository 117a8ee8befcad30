"""A long time without MongoDB: what is held is held, and costs no message its life.

The broker is told to lose its patience after a minute: it then closes the channel, and charges each message that was in
our hands. A consumer that gave back what it cannot handle, every few seconds, or that fetched again what was taken from
it, every minute, would reach the delivery limit of these queues many times over.
"""

from __future__ import annotations

import pytest

from tests.harness.outage import Outage

LOW = 5  # a hundred in production


@pytest.mark.timeout(900)
def test_three_minutes_without_mongodb(three_minutes: Outage) -> None:
    three_minutes.end()


@pytest.mark.long
@pytest.mark.timeout(2700)
def test_thirty_minutes_without_mongodb() -> None:
    outage = Outage(30, delivery_limit=LOW)
    try:
        outage.begin().end()
    finally:
        outage.close()
