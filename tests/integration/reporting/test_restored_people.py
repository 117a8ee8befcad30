"""Whatever data are restored: who may sign in and who looked at what is as the newest keys file has it."""

from __future__ import annotations

import gzip
from datetime import timedelta

import bson
import pyrage
import pytest

from services.reporting import access_log
from services.reporting.keys.backup import KEYS_FILE, NEWEST_ONLY, backup
from services.reporting.keys.bundle import write
from services.reporting.keys.refusal import Refused
from tests.integration.reporting.machines import AT

UNIT = "binh-luong"


def account(store, key, **fields):
    known = {"_id": key, "user": key, "role": "police", "unit": UNIT, "generation": 3, "disabled_at": None}
    store.accounts.insert_one(known | fields)


def looked(store, action="case.open"):
    return access_log.append(store, at=AT, account="police-1", role="police", unit=UNIT, action=action)


@pytest.fixture
def last_week(service, here, backups, envelope):
    """A backup of the data; then one person left, one came, two rows were written, and the keys were backed up."""
    store = service.store
    account(store, "stays")
    account(store, "leaves")
    account(store, "reads", role="auditor")
    store.enrolments.insert_one({"_id": "e", "number": "n", "account": "leaves", "state": "OPEN"})
    store.delegations.insert_one({"_id": "d", "receiver": "leaves", "unit": UNIT, "revoked_at": None})
    store.staff_sessions.insert_one({"_id": "s", "account": "stays", "generation": 3, "ended_at": None})
    looked(store)
    backup(store, backups, envelope.to_public(), here, AT)
    store.accounts.update_one({"_id": "leaves"}, {"$set": {"disabled_at": AT}, "$inc": {"generation": 1}})
    store.delegations.update_one({"_id": "d"}, {"$set": {"revoked_at": AT}})
    account(store, "comes")
    looked(store)
    looked(store)
    backup(store, backups, envelope.to_public(), here, AT, keys_only=True)
    return access_log.head(store)


def records(path, envelope):
    return bson.decode_all(gzip.decompress(pyrage.decrypt(path.read_bytes(), [envelope])))


def elsewhere_restored(elsewhere, backups, envelope):
    machine = elsewhere()
    machine.restore(backups, envelope)
    return machine.store


def test_who_has_left_does_not_come_back_and_who_came_is_there(last_week, elsewhere, backups, envelope):
    store = elsewhere_restored(elsewhere, backups, envelope)
    found = {one["_id"]: one for one in store.accounts.find()}
    assert set(found) == {"stays", "leaves", "reads", "comes"}
    assert found["leaves"]["disabled_at"] is not None
    assert store.delegations.find_one({"_id": "d"})["revoked_at"] is not None
    assert store.enrolments.count_documents({}) == 0


def test_every_session_is_over(last_week, elsewhere, backups, envelope):
    store = elsewhere_restored(elsewhere, backups, envelope)
    assert store.staff_sessions.find_one({"_id": "s"})["ended_at"] == AT
    assert {one["_id"]: one["generation"] for one in store.accounts.find()} == {
        "stays": 4, "leaves": 5, "reads": 4, "comes": 4,
    }  # fmt: skip


def test_no_row_of_the_log_is_lost_and_the_restore_is_in_it(last_week, elsewhere, backups, envelope):
    before = records(backups / "data-000001.age", envelope)[0]["access_log"]
    store = elsewhere_restored(elsewhere, backups, envelope)
    rows = list(store.access_log.find().sort("_id", 1))
    assert [row["action"] for row in rows] == ["case.open", "case.open", "case.open", "RESTORED"]
    assert (rows[-1]["unit"], rows[-1]["role"]) == (UNIT, "operator")
    assert rows[-1]["note"] == f"data 1: {before}; keys 2: {last_week}"
    # A head that was mailed before is still on the chain; one of rows that were lost afterwards is missed.
    found = access_log.verify(store, [access_log.Head.parse(before), last_week])
    assert isinstance(found, access_log.Head)
    assert found.count == 4
    lost = access_log.Head(9, "a" * 64)
    assert isinstance(access_log.verify(store, [lost]), access_log.Broken)


def test_neither_people_nor_the_log_are_in_the_data(last_week, backups, envelope):
    data, keys = (
        {one["collection"] for one in records(backups / name, envelope) if one["kind"] == "document"}
        for name in ("data-000001.age", KEYS_FILE)
    )
    assert data.isdisjoint({*NEWEST_ONLY, "enrolments", "throttles"})
    assert keys == {*NEWEST_ONLY}


def test_data_of_an_older_version_bring_nobody_back_either(last_week, elsewhere, backups, envelope):
    path = backups / "data-000001.age"
    head, *others = records(path, envelope)[:-1]
    ghost = [
        {"kind": "document", "collection": name, "document": {"_id": "ghost", "user": "ghost", "number": "g"}}
        for name in ("accounts", "delegations", "enrolments", "staff_sessions", "access_log")
    ]
    write(path, envelope.to_public(), [{**head, "form": 1}, *others, *ghost])
    store = elsewhere_restored(elsewhere, backups, envelope)
    for one in ghost:
        assert store.database[one["collection"]].find_one({"_id": "ghost"}) is None


def test_keys_of_an_older_version_have_no_people_and_are_refused(last_week, elsewhere, backups, envelope):
    head, *others = records(backups / KEYS_FILE, envelope)[:-1]
    write(backups / KEYS_FILE, envelope.to_public(), [{**head, "form": 1}, *others])
    with pytest.raises(Refused, match="older version"):
        elsewhere_restored(elsewhere, backups, envelope)


def test_without_an_auditor_the_row_is_there_all_the_same(service, here, backups, envelope, elsewhere):
    backup(service.store, backups, envelope.to_public(), here, AT + timedelta(days=1))
    store = elsewhere_restored(elsewhere, backups, envelope)
    assert [row["action"] for row in store.access_log.find()] == ["RESTORED"]
