"""A binding that somebody removed: nothing is sent after the hole, and it is noticed all the same."""

from __future__ import annotations

import json

import pytest

from services.intake.spool.control import ask
from shared.messaging.topology import CONSUMED
from tests.harness.waiting import until
from tests.harness.witness import Witness

LOST = 3


@pytest.mark.parametrize("service", ["notify", "reporting"])
def test_what_falls_through_a_missing_binding_is_missed_and_replayed(town: Witness, service: str) -> None:
    place, queue = town.place, f"{service}.events"
    spool = place.spools()[0]
    town.reports(2)
    town.settle()
    told = len(town.notices("gap"))
    bound = place.bindings(queue)
    assert bound == set(CONSUMED[queue])

    for key in bound:
        place.unbind(queue, key)
    town.reports(LOST)
    until(lambda: ask(spool, {"verb": "status"})["waiting"] == 0, timeout=20, what="the others got them")
    last = ask(spool, {"verb": "status"})["last_seq"]

    until(lambda: place.bindings(queue) == bound, timeout=30, what="bound again")
    missing = [[last - LOST + 1, last]]
    if service == "notify":
        until(lambda: len(town.notices("gap")) == told + 1, timeout=60, what="the operator is told of the gap")
        assert f"(số {missing[0][0]} đến {missing[0][1]})" in town.notices("gap")[-1]["text"]
    else:
        until(lambda: town.gaps() == missing, timeout=60, what="reconciliation misses them")

    answer = place.command("intake-1", "spool", "replay", "--from", str(missing[0][0]), "--to", str(last))
    assert json.loads(answer.stdout)["replayed"] == LOST, answer.stderr
    town.settle()
    until(lambda: town.gaps() == [], timeout=10, what="nothing is missing")
    assert not place.mongo["notify"].spools.find_one({"gaps.0": {"$exists": True}})
    assert len(town.notices("gap")) == told + (service == "notify")
