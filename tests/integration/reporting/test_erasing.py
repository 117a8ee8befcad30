"""An erased identity is gone whatever comes again, and no number changes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.reporting import access_log
from services.reporting.deadletters import Cupboard
from services.reporting.keys import Erased, NotSealed, each_own, names, open_part
from services.reporting.keys.erasing import Held, NoSuchCase, Who, erase, hold, release
from services.reporting.keys.housekeeping import Housekeeping
from services.reporting.keys.originals import originals
from services.reporting.rebuild import rebuild
from services.reporting.rollups import Rollups
from shared.events import encode
from shared.messaging.deadletters import DeadLetter
from shared.sealing import Sealer, generate, load_public
from shared.stopping import Stopping
from tests.integration.reporting.identities import Told, dump, no_original
from tests.integration.reporting.made import accepted_elsewhere, delivered, step, supplement

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
WHO = Who("chairman-1", "chairman", "binh-luong")


@pytest.fixture
def told(reports, sealer):
    return Told(reports, sealer)


def closed(service, told, number=1):
    """Nothing of this child opens, by whatever name; nothing is left that a key could open."""
    for part in ("child", "suspect", "reporter", "step:e-1"):
        with pytest.raises(Erased):
            open_part(service.store, service.keyring, told.case(number), part)
    assert list(each_own(service.store, service.keyring, [told.case(number)], "child")) == []
    assert names(service.store, told.case(number)) == []
    assert service.store.sealed_parts.count_documents({"case_id": told.case(number)}) == 0
    assert "wrapped" not in service.store.case_keys.find_one({"_id": told.case(number)})


def counted(service):
    service.clean()
    return service.figures(), [{**case, "version": 0, "ever": []} for case in service.store.cases.find().sort("_id", 1)]


def test_one_child_is_erased_and_the_other_stays(service, told, sealer):
    one = step(told.report, sealer=sealer, note="MARKER-N")
    service.project(told.report, one)
    assert erase(service.store, service.keyring, told.case(), WHO, "theo yêu cầu", AT)
    closed(service, told)
    with pytest.raises(Erased):
        open_part(service.store, service.keyring, told.case(), f"step:{one.id}")
    told.opens(service, 2)


def test_every_number_is_the_same_before_and_after_and_after_a_rebuild(service, told, reports):
    service.project(told.report, reports.report(village="thon-1"))
    before = counted(service)
    erase(service.store, service.keyring, told.case(1), WHO, "r", AT)
    erase(service.store, service.keyring, told.case(2), WHO, "r", AT)
    assert counted(service) == before
    rebuild(service.store, service.another_projector(), Rollups(service.store), service.folder.current())
    assert counted(service) == before
    service.store.cases.delete_many({})
    rebuild(service.store, service.another_projector(), Rollups(service.store), service.folder.current())
    assert counted(service) == before
    closed(service, told)


def test_nothing_that_comes_again_brings_it_back(service, told, reports, sealer):
    service.project(told.report)
    erase(service.store, service.keyring, told.case(), WHO, "r", AT)
    before = counted(service)
    again = Told(reports, sealer, incident=told.report.id, received="2023-06-01T07:00:00+07:00")
    late = step(told.report, sealer=sealer, note="MARKER-R")
    more = supplement(told.report, sealer, {"child": {"description": "MARKER-R"}, "reporter": {"phone": "MARKER-R"}})
    # The same delivery, a copy from another replica with an earlier reception, and what is told of the case only now.
    service.project(told.report)
    service.project(accepted_elsewhere(again.report, "2023-06-01T07:00:00+07:00"), late, more)
    service.another_projector()([delivered(told.report)])
    service.projector.refold_incomplete()
    closed(service, told)
    with pytest.raises(Erased):
        open_part(service.store, service.keyring, told.case(), f"step:{late.id}")
    assert open_part(service.store, service.keyring, told.case(2), f"child:{more.id}") == {"description": "MARKER-R"}

    assert counted(service)[0] == before[0]
    assert len(service.store.cases.find_one({"_id": told.case()})["steps"]) == 1
    no_original(service.store)


def test_an_original_that_nobody_could_open_goes_with_the_last_child(service, reports, tmp_path, keys):
    generate(tmp_path / "other", tmp_path / "other.pem")
    told = Told(reports, Sealer(*load_public(tmp_path / "other.pem")))
    one = step(told.report, sealer=Sealer(*load_public(tmp_path / "other.pem")), note="x")
    service.project(told.report, one)
    erase(service.store, service.keyring, told.case(1), WHO, "r", AT)
    # What both children share waits for the other's key; the step was of the first alone.
    assert service.store.facts.count_documents({"sealed_under": {"$gt": ""}}) == 1
    for file in (tmp_path / "other").glob("*.pem"):
        (keys / file.name).write_bytes(file.read_bytes())
    service.projector.refold_incomplete()
    closed(service, told, 1)
    told.opens(service, 2)
    no_original(service.store)


def test_all_erased_before_their_key_came(service, reports, tmp_path, keys):
    generate(tmp_path / "other", tmp_path / "other.pem")
    told = Told(reports, Sealer(*load_public(tmp_path / "other.pem")))
    service.project(told.report)
    for number in (1, 2):
        erase(service.store, service.keyring, told.case(number), WHO, "r", AT)
    no_original(service.store)
    service.project(told.report)
    no_original(service.store)
    for file in (tmp_path / "other").glob("*.pem"):
        (keys / file.name).write_bytes(file.read_bytes())
    service.project(told.report)
    closed(service, told, 1)
    closed(service, told, 2)
    assert service.total("2023-06") == 2


def test_a_second_time_changes_neither_the_day_nor_the_log(service, told):
    service.project(told.report)
    assert erase(service.store, service.keyring, told.case(), WHO, "first", AT)
    stone = service.store.case_keys.find_one({"_id": told.case()})
    assert not erase(
        service.store, service.keyring, told.case(), Who("other", "chairman", "binh-luong"), "second", datetime.now(UTC)
    )
    assert service.store.case_keys.find_one({"_id": told.case()}) == stone
    assert (stone["erased_by"], stone["erased_at"]) == ("chairman-1", AT)
    assert "first" not in str(stone)
    assert service.store.access_log.count_documents({"action": "case.erase"}) == 1


def test_it_is_in_the_log_before_it_is_done(service, told, monkeypatch):
    service.project(told.report)

    def refused(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(access_log, "append", refused)
    with pytest.raises(RuntimeError):
        erase(service.store, service.keyring, told.case(), WHO, "r", AT)
    told.opens(service)


def test_what_a_crash_left_is_done_by_asking_again(service, told, monkeypatch):
    from services.reporting.documents import sealed_parts

    service.project(told.report)
    real = sealed_parts.remove
    monkeypatch.setattr(sealed_parts, "remove", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        erase(service.store, service.keyring, told.case(), WHO, "r", AT)
    with pytest.raises(Erased):
        open_part(service.store, service.keyring, told.case(), "child")
    monkeypatch.setattr(sealed_parts, "remove", real)
    assert not erase(service.store, service.keyring, told.case(), WHO, "r", AT)
    closed(service, told)


def test_parts_that_were_written_beside_the_erasure_go_the_next_day(service, told, tmp_path):
    service.project(told.report)
    left = service.store.sealed_parts.find_one({"case_id": told.case()})
    erase(service.store, service.keyring, told.case(), WHO, "r", AT)
    service.store.sealed_parts.insert_one(left)
    with pytest.raises(Erased):
        open_part(service.store, service.keyring, told.case(), "child")
    Housekeeping(service.store, Stopping(), now=lambda: AT).once()
    closed(service, told)
    told.opens(service, 2)


def test_a_hold_forbids_it_until_it_is_released(service, told):
    service.project(told.report)
    hold(service.store, service.keyring, told.case(), WHO, "vụ án", AT)
    with pytest.raises(Held):
        erase(service.store, service.keyring, told.case(), WHO, "r", AT)
    told.opens(service)
    assert release(service.store, service.keyring, told.case(), WHO, "xong", AT)
    assert not release(service.store, service.keyring, told.case(), WHO, "xong", AT)
    assert erase(service.store, service.keyring, told.case(), WHO, "r", AT)
    with pytest.raises(Erased):
        hold(service.store, service.keyring, told.case(), WHO, "too late", AT)
    actions = [row["action"] for row in service.store.access_log.find().sort("_id", 1)]
    assert actions == ["case.hold", "case.release", "case.erase"]


def test_a_hold_that_comes_between_the_question_and_the_deed_holds(service, told, monkeypatch):
    from services.reporting.documents import case_keys

    service.project(told.report)
    real = case_keys.get

    def looked(keys, cases):
        found = real(keys, cases)
        monkeypatch.setattr(case_keys, "get", real)
        hold(service.store, service.keyring, told.case(), WHO, "vụ án", AT)
        return found

    monkeypatch.setattr(case_keys, "get", looked)
    with pytest.raises(Held):
        erase(service.store, service.keyring, told.case(), WHO, "r", AT)
    told.opens(service)


def test_a_hold_that_came_before_the_key_holds_and_the_case_opens(service, reports, tmp_path, keys):
    generate(tmp_path / "other", tmp_path / "other.pem")
    told = Told(reports, Sealer(*load_public(tmp_path / "other.pem")))
    service.project(told.report)
    hold(service.store, service.keyring, told.case(), WHO, "vụ án", AT)
    for file in (tmp_path / "other").glob("*.pem"):
        (keys / file.name).write_bytes(file.read_bytes())
    service.projector.refold_incomplete()
    told.opens(service)
    with pytest.raises(Held):
        erase(service.store, service.keyring, told.case(), WHO, "r", AT)


def test_no_such_case(service):
    for ask in (erase, hold, release):
        with pytest.raises(NoSuchCase):
            ask(service.store, service.keyring, "none", WHO, "r", AT)


def letter(event, *, body=None):
    message = encode(event)
    message = replace(message, body=body) if body is not None else message
    return DeadLetter(
        queue="reporting.events",
        event_id=event.id,
        name=event.name,
        reason="test",
        at=AT,
        headers=message.headers,
        message=message,
        body=message.body,
        sha256=event.id.replace("-", ""),
        large=body is not None and len(body) > 1024 * 1024,
    )


def test_copies_that_died_on_the_way_lose_it_too(service, told, sealer, tmp_path, keys):
    service.project(told.report)
    folder = tmp_path / "letters"
    cupboard = Cupboard(service.store, folder, keys)
    other = step(told.report, 2, sealer=sealer, note="other child's")
    for one in (
        letter(told.report),
        letter(step(told.report, sealer=sealer, note="x")),
        letter(step(told.report), body=b'{"full_name": "' + told.names[0].encode()),
        letter(step(told.report), body=b"[" + told.names[0].encode() * 100_000),
        letter(other),
    ):
        cupboard.put(one)
    assert list(folder.iterdir())
    erase(service.store, service.keyring, told.case(), WHO, "r", AT, letters=folder)
    assert list(folder.iterdir()) == []
    assert told.markers.found_in(dump(service.store)) == []
    sealed = [
        found["event_id"]
        for found in service.store.dead_letters.find()
        if found["body"] and json.loads(bytes(found["body"])).get("sealed", {}).get("parts")
    ]
    assert sealed == [other.id]
    # Sent again after the erasure, a letter without its parts displaces nothing.
    before = counted(service)
    bare = json.loads(bytes(service.store.dead_letters.find_one({"event_id": told.report.id})["body"]))
    service.project(replace(told.report, data={**bare, "received_at": "2023-05-01T08:00:00+07:00"}))
    assert counted(service) == before
    closed(service, told)
    with pytest.raises(NotSealed):
        open_part(service.store, service.keyring, told.case(2), f"step:{other.id}")


def test_a_large_letter_that_was_emptied_holds_no_key(service, told, tmp_path, keys):
    """Nothing is left to open, so nothing keeps the key from being destroyed."""
    service.project(told.report)
    folder = tmp_path / "letters"
    large = letter(step(told.report), body=b"[" + b"1" * 1024 * 1024)
    Cupboard(service.store, folder, keys).put(large)
    assert originals(service.store)
    erase(service.store, service.keyring, told.case(), WHO, "r", AT, letters=folder)
    assert list(folder.iterdir()) == []
    assert originals(service.store) == {}
