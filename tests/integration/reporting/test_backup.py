"""A backup and its envelope are enough on another machine; an erased identity stays closed whatever is restored."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import bson
import pyrage
import pytest

from services.reporting import access_log
from services.reporting.keys import Erased, open_part
from services.reporting.keys.backup import KEYS_FILE, backup
from services.reporting.keys.erasing import Held, Who, erase, hold
from services.reporting.keys.refusal import Refused
from services.reporting.keys.restore import restore
from shared.sealing import Sealer, generate, load_private_dir, load_public
from tests.integration.reporting.conftest import CASE_KEY
from tests.integration.reporting.identities import Told, chairman, no_original
from tests.integration.reporting.machines import AT
from tests.integration.reporting.made import step

ROOT = Path(__file__).resolve().parents[3]
WHO = Who("chairman-1", "chairman", "binh-luong")


@pytest.fixture
def told(reports, sealer):
    return Told(reports, sealer)


def refused(machine, data, keys, envelope, *words):
    """With a sentence that says what to do, and nothing written."""
    with pytest.raises(Refused) as caught:
        restore(machine.store, data, keys, envelope, machine.places, AT)
    for word in words:
        assert word in str(caught.value)
    assert machine.store.facts.count_documents({}) == machine.store.case_keys.count_documents({}) == 0


def numbers(service):
    """Figures, and what the cases say, without how often they were written."""
    service.clean()
    cases = [{**case, "version": 0, "ever": []} for case in service.store.cases.find().sort("_id", 1)]
    return service.figures(), cases


def test_identities_and_numbers_are_the_same_on_another_machine(
    service, told, reports, sealer, here, backups, envelope, elsewhere
):
    note = step(told.report, sealer=sealer, note="Đã gặp gia đình")
    service.project(told.report, note, reports.report(village="thon-1"), reports.tally(9))
    access_log.append(service.store, at=AT, account="a", role="police", unit="binh-luong", action="case.open.child")
    before = numbers(service)
    made = backup(service.store, backups, envelope.to_public(), here, AT)
    assert (made.serial, made.data, made.keys) == (1, backups / "data-000001.age", backups / KEYS_FILE)
    machine = elsewhere()
    machine.restore(backups, envelope)
    other = machine.service()
    told.opens(other, 1)
    told.opens(other, 2)
    assert open_part(other.store, other.keyring, told.case(), f"step:{note.id}")["note"] == "Đã gặp gia đình"
    assert numbers(other) == before
    assert access_log.verify(other.store) == access_log.head(other.store)
    # The one from before, and the one that says what was restored.
    assert access_log.head(other.store).count == 2
    # What was sealed to the old machine's door and comes only now opens here too.
    late = Told(reports, sealer)
    other.project(late.report)
    late.opens(other, 1)
    staff_keys = [places.others["staff-key"].read_text() for places in (here, machine.places)]
    assert staff_keys == ["aa" * 32 + "\n"] * 2


def test_erased_after_last_weeks_backup(service, told, sealer, here, backups, envelope, elsewhere):
    service.project(told.report, step(told.report, sealer=sealer, note="MARKER-N"))
    before = numbers(service)
    backup(service.store, backups, envelope.to_public(), here, AT)
    erase(service.store, service.keyring, told.case(), WHO, "r", AT)
    backup(service.store, backups, envelope.to_public(), here, AT, keys_only=True)
    assert sorted(path.name for path in backups.iterdir()) == ["data-000001.age", KEYS_FILE]
    machine = elsewhere()
    done = machine.restore(backups, envelope)
    assert done.erased == 1
    other = machine.service()
    with pytest.raises(Erased):
        open_part(other.store, other.keyring, told.case(), "child")
    assert other.store.sealed_parts.count_documents({"case_id": told.case()}) == 0
    told.opens(other, 2)
    assert numbers(other) == before
    no_original(other.store)
    # Nor when the message itself comes again.
    other.project(told.report)
    with pytest.raises(Erased):
        open_part(other.store, other.keyring, told.case(), "child")
    # And the next backup goes on counting where the newest keys were.
    assert backup(other.store, backups, envelope.to_public(), machine.places, AT).serial == 3


def test_an_original_in_an_old_backup_goes_where_all_were_erased(
    service, reports, here, backups, envelope, elsewhere, tmp_path, keys
):
    generate(tmp_path / "other", tmp_path / "other.pem")
    told = Told(reports, Sealer(*load_public(tmp_path / "other.pem")))
    service.project(told.report)
    backup(service.store, backups, envelope.to_public(), here, AT)
    for number in (1, 2):
        erase(service.store, service.keyring, told.case(number), WHO, "r", AT)
    # The key that opens the original is found again, and is in the newest keys file.
    for file in (tmp_path / "other").glob("*.pem"):
        (keys / file.name).write_bytes(file.read_bytes())
    backup(service.store, backups, envelope.to_public(), here, AT, keys_only=True)
    machine = elsewhere()
    machine.restore(backups, envelope)
    no_original(machine.store)
    assert machine.store.sealed_parts.count_documents({}) == 0
    assert machine.service().total("2023-06") == 2


def test_the_data_alone_says_nothing(service, told, here, backups, envelope):
    service.project(told.report)
    backup(service.store, backups, envelope.to_public(), here, AT)
    plain = gzip.decompress(pyrage.decrypt((backups / "data-000001.age").read_bytes(), [envelope]))
    assert told.markers.found_in({"data": plain}) == []
    assert CASE_KEY not in plain
    records = bson.decode_all(plain)
    assert (records[0]["kind"], records[-1]) == ("head", {"kind": "end", "records": len(records) - 1})
    assert all(record.get("collection") != "case_keys" for record in records)
    for key in service.store.case_keys.find():
        assert bytes(key["wrapped"]) not in plain
    assert told.markers.found_in({path.name: path.read_bytes() for path in backups.iterdir()}) == []
    assert all((path.stat().st_mode & 0o777) == 0o600 for path in backups.iterdir())


def test_the_keys_file_is_only_ever_the_newest(service, told, here, backups, envelope):
    service.project(told.report)
    for _ in range(3):
        backup(service.store, backups, envelope.to_public(), here, AT)
    assert len(list(backups.glob("data-*.age"))) == 3
    assert [path.name for path in backups.iterdir() if not path.name.startswith("data-")] == [KEYS_FILE]


@pytest.fixture
def week(service, told, here, backups, envelope):
    """One backup, whose keys somebody has kept; then an erasure, and another backup."""
    service.project(told.report)
    backup(service.store, backups, envelope.to_public(), here, AT)
    shutil.copy(backups / KEYS_FILE, backups / "old-keys")
    erase(service.store, service.keyring, told.case(), WHO, "r", AT)
    backup(service.store, backups, envelope.to_public(), here, AT)
    return backups


def test_keys_older_than_the_data_are_refused(week, envelope, elsewhere, tmp_path):
    machine = elsewhere()
    refused(machine, week / "data-000002.age", week / "old-keys", envelope, "cũ hơn dữ liệu", "is older than the data")
    # Also with the data of the same day, as long as newer data lie beside them.
    refused(machine, week / "data-000001.age", week / "old-keys", envelope, "tệp khóa mới nhất", "newest keys file")
    shutil.copy(week / "data-000002.age", tmp_path / "renamed.age")
    refused(machine, tmp_path / "renamed.age", week / "old-keys", envelope, "cũ hơn")


def test_keys_without_an_erasure_that_the_data_know_are_refused(week, envelope, elsewhere, here, service, tmp_path):
    """Whatever the numbers say: here the counting was begun again."""
    service.store.state.delete_many({})
    service.store.case_keys.update_many({}, {"$unset": {"erased_at": ""}})
    for _ in range(3):
        backup(service.store, tmp_path / "again", envelope.to_public(), here, AT)
    machine = elsewhere()
    refused(machine, week / "data-000002.age", tmp_path / "again" / KEYS_FILE, envelope, "cũ hơn")


def test_another_envelope_is_refused(week, elsewhere):
    stranger = pyrage.x25519.Identity.generate()
    refused(
        elsewhere(), week / "data-000002.age", week / KEYS_FILE, stranger, "Phong bì khóa này không mở được", "keys.age"
    )


@pytest.mark.parametrize("which", ["data-000002.age", KEYS_FILE])
def test_a_damaged_file_is_refused(week, envelope, elsewhere, which):
    whole, machine = (week / which).read_bytes(), elsewhere()
    middle = len(whole) // 2
    for harmed in (
        whole[:middle],
        whole[:-1],
        whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        b"",
        b"not a backup at all, whatever its name is\n" * 20,
    ):
        (week / which).write_bytes(harmed)
        refused(machine, week / "data-000002.age", week / KEYS_FILE, envelope, which, "bị hỏng", "damaged", "chép lại")


def test_a_file_that_age_takes_and_that_is_no_backup_is_refused(week, envelope, elsewhere):
    data = week / "data-000002.age"
    whole = gzip.decompress(pyrage.decrypt(data.read_bytes(), [envelope]))
    without_end = whole[: -len(bson.encode({"kind": "end", "records": 10}))]
    machine = elsewhere()
    for plain in (b"", b"words", gzip.compress(b"words and more words"), gzip.compress(without_end)):
        data.write_bytes(pyrage.encrypt(plain, [envelope.to_public()]))
        refused(machine, data, week / KEYS_FILE, envelope, "bị hỏng")


def test_the_two_files_taken_for_each_other_are_refused(week, envelope, elsewhere):
    refused(
        elsewhere(),
        week / KEYS_FILE,
        week / "data-000002.age",
        envelope,
        "không phải là tệp khóa",
        "is not the keys file",
    )


def test_nothing_is_restored_over_anything(week, envelope, elsewhere, reports):
    machine = elsewhere()
    machine.store.accounts.insert_one({"_id": "a", "user": "somebody"})
    with pytest.raises(Refused, match=r"không trống \(accounts\)"):
        machine.restore(week, envelope, "data-000002.age")
    assert machine.store.facts.count_documents({}) == machine.store.case_keys.count_documents({}) == 0
    machine.store.accounts.delete_many({})
    machine.restore(week, envelope, "data-000002.age")
    with pytest.raises(Refused, match="is not empty"):
        machine.restore(week, envelope, "data-000002.age")


def test_a_hold_comes_along(service, told, here, backups, envelope, elsewhere):
    service.project(told.report)
    backup(service.store, backups, envelope.to_public(), here, AT)
    hold(service.store, service.keyring, told.case(), WHO, "vụ án", AT)
    backup(service.store, backups, envelope.to_public(), here, AT, keys_only=True)
    machine = elsewhere()
    machine.restore(backups, envelope)
    with pytest.raises(Held):
        erase(machine.store, machine.keyring, told.case(), WHO, "r", AT)
    told.opens(machine.service(), 1)


def test_a_backup_beside_the_projector_lacks_no_identity(service, reports, sealer, here, backups, envelope, elsewhere):
    """Whatever fact is in it has its parts and its key in it: facts are read first, keys last."""
    some = [Told(reports, sealer) for _ in range(6)]
    service.project(*(one.report for one in some[:3]))
    real = service.store.database.list_collection_names

    def meanwhile(*args, **kwargs):
        service.project(*(one.report for one in some[3:]))
        return real(*args, **kwargs)

    service.store.database.list_collection_names = meanwhile
    backup(service.store, backups, envelope.to_public(), here, AT)
    machine = elsewhere()
    machine.restore(backups, envelope)
    other = machine.service()
    facts = {fact["incident_id"] for fact in other.store.facts.find({"name": "incident.reported"})}
    assert facts == {one.report.id for one in some}
    for one in some:
        one.opens(other, 1)


def test_the_commands(service, told, here, backups, envelope, elsewhere, folder, keys, tmp_path, mongo_database):
    service.project(told.report)
    chairman(service.store)
    before = numbers(service)
    (tmp_path / "envelope-public.txt").write_text(f"{envelope.to_public()}\n")
    paper = f"# PHONG BÌ KHÓA\n# public key: {envelope.to_public()}\n{envelope}\n"
    common = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LENTIENG_DIRECTORY": str(folder),
        "AMQP_URL": "amqp://nobody@localhost:1/",
        "MONGO_URL": mongo_database.url,
        "ENVELOPE_PUBLIC_FILE": str(tmp_path / "envelope-public.txt"),
    }
    old = {
        "MONGO_DATABASE": mongo_database.name,
        "SEALING_PRIVATE_DIR": str(keys),
        "SEALING_PUBLIC_KEY_FILE": str(tmp_path / "public.pem"),
        "STAFF_KEY_FILE": str(here.others["staff-key"]),
        "CASE_KEY": CASE_KEY.hex(),
    }

    def run(more, *words, paper=""):
        command = [sys.executable, "-m", "services.reporting", *words]
        return subprocess.run(
            command, env={**common, **more}, input=paper, capture_output=True, text=True, timeout=100, check=False
        )

    done = run(old, "backup", "--to", str(backups))
    assert done.returncode == 0, done.stderr
    assert "data-000001.age" in done.stdout
    held = run(old, "hold", told.case(), "--by", "chairman-1", "--reason", "vụ án")
    assert held.returncode == 0, held.stderr
    no = run(old, "erase", told.case(), "--by", "chairman-1", "--reason", "r")
    assert (no.returncode, "hold --release" in no.stderr) == (1, True)
    assert run(old, "hold", told.case(), "--by", "chairman-1", "--reason", "r", "--release").returncode == 0
    # As the page of the case calls it, in the way in which people type.
    code = service.store.cases.find_one({"_id": told.case()})["code"].lower().replace("-", " ")
    gone = run(old, "erase", code, "--by", "chairman-1", "--reason", "r", "--keys-to", str(backups))
    assert gone.returncode == 0, gone.stderr
    rows = list(service.store.access_log.find({"action": "case.erase"}))
    assert [(row["account"], row["unit"]) for row in rows] == [("chairman-1", "binh-luong")], "for its own auditor"
    assert "no case" in run(old, "erase", "none", "--by", "c", "--reason", "r").stderr
    assert run(old, "keys", "status").returncode == 0
    rotated = run(old, "keys", "rotate")
    assert rotated.returncode == 0, rotated.stderr
    assert len(load_private_dir(keys)) == 2

    machine = elsewhere()
    new = {
        "MONGO_DATABASE": machine.store.database.name,
        "SEALING_PRIVATE_DIR": str(machine.places.private_dir),
        "STAFF_KEY_FILE": str(machine.places.others["staff-key"]),
        "CASE_KEY": b"another machine's key: 32 bytes.".hex(),
    }
    words = ("restore", "--data", str(backups / "data-000001.age"), "--keys", str(backups / KEYS_FILE))
    wrong = run(new, *words, paper="AGE-SECRET-KEY-1WRONG\n")
    assert (wrong.returncode, "Đây không phải là phong bì khóa" in wrong.stderr) == (1, True)
    restored = run(new, *words, paper=paper)
    assert restored.returncode == 0, restored.stderr
    assert str(envelope) not in restored.stdout + restored.stderr
    again = run(new, *words, paper=paper)
    assert (again.returncode, "is not empty" in again.stderr) == (1, True)
    other = machine.service()
    with pytest.raises(Erased):
        open_part(other.store, other.keyring, told.case(), "child")
    told.opens(other, 2)
    assert numbers(other) == before
