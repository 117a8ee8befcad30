"""MongoDB stands still for minutes while reports come in."""

from __future__ import annotations

import contextlib
import time

from tests.harness.broker_view import QUEUES
from tests.harness.installation import Installation
from tests.harness.waiting import until
from tests.harness.witness import Witness

# The broker's patience with a consumer; it looks once a minute. 30 minutes by default.
IMPATIENT = "consumer_timeout = 60000\n"
PATTERN = r"^(notify|reporting)\.events$"
DOORS = ("intake", "notify", "reporting")
CHARGED = 2
OLD_MEASURES = 12.0  # seconds; with a client of pymongo's defaults they counted for 20
WORKERS = ("notify-worker", "reporting-worker")


class Outage:
    """MongoDB stands still from the start on; reports come in until `end`."""

    def __init__(self, minutes: float, delivery_limit: int | None = None) -> None:
        self.town = Witness(Installation(broker_settings=IMPATIENT))
        self.place = self.town.place
        self.minutes = minutes
        if delivery_limit is not None:
            limit = {"pattern": PATTERN, "definition": {"delivery-limit": delivery_limit}, "apply-to": "queues"}
            self.place.management.call("PUT", "/policies/%2F/low-limit", limit)
        self._open = contextlib.ExitStack()

    def begin(self) -> Outage:
        self.town.reports(10)
        self.town.settle()
        self.pids = {name: process.pid for name, process in self.place.processes.items()}
        self._open.enter_context(self.place.stopped("mongod"))
        self.until = time.monotonic() + 60 * self.minutes
        # Fifty at once are more than a consumer takes in one go; then one every four seconds.
        self.town.reports(50)
        self._open.enter_context(self.town.load(rate=0.25))
        return self

    def end(self) -> None:
        """Wait for the end, and for everything to settle. Nothing died, nobody was restarted."""
        town, place = self.town, self.place
        until(
            lambda: time.monotonic() >= self.until, timeout=60 * self.minutes + 30, what="the outage is over", every=1
        )
        # Last heard 15 s after the start in the experiment with engines that stand still, and so it stays.
        assert {name: town.ready(name) for name in DOORS} == {"intake": True, "notify": False, "reporting": False}
        self._open.close()
        began = time.monotonic()
        until(lambda: all(town.ready(name) for name in DOORS), timeout=60, what="every door is open again", every=0.25)
        self._stay_open()
        town.settle(timeout=300)
        took = time.monotonic() - began
        closed = {name: place.log(name).count('"subscription.disconnected"') for name in WORKERS}
        counts = {name: max(place.returned(name), default=0) for name in WORKERS}
        print(f"{self.minutes} minutes: channels closed by the broker {closed}, highest delivery count {counts}, "
              f"settled {took:.0f} s after the end")  # fmt: skip
        assert {name: process.pid for name, process in place.processes.items()} == self.pids
        assert all(process.running for process in place.processes.values())
        # Once for the first loss of patience, once more for what came between that and the knowledge why.
        assert max(counts.values()) <= CHARGED
        dead = [name for name in QUEUES if name.endswith(".dead")]
        assert place.messages(*dead) == dict.fromkeys(dead, 0)
        for database in ("notify", "reporting"):
            assert place.mongo[database].dead_letters.count_documents({}) == 0

    def _stay_open(self) -> None:
        """A client that judges by round trips of the outage lets the first question through and refuses all others."""
        answers = set[int]()
        ends = time.monotonic() + OLD_MEASURES

        def asked() -> bool:
            answers.add(self.town.indicator().status_code)
            return time.monotonic() >= ends

        until(asked, timeout=2 * OLD_MEASURES, what="questions after the outage", every=0.25)
        assert answers == {200}

    def close(self) -> None:
        with contextlib.suppress(AssertionError):
            self._open.close()
        self.town.close()
        self.place.close()
