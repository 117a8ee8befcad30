"""What is sealed at the door ends under the keys of its cases, once, and nowhere else."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import replace

import pytest

from services.reporting.keys import Keyring, NotSealed, Unopened, each_own, names, open_part
from services.reporting.keys.checking import WrongKey, check
from services.reporting.keys.rewrap import Rewrap
from services.reporting.opening import Opening
from services.reporting.projector import Projector
from services.reporting.rebuild import rebuild
from services.reporting.rollups import Rollups
from shared.events import encode
from shared.messaging.outcomes import Done
from shared.sealing import Sealer, generate, load_public
from tests.integration.reporting.conftest import NOW
from tests.integration.reporting.identities import Told, dump, no_original
from tests.integration.reporting.made import accepted_elsewhere, alert, case_id, delivered, step, supplement


@pytest.fixture
def told(reports, sealer):
    return Told(reports, sealer)


@pytest.fixture
def stranger(tmp_path):
    """Seals to a key that is not here; `arrive` brings it."""
    generate(tmp_path / "other", tmp_path / "other.pem")
    return Sealer(*load_public(tmp_path / "other.pem"))


@pytest.fixture
def arrive(tmp_path, keys):
    def bring():
        for file in (tmp_path / "other").glob("*.pem"):
            shutil.copy(file, keys)

    return bring


def keyed(service):
    """Keys and parts as stored, without anything that a second delivery may change."""
    return list(service.store.case_keys.find().sort("_id", 1)), list(service.store.sealed_parts.find().sort("_id", 1))


def test_each_case_opens_to_its_own_child(service, told):
    service.project(told.report)
    told.opens(service, 1)
    told.opens(service, 2)
    assert names(service.store, told.case()) == ["child", "reporter", "suspect"]


def test_the_fact_keeps_no_original_and_the_dump_no_word(service, told, sealer):
    note = told.markers.new("note")
    service.project(told.report, step(told.report, sealer=sealer, note=note), alert(told.report.id, "raised", 1))
    service.clean()
    no_original(service.store)
    assert told.markers.found_in(dump(service.store)) == []


def test_counted_as_before_and_again_by_a_rebuild(service, told):
    service.project(told.report)
    service.clean()
    assert service.table("2023-06", "sex") == {"FEMALE": 1, "MALE": 1}
    before, cases = service.figures(), [case["counting"] for case in service.store.cases.find().sort("_id", 1)]
    assert cases[0] == {
        "read": True,
        "sex": "FEMALE",
        "age_received": 9,
        "age_occurred": None,
        "ethnic_group": "THAI",
        "groups": ["ORPHAN_BOTH"],
    }
    service.store.cases.delete_many({})
    rebuild(service.store, service.another_projector(), Rollups(service.store), service.folder.current())
    assert service.figures() == before
    assert [case["counting"] for case in service.store.cases.find().sort("_id", 1)] == cases


def test_nothing_but_what_is_counted_is_kept_of_the_counting_part(service, reports):
    report = reports.report(children=[{"sex": "FEMALE", "full_name": "MARKER-K"}])
    service.project(report)
    assert all(b"MARKER-K" not in content for content in dump(service.store).values())


def test_a_step_opens_by_its_event(service, told, sealer):
    one = step(told.report, 2, sealer=sealer, note="Đã gặp gia đình")
    service.project(one)  # also before the report that it belongs to
    service.project(told.report)
    assert open_part(service.store, service.keyring, told.case(2), f"step:{one.id}")["note"] == "Đã gặp gia đình"
    with pytest.raises(NotSealed):
        open_part(service.store, service.keyring, told.case(1), f"step:{one.id}")
    no_original(service.store)


def test_a_supplement_waits_sealed_for_its_report(service, told, sealer):
    more = supplement(told.report, sealer, {"child": {"description": "MARKER-S"}})
    service.project(more)
    assert service.store.facts.find_one({"_id": more.id})["sealed_under"] == sealer.key_id
    service.project(told.report)
    for number in (1, 2):
        found = open_part(service.store, service.keyring, told.case(number), f"child:{more.id}")
        assert found == {"description": "MARKER-S"}
    no_original(service.store)


def test_what_nobody_told_is_not_sealed(service, reports):
    report = reports.report()
    service.project(report)
    for part in ("suspect", "step:e-1", "counting"):
        with pytest.raises(NotSealed):
            open_part(service.store, service.keyring, case_id(report), part)
    with pytest.raises(NotSealed):
        open_part(service.store, service.keyring, "no such case", "child")


def test_many_cases_are_opened_one_after_the_other(service, reports, sealer, monkeypatch):
    from services.reporting.documents import sealed_parts

    some = [Told(reports, sealer) for _ in range(3)]
    service.project(*(one.report for one in some))
    read = []
    real = sealed_parts.told_of
    monkeypatch.setattr(sealed_parts, "told_of", lambda parts, case, part: read.append(case) or real(parts, case, part))
    wanted = ["none"] + [one.case() for one in some]
    for number, (case, part) in enumerate(each_own(service.store, service.keyring, wanted, "child")):
        assert (case, part["child"]["full_name"]) == (some[number].case(), some[number].names[0])
        # The next is not read before this one was looked at and forgotten.
        assert read == wanted[: number + 2]
    assert read == wanted


def test_copies_and_repeats_change_nothing(service, told, sealer, reports):
    service.project(told.report)
    before = keyed(service)
    # Another replica sealed the same content anew: another event key, another spool, an earlier reception.
    again = Told(reports, sealer, incident=told.report.id, received="2023-05-20T08:00:00+07:00")
    copy = accepted_elsewhere(again.report, "2023-05-20T08:00:00+07:00")
    service.project(told.report, copy, told.report)
    assert keyed(service) == before
    told.opens(service, 1)
    assert service.total("2023-05") == 2
    no_original(service.store)


def test_two_projectors_make_one_key(service, told):
    other = service.another_projector()

    def meanwhile():
        meanwhile_done.append(other([delivered(told.report)]))

    meanwhile_done = []
    first = service.another_projector(between=lambda: None if meanwhile_done else meanwhile())
    assert first([delivered(told.report)]) == [Done()]
    assert service.store.case_keys.count_documents({}) == 2
    told.opens(service, 1)


def test_what_the_key_that_arrives_later_opens(service, reports, stranger, arrive):
    told = Told(reports, stranger)
    note = step(told.report, sealer=stranger, note="MARKER-L")
    service.project(told.report, note)
    assert service.table("2023-06", "sex") == {"UNKNOWN": 2}
    assert service.store.facts.count_documents({"sealed_under": stranger.key_id}) == 2
    with pytest.raises(NotSealed):
        open_part(service.store, service.keyring, told.case(), "child")
    arrive()
    assert service.projector.refold_incomplete() > 0
    told.opens(service, 1)
    assert open_part(service.store, service.keyring, told.case(), f"step:{note.id}")["note"] == "MARKER-L"
    assert service.table("2023-06", "sex") == {"FEMALE": 1, "MALE": 1}
    no_original(service.store)
    assert service.projector.refold_incomplete() == 0


def test_a_copy_that_nobody_can_read_displaces_none_that_was_read(service, reports, sealer, stranger):
    told = Told(reports, sealer)
    copy = Told(reports, stranger, incident=told.report.id).report
    for first, second in ((told.report, copy), (copy, told.report)):
        service.store.facts.delete_many({})
        service.store.cases.delete_many({})
        service.project(accepted_elsewhere(first, "2023-06-01T08:00:00+07:00"))
        service.project(second)
        assert service.table("2023-06", "sex") == {"FEMALE": 1, "MALE": 1}
        no_original(service.store)


def test_facts_of_the_time_before_are_sealed_anew(service, told, keys):
    """As they were kept until now: the original in the body, and nothing that says so."""
    service.project(told.report)
    for collection in (service.store.case_keys, service.store.sealed_parts, service.store.state):
        collection.delete_many({})
    old = {"$set": {"body": encode(told.report).body}, "$unset": {"counting": "", "sealed_under": ""}}
    service.store.facts.update_one({"_id": told.report.id}, old)
    service.clean()
    before = service.figures()
    assert service.another_projector().refold_incomplete() == 1
    service.clean()
    told.opens(service, 1)
    no_original(service.store)
    assert service.figures() == before
    assert service.another_projector().refold_incomplete() == 0


@pytest.mark.parametrize("moved", ["case", "name", "case and key"])
def test_a_part_that_was_moved_does_not_open(service, told, moved):
    service.project(told.report)
    parts, one, two = service.store.sealed_parts, told.case(1), told.case(2)
    first, second = (dict(parts.find_one({"case_id": case})["parts"]) for case in (one, two))
    blob = second["suspect"] if moved == "name" else first["child"]
    parts.update_one({"case_id": two}, {"$set": {"parts": [["child", blob]]}})
    if moved == "case and key":
        key = service.store.case_keys.find_one({"_id": one})
        service.store.case_keys.update_one({"_id": two}, {"$set": {"wrapped": key["wrapped"]}})
    with pytest.raises(Unopened):
        open_part(service.store, service.keyring, two, "child")
    told.opens(service, 1)


def test_another_key_of_the_installation_is_noticed_before_anything_is_sealed(service, told):
    check(service.store, service.keyring)
    service.project(told.report)
    check(service.store, service.keyring)
    other = Keyring(b"o" * 32)
    with pytest.raises(WrongKey, match="CASE_KEY_FILE"):
        check(service.store, other)
    with pytest.raises(Unopened):
        open_part(service.store, other, told.case(), "child")


def test_a_damaged_part_keeps_its_original_and_the_child_in_every_number(service, told):
    sealed = told.report.data["sealed"]
    broken = {**sealed, "parts": {**sealed["parts"], "reporter": sealed["parts"]["suspect"]}}
    service.project(replace(told.report, data={**told.report.data, "sealed": broken}))
    assert service.table("2023-06", "sex") == {"FEMALE": 1, "MALE": 1}
    assert open_part(service.store, service.keyring, told.case(), "suspect") == told.parts["suspect"]
    assert service.store.facts.find_one({"_id": told.report.id})["sealed_under"] == sealed["key_id"]


def test_a_whole_copy_brings_what_was_damaged_in_the_first(service, told, reports, sealer):
    sealed = told.report.data["sealed"]
    broken = {**sealed, "parts": {**sealed["parts"], "child": sealed["parts"]["suspect"]}}
    service.project(replace(told.report, data={**told.report.data, "sealed": broken}))
    first = dict(service.store.sealed_parts.find_one({"case_id": told.case()})["parts"])
    with pytest.raises(NotSealed):
        open_part(service.store, service.keyring, told.case(), "child")
    service.project(told.report)
    told.opens(service, 1)
    told.opens(service, 2)
    after = dict(service.store.sealed_parts.find_one({"case_id": told.case()})["parts"])
    assert {name: after[name] for name in first} == first
    no_original(service.store)


def test_one_write_to_each_collection_for_a_whole_batch(service, reports, sealer, keys):
    """Whatever a batch costs must not grow with every event in it."""
    from pymongo import monitoring

    class Count(monitoring.CommandListener):
        def __init__(self):
            self.inserts = []

        def started(self, event):
            if event.command_name == "insert":
                self.inserts.append(event.command["insert"])

        def succeeded(self, event): ...

        def failed(self, event): ...

    from pymongo import MongoClient

    count = Count()
    url, name = service.store.client.address, service.store.database.name
    client = MongoClient(*url, event_listeners=[count], directConnection=True, tz_aware=True)
    try:
        store = service.store
        watched = {one: getattr(store, one) for one in ("case_keys", "sealed_parts", "facts", "cases")}
        for one in watched:
            setattr(store, one, client[name][one])
        projector = Projector(
            store, service.folder.at_least, Rewrap(store, Opening.from_dir(keys), service.keyring, now=lambda: NOW)
        )
        projector([delivered(Told(reports, sealer).report) for _ in range(50)])
    finally:
        for one, collection in watched.items():
            setattr(store, one, collection)
        client.close()
    assert count.inserts == ["case_keys", "sealed_parts", "facts", "cases"]


def test_no_process_works_with_another_key(service, office, told, command, monkeypatch):
    """Notes and late parts would be sealed under a key of which the safe knows nothing."""
    service.project(told.report)
    ready = office.app.test_client().get("/readyz").get_json()["checks"]
    assert ready["case_key"] == "ok"
    service.store.case_keys.update_many({}, {"$set": {"under": "another"}})
    ready = office.app.test_client().get("/readyz").get_json()["checks"]
    assert "CASE_KEY_FILE is not the key of this database" in ready["case_key"]
    monkeypatch.setattr("services.reporting.commands.opened", lambda _: contextlib.nullcontext(service.store))
    done = command("rollups", "rebuild")
    assert (done.exit_code, "CASE_KEY_FILE is not the key" in done.stderr) == (1, True)
