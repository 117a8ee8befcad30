"""What is typed with a reason: sealed with the case, read by whoever may open all of it, and gone with its identity."""

from __future__ import annotations

import re

import pytest

from services.reporting import access_log
from services.reporting.keys import Erased, Unopened
from services.reporting.keys.erasing import erase, hold, release
from services.reporting.keys.keyring import text_of
from services.reporting.keys.notes import read_note
from services.reporting.staff import case_log_pages
from tests.harness.leaks import Markers
from tests.integration.reporting.case_files import staffed, told
from tests.integration.reporting.case_pages import CASE, open_part
from tests.integration.reporting.identities import dump
from tests.integration.reporting.made import case_id
from tests.integration.reporting.test_erasing import AT, WHO

LOG = f"{CASE}/nhat-ky"


@pytest.fixture
def marks():
    return Markers()


@pytest.fixture
def report(office, service, reports, sealer):
    staffed(office, service)
    event = told(reports, sealer, office.clock())
    service.project(event)
    return event


def rows(service, action):
    return list(service.store.access_log.find({"action": action}).sort("_id", 1))


def test_a_note_is_nowhere_in_clear_and_proved_by_its_row(office, report, service, marks):
    note = marks.new("note")
    open_part(office.signed_in("police"), reason="OTHER", note=note)
    assert marks.found_in(dump(service.store)) == []
    (row,) = rows(service, "case.open")
    assert (row["reason"], len(row["note"].split())) == ("OTHER", 3)
    assert read_note(service.store, service.keyring, case_id(report), row) == note


def test_the_reason_of_a_hold_and_its_release_are_sealed_too(report, service, marks):
    words = [marks.new("hold"), marks.new("release")]
    hold(service.store, service.keyring, case_id(report), WHO, words[0], AT)
    release(service.store, service.keyring, case_id(report), WHO, words[1], AT)
    assert marks.found_in(dump(service.store)) == []
    found = [*rows(service, "case.hold"), *rows(service, "case.release")]
    assert [read_note(service.store, service.keyring, case_id(report), row) for row in found] == words


def test_every_note_goes_with_the_identity_and_the_chain_stays_whole(office, report, service, marks):
    police = office.signed_in("police")
    open_part(police, note=marks.new("note"))
    asked = police.get(CASE)
    before = access_log.head(service.store)
    erase(service.store, service.keyring, case_id(report), WHO, marks.new("erase"), AT)
    assert marks.found_in(dump(service.store)) == []
    assert service.store.sealed_parts.count_documents({}) == 0
    for row in [*rows(service, "case.open"), *rows(service, "case.erase")]:
        with pytest.raises(Erased):
            read_note(service.store, service.keyring, case_id(report), row)
    assert access_log.verify(service.store, [before]) == access_log.head(service.store)
    # Whoever still asks leaves a row, and no words.
    police.submit(asked, f"{CASE}/mo/child", reason="OTHER", note=marks.new("late"))
    assert rows(service, "case.open")[-1]["note"] is None
    assert marks.found_in(dump(service.store)) == []


def test_a_note_that_was_put_in_the_place_of_another_is_noticed(office, report, service):
    police = office.signed_in("police")
    for note in ("một", "hai"):
        open_part(police, note=note)
    first, second = rows(service, "case.open")
    parts = service.store.sealed_parts
    token = access_log.sealed_in(first["note"])[0]
    # By somebody who has every key: it opens, and is another one.
    key = service.keyring.unwrap(service.store.case_keys.find_one({"_id": case_id(report)}))
    other = key.seal(f"note:{token}", text_of("khác"))
    parts.update_one({"_id": f"{case_id(report)}|{token}"}, {"$set": {"parts": [[f"note:{token}", other]]}})
    with pytest.raises(Unopened):
        read_note(service.store, service.keyring, case_id(report), first)
    assert read_note(service.store, service.keyring, case_id(report), second) == "hai"


def test_the_auditor_sees_the_reason_and_not_the_note(office, report):
    open_part(office.signed_in("police"), reason="OTHER", note="Toà án hỏi")
    office.account("kiem-tra", "auditor")
    page = office.signed_in("kiem-tra").get("/staff/nhat-ky").text
    assert "Toà án hỏi" not in page
    assert "ghi chú niêm phong cùng trường hợp" in page
    assert office.signed_in("kiem-tra").get(LOG).status_code in {403, 404}


def test_the_log_of_a_case_is_for_whoever_may_open_all_of_it_and_is_in_the_log(office, report, service):
    police = office.signed_in("police")
    open_part(police, reason="OTHER", note="Toà án hỏi")
    assert LOG in police.get(CASE).text
    page = police.get(LOG)
    assert page.status_code == 200
    assert "Toà án hỏi" in page.text
    assert [row["case"] for row in rows(service, "case.log")] == [rows(service, "case.open")[0]["case"]]
    for user in ("school", "clerk"):
        browser = office.signed_in(user)
        assert LOG not in browser.get(CASE).text
        assert browser.get(LOG).status_code == 403
    assert len(rows(service, "case.log")) == 1
    erase(service.store, service.keyring, case_id(report), WHO, "r", AT)
    page = police.get(LOG).text
    assert "Toà án hỏi" not in page
    assert "ghi chú đã được xóa cùng danh tính" in page


def test_reading_the_log_of_a_case_pushes_nothing_off_it(office, report, service, monkeypatch):
    monkeypatch.setattr(case_log_pages, "_AT_ONCE", 2)
    for _ in range(3):
        open_part(office.signed_in("police"))
    committee = office.signed_in("committee")
    for _ in range(4):
        first = committee.get(LOG).text
    assert first.count("Mở thông tin được niêm phong") == 2
    assert "Xem nhật ký của trường hợp" not in first
    older = re.search(rf'href="({LOG}\?truoc=\d+)"', first).group(1)
    last = committee.get(older).text
    assert last.count("Mở thông tin được niêm phong") == 1
    assert "truoc=" not in last
    assert len(rows(service, "case.log")) == 5  # each look is a row, for the auditor
