"""kill -9 between any two steps of the way from the door's seal to the keys of cases, and of an erasure."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.reporting.keys import Erased, open_part
from shared.events import encode
from shared.sealing import Sealer, generate, load_public
from tests.harness.waiting import until
from tests.integration.reporting.identities import Told, chairman, dump, no_original

ROOT = Path(__file__).resolve().parents[3]
LAUNCHER = """
import sys
from shared import crashpoints
from services.reporting.__main__ import main
crashpoints.arm({sys.argv[1]: 1})
main(sys.argv[2:])
"""
ON_THE_WAY = (
    "reporting.keys_made",
    "reporting.parts_sealed",
    "reporting.facts_written",
    "reporting.cases_folded",
    "reporting.cases_written",
)


@pytest.fixture
def environment(environment):
    return {**os.environ, "PYTHONPATH": str(ROOT), **environment}


def killed(environment, point, *words):
    """A process of ours dies there."""
    command = [sys.executable, "-c", LAUNCHER, point, *words]
    died = subprocess.run(command, env=environment, timeout=60, check=False, capture_output=True, text=True)
    assert died.returncode == -signal.SIGKILL, died.stderr


def live_until(environment, condition):
    process = subprocess.Popen([sys.executable, "-m", "services.reporting", "worker", "run"], env=environment)
    try:
        until(condition, timeout=40)
    finally:
        process.terminate()
        process.wait(30)


def readable(service, told):
    """What a dump holds that the door's private keys would open."""
    no_original(service.store)
    assert told.markers.found_in(dump(service.store)) == []


def test_a_projector_killed_between_any_two_steps(environment, publisher, service, reports, sealer):
    some = []
    for point in ON_THE_WAY:
        told = Told(reports, sealer)
        some.append(told)
        publisher.publish("events", encode(told.report)).result(10)
        killed(environment, point, "worker", "run")
        for one in some:
            readable(service, one)
    keys = {key["_id"]: bytes(key["wrapped"]) for key in service.store.case_keys.find()}
    live_until(environment, lambda: service.total("2023-06") == 2 * len(some))
    for told in some:
        told.opens(service, 1)
        told.opens(service, 2)
        readable(service, told)
    after = {key["_id"]: bytes(key["wrapped"]) for key in service.store.case_keys.find()}
    assert {case: after[case] for case in keys} == keys, "a life after the first makes no other key"
    assert service.table("2023-06", "sex") == {"FEMALE": len(some), "MALE": len(some)}


def test_killed_when_an_original_that_came_too_early_had_been_stripped(
    environment, service, publisher, reports, keys, tmp_path
):
    generate(tmp_path / "other", tmp_path / "other.pem")
    told = Told(reports, Sealer(*load_public(tmp_path / "other.pem")))
    service.project(told.report)
    for file in (tmp_path / "other").glob("*.pem"):
        shutil.copy(file, keys)
    killed(environment, "reporting.original_stripped", "worker", "run")
    readable(service, told)
    live_until(environment, lambda: service.table("2023-06", "sex") == {"FEMALE": 1, "MALE": 1})
    told.opens(service, 1)


def test_a_worker_with_another_key_says_so_and_takes_nothing(environment, publisher, service, reports, sealer):
    service.project(Told(reports, sealer).report)
    publisher.publish("events", encode(Told(reports, sealer).report)).result(10)
    command = [sys.executable, "-m", "services.reporting", "worker", "run"]
    other = {**environment, "CASE_KEY": "ab" * 32}
    done = subprocess.run(command, env=other, timeout=60, check=False, capture_output=True, text=True)
    assert (done.returncode, "CASE_KEY_FILE is not the key of this database" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr
    assert service.store.facts.count_documents({}) == 1


@pytest.mark.parametrize("again", [True, False])
def test_an_erasure_that_was_killed_is_final_and_done_by_asking_again(environment, service, reports, sealer, again):
    told = Told(reports, sealer)
    service.project(told.report)
    chairman(service.store)
    words = ("erase", told.case(), "--by", "chairman-1", "--reason", "r")
    killed(environment, "reporting.key_destroyed", *words)
    service.project(told.report)
    with pytest.raises(Erased):
        open_part(service.store, service.keyring, told.case(), "child")
    if again:
        done = subprocess.run(
            [sys.executable, "-m", "services.reporting", *words], env=environment, timeout=60, check=False
        )
        assert done.returncode == 0
        assert service.store.sealed_parts.count_documents({"case_id": told.case()}) == 0
    assert service.store.access_log.count_documents({"action": "case.erase"}) == 1
    told.opens(service, 2)
