"""kill -9 between any two steps: what was promised is kept, once, by whoever comes after."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from tests.harness.provoking import (
    Provoke,
    with_a_climb,
    with_a_conflict,
    with_a_late_key,
    with_an_acknowledgement,
    with_poison,
    with_reports,
    with_steps,
)
from tests.harness.witness import Witness

REPO = Path(__file__).resolve().parents[2]
REACHED = re.compile(r"crashpoints\.reach\(\s*\"([^\"]+)\"")

# Place, the service that is killed there, at which passing, and what leads there. A spool's thread passes its places
# for every question that is asked, reports being one of many.
KILLS: tuple[tuple[str, str, int, Provoke], ...] = (
    ("intake.before_commit", "intake-1", 40, with_reports),
    ("intake.after_commit", "intake-1", 40, with_reports),
    ("relay.confirmed", "intake-1", 3, with_reports),
    ("relay.confirmed", "notify-worker", 3, with_reports),
    ("consumer.handled", "notify-worker", 3, with_reports),
    ("consumer.before_ack", "notify-worker", 3, with_reports),
    ("consumer.moved", "notify-worker", 1, with_poison),
    ("notify.dead_stored", "notify-worker", 1, with_poison),
    ("notify.alert_stored", "notify-worker", 2, with_reports),
    ("notify.incidents_stored", "notify-worker", 3, with_reports),
    ("notify.fact_stored", "notify-worker", 1, with_a_conflict),
    ("notify.revoked", "notify-worker", 1, with_a_conflict),
    ("notify.clocks_moved", "notify-worker", 1, with_steps),
    ("notify.claimed", "notify-worker", 3, with_reports),
    ("notify.before_send", "notify-worker", 3, with_reports),
    ("notify.after_send", "notify-worker", 3, with_reports),
    ("notify.escalated", "notify-worker", 1, with_a_climb),
    ("notify.acknowledged", "notify", 1, with_an_acknowledgement),
    ("consumer.handled", "reporting-worker", 3, with_reports),
    ("consumer.before_ack", "reporting-worker", 3, with_reports),
    ("consumer.moved", "reporting-worker", 1, with_poison),
    ("reporting.dead_stored", "reporting-worker", 1, with_poison),
    ("reporting.keys_made", "reporting-worker", 3, with_reports),
    ("reporting.parts_sealed", "reporting-worker", 3, with_reports),
    ("reporting.original_stripped", "reporting-worker", 1, with_a_late_key),
    ("reporting.facts_written", "reporting-worker", 3, with_reports),
    ("reporting.cases_folded", "reporting-worker", 3, with_reports),
    ("reporting.cases_written", "reporting-worker", 3, with_reports),
    ("reporting.segments_wanted", "reporting-worker", 3, with_reports),
)


# Every place is hit in `make faults-long`; each kind of step, in each service, in every run.
EVERY_RUN = {
    "intake-1-intake.after_commit",
    "intake-1-relay.confirmed",
    "notify-worker-consumer.moved",
    "notify-worker-notify.alert_stored",
    "notify-worker-notify.revoked",
    "notify-worker-notify.before_send",
    "notify-worker-notify.after_send",
    "notify-notify.acknowledged",
    "reporting-worker-consumer.before_ack",
    "reporting-worker-reporting.parts_sealed",
    "reporting-worker-reporting.facts_written",
    "reporting-worker-reporting.cases_written",
}
CHOSEN = [
    pytest.param(*kill, id=id_, marks=() if id_ in EVERY_RUN else pytest.mark.long)
    for kill in KILLS
    for id_ in [f"{kill[1]}-{kill[0]}"]
]


@pytest.mark.parametrize(("point", "service", "at", "provoke"), CHOSEN)
def test_killed_at(town: Witness, point: str, service: str, at: int, provoke: Provoke) -> None:
    place = town.place
    place.lay_trap(service, point, "KILL", at)

    def killed() -> bool:
        if not place.sprung(service, point):
            return False
        place.kill(service)  # the rest of it: gunicorn would only start its worker again
        place.start(service, wait=False)
        return True

    provoke(town, killed)
    place.wait_ready(service)
    town.settle()


# A snapshot and a merge are killed beside the code that they belong to; an erasure is no service's, and has a test of
# its own.
ELSEWHERE = {
    "notify.merged": "tests/integration/notify/test_ends_and_merges.py",
    "reporting.snapshot_written": "tests/integration/reporting/test_reports_told.py",
    "reporting.key_destroyed": "tests/faults/test_kills.py",
}


def test_every_crash_point_in_the_source_is_exercised() -> None:
    sources = [*REPO.glob("services/**/*.py"), *REPO.glob("shared/**/*.py")]
    named = {name for source in sources for name in REACHED.findall(source.read_text(encoding="utf-8"))}
    calls = sum(source.read_text(encoding="utf-8").count("crashpoints.reach(") for source in sources)
    assert named and calls >= len(named)
    assert named == {kill[0] for kill in KILLS} | set(ELSEWHERE)
    for name, file in ELSEWHERE.items():
        assert f'"{name}"' in (REPO / file).read_text(encoding="utf-8")


def test_intake_killed_with_unrelayed_rows(town: Witness) -> None:
    """The broker stands still, so that every row waits; then intake dies, and a second time while it comes up."""
    place = town.place
    with place.stopped("rabbitmq"):
        town.reports(20)
        place.kill("intake-1")
        place.start("intake-1")
        town.reports(5)
        place.kill("intake-1")
        place.start("intake-1")
    town.settle()


@pytest.mark.long
def test_an_erasure_killed_half_way_is_finished_by_the_next_one(town: Witness) -> None:
    place = town.place
    told = town.report()
    town.settle()
    case = told["case_ids"][0]
    own = {"agency": "bvte-binh-luong", "contact": "bvte-2", "unit": "binh-luong", "disabled_at": None}
    place.mongo["reporting"].accounts.insert_one({"_id": "c", "user": "chairman", "role": "chairman", **own})
    words = ("erase", case, "--by", "chairman", "--reason", "experiment")

    assert place.command("reporting-worker", *words, arm="reporting.key_destroyed").returncode == -signal.SIGKILL
    again = place.command("reporting-worker", *words)

    assert again.returncode == 0, again.stderr
    reporting = place.mongo["reporting"]
    assert "wrapped" not in reporting.case_keys.find_one({"_id": case})
    assert reporting.sealed_parts.count_documents({"case_id": case}) == 0
    town.ledger.erased.add(case)
    town.settle()
