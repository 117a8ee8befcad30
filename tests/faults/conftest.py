"""Installations of their own: here engines and services are killed, stopped and filled up.

Never those of AMQP_URL or MONGO_URL. `town` is shared by the experiments that leave its engines alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness.installation import Installation
from tests.harness.witness import Witness

# In production 40, 12, 60, 30, 90 and 60 s: an experiment would spend its time waiting for them.
QUICK = {"lease": 6.0, "call": 2.0, "reassert": 8.0, "tally": 2.0, "tally_again": 12.0, "gap": 3.0}


@pytest.fixture(scope="session")
def installed() -> Iterator[Witness]:
    witness = Witness(Installation(quick=QUICK))
    yield witness
    witness.close()
    witness.place.close()


@pytest.fixture
def town(installed: Witness) -> Witness:
    """One installation for all experiments that hurt services only; every service runs and is ready."""
    for name, process in installed.place.processes.items():
        if not process.running:
            installed.place.start(name, wait=False)
    for name in installed.place.processes:
        installed.place.wait_ready(name)
    return installed
