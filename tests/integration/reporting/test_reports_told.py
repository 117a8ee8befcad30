"""Who is told of a version and of its reader; two who make a version at once; a worker on a real broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from services.reporting import settings as reporting_settings
from services.reporting.documents import snapshots
from services.reporting.outbox import of_snapshots
from services.reporting.reports.making import Maker
from services.reporting.reports.republish import Republish
from services.reporting.worker import Worker
from shared.calendar import parse
from shared.events import decode, encode, validate
from shared.stopping import Stopping
from tests.harness.waiting import until
from tests.integration.reporting.conftest import NOW

ROOT = Path(__file__).resolve().parents[3]
PATH = "/v1/reports/children-reported"
JUNE = f"{PATH}?unit=binh-luong&period=2023-06"


class Once:
    """A hook that does something the first time it is reached."""

    def __init__(self, action):
        self._actions = [action]

    def __call__(self):
        if self._actions:
            self._actions.pop()()


def make(service):
    return service.client.post(f"{JUNE}", headers={"Authorization": "Bearer clerk"})


def told(service):
    return [decode(item.message) for item in of_snapshots(service.store).pending(100, set())]


def test_a_version_tells_that_it_is_published_once(service, reports):
    service.project(reports.report())
    make(service)
    make(service)
    (event,) = told(service)
    validate(event)
    assert (event.name, event.source, event.commune) == ("report.published", "/reporting", "binh-luong")
    assert event.data == {
        "definition": "children-reported",
        "unit": "binh-luong",
        "calendar": "statistical",
        "period": "2023-06",
        "version": 1,
        "at": "2026-11-23T03:00:00+00:00",
        "access_log_head": "0 " + "0" * 64,
    }
    outbox = of_snapshots(service.store)
    (item,) = outbox.pending(100, set())
    assert outbox.pending(100, {item.key}) == []
    outbox.confirmed([item.key])
    assert told(service) == []
    assert snapshots.newest(service.store.snapshots, "children-reported|statistical|2023-06|binh-luong") is not None


def test_one_receipt_per_reader_and_version_however_often_it_is_read(service, reports):
    service.project(reports.report())
    make(service)
    for _ in range(3):
        for form in ("json", "csv", "xlsx"):
            service.get(f"{JUNE}&format={form}", "district")
    service.get(JUNE, "province")
    service.client.head(JUNE, headers={"Authorization": "Bearer commune"})
    pulled = [event for event in told(service) if event.name == "report.pulled"]
    assert sorted(event.data["reader"] for event in pulled) == ["district", "province"]
    assert len({event.id for event in told(service)}) == 3
    for event in pulled:
        validate(event)


def test_two_who_make_the_first_version_at_once_make_one(service, reports):
    service.project(reports.report())
    directory = service.folder.current()
    report, period = directory.reports["children-reported"], parse("2023-06")

    def fast():
        Maker(service.store, service.rollups).make(report, "binh-luong", period, directory, "fast")

    slow = Maker(service.store, service.rollups, between=Once(fast))
    made = slow.make(report, "binh-luong", period, directory, "slow")
    assert (made.new, made.document["version"], made.document["states"][0]["by"]) == (False, 1, "fast")
    assert service.store.snapshots.count_documents({}) == 1


def test_who_read_older_numbers_never_makes_a_newer_version(service, reports):
    service.project(reports.report())
    directory = service.folder.current()
    report, period = directory.reports["children-reported"], parse("2023-06")

    def another():
        service.project(reports.report())
        Maker(service.store, service.rollups).make(report, "binh-luong", period, directory, "fast")

    slow = Maker(service.store, service.rollups, between=Once(another))
    made = slow.make(report, "binh-luong", period, directory, "slow")
    assert (made.new, made.document["version"], made.document["figures"]["total"]) == (False, 1, 2)


def test_many_who_render_at_once_get_the_same_bytes(service, reports):
    service.project(reports.report())
    make(service)
    got = []
    threads = [threading.Thread(target=lambda: got.append(service.get(f"{JUNE}&format=xlsx").data)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(got), len(set(got))) == (6, 1)


def test_what_a_crash_has_left_is_found_by_the_sweep(service, reports):
    service.project(reports.report())
    make(service)
    service.project(reports.report())
    service.clean()  # the worker died between the numbers and the report: nobody says which half-months
    republish = Republish(
        service.store, Maker(service.store, service.rollups, now=lambda: NOW), service.folder.current, Stopping()
    )
    assert republish.once() == 1
    assert republish.once() == 0
    assert service.get(JUNE).headers["X-Report-Version"] == "2"


def test_a_new_form_of_the_report_is_a_new_version(service, folder, reports):
    service.project(reports.report())
    make(service)
    definitions = folder / "reports.yaml"
    text = definitions.read_text(encoding="utf-8")
    text = text.replace("version: 1", "version: 2").replace("[kind, sex, age_band, village]", "[sex]")
    definitions.write_text(text, encoding="utf-8")
    republish = Republish(service.store, Maker(service.store, service.rollups), service.folder.current, Stopping())
    until(lambda: service.folder.current().reports["children-reported"].version == 2)
    assert republish.once() == 1
    body = service.get(JUNE).get_json()
    assert (body["version"], [table["by"] for table in body["data"]["tables"]]) == (2, ["sex"])
    assert len(service.get(f"{JUNE}&version=1").get_json()["data"]["tables"]) == 4


def facts(service, name):
    return service.store.facts.count_documents({"name": name})


def test_a_late_event_becomes_a_version_and_is_told_to_all(environment, publisher, service, reports):
    """What reporting tells comes back to it through the broker as a fact, as it comes to everybody who listens."""
    stopping = Stopping()
    worker = Worker(reporting_settings.read(environment), stopping)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        publisher.publish("events", encode(reports.report())).result(10)
        until(lambda: service.total("2023-06") == 1)
        tag = make(service) and service.get(JUNE).headers["ETag"]
        until(lambda: (facts(service, "report.published"), facts(service, "report.pulled")) == (1, 1))
        publisher.publish("events", encode(reports.report())).result(10)
        until(lambda: service.get(JUNE).headers["X-Report-Version"] == "2", timeout=5)
        headers = {"Authorization": "Bearer commune", "If-None-Match": tag}
        assert service.client.get(JUNE, headers=headers).get_json()["data"]["total"] == 2
        assert service.client.get(f"{JUNE}&version=1", headers=headers).status_code == 304
        until(lambda: (facts(service, "report.published"), facts(service, "report.pulled")) == (2, 2))
        until(lambda: told(service) == [])
    finally:
        stopping.request()
        thread.join(30)
    assert not thread.is_alive()


LAUNCHER = """
import sys
from shared import crashpoints
from services.reporting.__main__ import main
crashpoints.arm({sys.argv[1]: 1})
main(["worker", "run"])
"""


@pytest.mark.parametrize("point", ["reporting.snapshot_written", "relay.confirmed"])
def test_a_worker_killed_around_a_version_tells_of_it_all_the_same(environment, publisher, service, reports, point):
    environment = {**os.environ, **environment, "PYTHONPATH": str(ROOT)}
    service.project(reports.report())
    make(service)
    of_snapshots(service.store).confirmed([item.key for item in of_snapshots(service.store).pending(9, set())])
    publisher.publish("events", encode(reports.report())).result(10)
    died = subprocess.run([sys.executable, "-c", LAUNCHER, point], env=environment, timeout=60, check=False)
    assert died.returncode == -signal.SIGKILL
    process = subprocess.Popen([sys.executable, "-m", "services.reporting", "worker", "run"], env=environment)
    try:
        until(lambda: facts(service, "report.published") == 1, timeout=30)
        until(lambda: told(service) == [])
        assert service.store.snapshots.count_documents({}) == 2
    finally:
        process.terminate()
        process.wait(30)
