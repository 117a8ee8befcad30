"""Every service leaves and comes back, one after the other, while reports come in."""

from __future__ import annotations

from tests.harness.witness import Witness


def test_a_rolling_restart_under_load_loses_and_repeats_nothing(town: Witness) -> None:
    place = town.place
    town.settle()
    workers = ("notify-worker", "reporting-worker")
    before = {name: len(place.returned(name)) for name in workers}
    left: dict[str, int | None] = {}
    with town.load(rate=10):
        for name in ("intake-1", "notify", "notify-worker", "reporting", "reporting-worker"):
            left[name] = place.terminate(name)
            place.start(name)
    town.settle()
    assert left == dict.fromkeys(left, 0)
    print({name: len(place.returned(name)) - before[name] for name in workers}, "given back")
