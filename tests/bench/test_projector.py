"""Projector: from a full queue until every rollup is clean and says what was sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import pymongo
import pytest

from services.reporting.opening import Opening
from services.reporting.settings import read
from services.reporting.worker import Worker
from shared.calendar import segment_of
from shared.directory import DirectoryFolder
from shared.events import Message
from shared.messaging import topology
from shared.messaging.publisher import Publisher
from shared.stopping import Stopping
from tests.bench.board import Board, Line, rates
from tests.bench.made import entries
from tests.bench.naive_reporting import NaiveReporting
from tests.bench.site import Site
from tests.harness.waiting import until

_ROUNDS = 3
_CHILDREN = 2  # in the contract's full body
_TOP, _COMMUNE = "thanh-hoa", "binh-luong"
_INDICATOR = "REPORTED_CHILDREN"


@pytest.mark.timeout(1200)
def test_queue_to_clean_rollups(site: Site, vhost: str, engines, mongo_database, board: Board, full: bool) -> None:
    topology.apply(vhost)
    count, one_by_one = (20_000, 1_000) if full else (10_000, 500)
    messages = [
        replace(entry.message, headers={**entry.message.headers, "ce-spool": "bench", "ce-seq": str(number)})
        for number, entry in enumerate(entries(site, count), start=1)
    ]
    floor, reached = [], []
    for number in range(_ROUNDS):
        name = f"{mongo_database.name}_{number}"
        try:
            floor.append(_naive(mongo_database.url, f"{name}_naive", site, messages[:one_by_one]))
            reached.append(_projected(vhost, mongo_database.url, name, site, messages))
        finally:
            with pymongo.MongoClient(mongo_database.url, timeoutMS=20_000) as client:
                client.drop_database(name)
                client.drop_database(f"{name}_naive")
    ratio = median(ours / theirs for ours, theirs in zip(reached, floor, strict=True))
    board.add(Line("projector / save() + update(inc) per event", rates(reached), rates(floor), ratio, 10.0))
    board.note(
        f"projector: {count} events of {_CHILDREN} children a round; sent = facts, and the province's sum is right"
    )


def _naive(url: str, database: str, site: Site, messages: Sequence[Message]) -> float:
    directory = DirectoryFolder(site.directory).current()
    naive = NaiveReporting(url, database, directory, Opening.from_dir(site.private))
    try:
        naive.prepare(_half_months(), _COMMUNE)
        start = time.perf_counter()
        for message in messages:
            naive.take(message)
        took = time.perf_counter() - start
        assert naive.total(_TOP) == naive.total(_COMMUNE) == _CHILDREN * len(messages)
    finally:
        naive.close()
    return len(messages) / took


def _projected(amqp: str, mongo: str, database: str, site: Site, messages: Sequence[Message]) -> float:
    _fill(amqp, messages)
    stopping = Stopping()
    worker = Worker(read(_environment(amqp, mongo, database, site)), stopping)
    thread = threading.Thread(target=worker.run, name="worker under test")
    try:
        start = time.perf_counter()
        thread.start()
        until(lambda: _clean(worker, len(messages)), timeout=600, what="the rollups are clean", every=0.05)
        took = time.perf_counter() - start
        assert worker.store.facts.count_documents({}) == len(messages)
        assert worker.store.cases.count_documents({}) == _CHILDREN * len(messages)
    finally:
        stopping.request()
        thread.join(60)
    assert not thread.is_alive(), "the worker did not stop"
    return len(messages) / took


def _clean(worker: Worker, count: int) -> bool:
    """Nothing is marked, and the province's half-months add up to every child that was sent."""
    rollups = worker.store.rollups.find({"unit": _TOP}, {f"indicators.{_INDICATOR}.total": 1})
    total = sum(rollup["indicators"][_INDICATOR]["total"] for rollup in rollups)
    return total == _CHILDREN * count and worker.store.segments.find_one({"dirty": True}) is None


def _fill(amqp: str, messages: Sequence[Message]) -> None:
    publisher = Publisher(amqp, name="bench", deadline=120)
    publisher.start()
    try:
        for future in [publisher.publish("events", message) for message in messages]:
            future.result(120)
    finally:
        publisher.close()


def _environment(amqp: str, mongo: str, database: str, site: Site) -> dict[str, str]:
    letters: Path = site.home / "dead-letters"
    return {
        "LENTIENG_DIRECTORY": str(site.directory),
        "AMQP_URL": amqp,
        "PUBLIC_URL": "http://lentieng.test",
        "MONGO_URL": mongo,
        "MONGO_DATABASE": database,
        "SEALING_PRIVATE_DIR": str(site.private),
        "CASE_KEY": "ef" * 32,
        "DEAD_LETTER_DIR": str(letters),
    }


def _half_months() -> list[str]:
    from datetime import date

    return [segment_of(date(2023, month, day)) for month in range(1, 13) for day in (1, 20)]
