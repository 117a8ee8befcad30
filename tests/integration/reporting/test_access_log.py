"""The access log in the database: one chain, however many write at the same moment."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from services.reporting import access_log
from services.reporting.access_log import Broken, Head
from services.reporting.documents import access_log as documents
from services.reporting.reports.making import Maker
from services.reporting.reports.telling import event_of
from shared.calendar import parse
from shared.events import validate
from shared.failures import DependencyDown

AT = datetime(2026, 11, 23, 3, 0, 0, 123456, tzinfo=UTC)
WHO = {"account": "acc-1", "role": "police", "unit": "binh-luong", "action": "case.open"}
ROW = {"incident": "incident-1", "case": "case-1", "part": "child", "reason": "HANDLE_CASE", "note": "gọi gia đình"}
PROCESS = """
import sys
from datetime import UTC, datetime
from services.reporting import access_log
from services.reporting.documents import Store
store = Store(sys.argv[1], sys.argv[2])
for number in range(20):
    access_log.append(store, at=datetime.now(UTC), account=sys.argv[3], role="r", unit="u", action="a")
"""


def test_a_row_is_read_back_as_it_was_hashed(store):
    assert access_log.append(store, at=AT, **WHO, **ROW) == 1
    assert access_log.append(store, at=AT, **WHO, **ROW) == 2
    first, second = store.access_log.find().sort("_id", 1)
    assert second["previous"] == first["hash"]
    assert {name: first[name] for name in ROW} == ROW
    assert access_log.verify(store) == Head(2, second["hash"]) == access_log.head(store)


def test_threads_and_processes_write_one_chain(store, mongo_database):
    others = [
        subprocess.Popen([sys.executable, "-c", PROCESS, mongo_database.url, mongo_database.name, f"p{number}"])
        for number in range(2)
    ]
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: access_log.append(store, at=AT, **WHO), range(60)))
    assert [other.wait(60) for other in others] == [0, 0]
    assert len(set(numbers)) == 60
    found = access_log.verify(store)
    assert isinstance(found, Head)
    assert found.count == 100


def test_a_number_that_another_process_took_is_not_written_over(store, monkeypatch):
    access_log.append(store, at=AT, **WHO)
    stale = documents.last(store.access_log)
    access_log.append(store, at=AT, **WHO)
    answers = [stale]
    real = documents.last
    monkeypatch.setattr(documents, "last", lambda log: answers.pop() if answers else real(log))
    assert access_log.append(store, at=AT, **WHO) == 3
    assert access_log.verify(store).count == 3


@pytest.mark.parametrize(
    ("change", "number"),
    [
        (lambda log: log.update_one({"_id": 2}, {"$set": {"account": "acc-2"}}), 2),
        (lambda log: log.delete_one({"_id": 3}), 3),
        (lambda log: log.delete_one({"_id": 1}), 1),
    ],
)
def test_what_somebody_did_to_the_database_is_named(store, change, number):
    for _ in range(4):
        access_log.append(store, at=AT, **WHO)
    change(store.access_log)
    found = access_log.verify(store)
    assert isinstance(found, Broken)
    assert found.number == number


def test_nothing_is_said_to_be_written_when_the_database_is_down(store, monkeypatch):
    from pymongo.errors import ServerSelectionTimeoutError

    def down(*_, **__):
        raise ServerSelectionTimeoutError("127.0.0.1:1")

    monkeypatch.setattr(store.access_log, "insert_one", down)
    with pytest.raises(DependencyDown):
        access_log.append(store, at=AT, **WHO)


def test_the_head_goes_out_with_every_published_report(service, reports):
    service.project(reports.report())
    row = access_log.append(service.store, at=AT, **WHO)
    directory = service.folder.current()
    maker = Maker(service.store, service.rollups)
    report = directory.reports["children-reported"]
    made = maker.make(report, "binh-luong", parse("2023-06", "statistical"), directory, "clerk")
    assert made.document["access_log_head"] == str(access_log.head(service.store))
    [event] = made.document["outgoing"]
    assert event["data"]["access_log_head"] == str(access_log.head(service.store))
    told = event_of("published", made.document, AT)
    validate(told)
    assert "access_log_head" not in event_of("pulled", made.document, AT, "reader").data
    # Whoever takes the row away now has the published report against him.
    service.store.access_log.delete_one({"_id": row})
    found = access_log.verify(service.store, access_log.heads_told(service.store))
    assert isinstance(found, Broken)
    assert found.number == row


def test_the_operator_is_told_the_head_once_a_day(store):
    assert not access_log.tell_head(store, AT)  # nothing is written yet
    access_log.append(store, at=AT, **WHO)
    assert access_log.tell_head(store, AT)
    assert not access_log.tell_head(store, AT)
    assert access_log.tell_head(store, AT.replace(day=24))
    first, _ = store.operator_notices.find().sort("at", 1)
    assert (first["topic"], first["detail"]) == ("ACCESS_LOG_HEAD", str(access_log.head(store)))
    assert access_log.heads_told(store) == [access_log.head(store)] * 2
