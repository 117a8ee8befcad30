"""From the code of an SMS to the child: what opens, for which reason, and the row that is written down before."""

from __future__ import annotations

import re

import pytest

from services.reporting import access_log
from services.reporting.staff import opening
from shared.failures import DependencyDown
from tests.integration.reporting.case_files import ADDRESS, NAME, REPORTER, STORY, SUSPECT, conflict
from tests.integration.reporting.case_pages import CASE, CODE, INCIDENT, OPEN, open_part
from tests.integration.reporting.made import case_id, step, supplement
from tests.integration.reporting.people import forms_of


def test_from_the_code_of_an_sms_two_taps_lead_to_name_and_address(office, report):
    report()
    police = office.signed_in("police")
    link = police.get(INCIDENT)
    assert (link.status_code, link.headers["Location"]) == (303, CASE)
    page = police.get(CASE)
    assert page.status_code == 200
    for secret in (NAME, ADDRESS, STORY, SUSPECT, REPORTER):
        assert secret not in page.text
    assert office.rows() == []

    opened = open_part(police)

    assert opened.status_code == 200
    assert NAME in opened.text
    assert ADDRESS in opened.text
    assert SUSPECT not in opened.text
    (row,) = office.rows()
    assert (row["account"], row["action"], row["part"], row["reason"]) == (
        "acc-police",
        "case.open",
        "child",
        "HANDLE_CASE",
    )
    assert row["case"] == f"{CODE}-1"
    assert opened.headers["Cache-Control"] == "no-store"


def test_loading_it_again_shows_nothing_and_writes_nothing(office, report):
    report()
    police = office.signed_in("police")
    leads = police.submit(police.get(CASE), OPEN, reason="HANDLE_CASE")
    assert leads.status_code == 303
    assert NAME not in leads.text
    assert len(office.rows()) == 1
    assert NAME in police.get(leads.headers["Location"]).text
    again = police.get(leads.headers["Location"])
    assert (again.status_code, again.headers["Location"]) == (303, CASE)
    assert police.get(OPEN).headers["Location"] == CASE
    assert NAME not in police.get(CASE).text
    assert len(office.rows()) == 1
    assert office.store.openings.count_documents({}) == 0


def test_each_part_is_opened_alone_with_a_row_of_its_own(office, report):
    report()
    committee = office.signed_in("committee")
    secrets = {"child": NAME, "suspect": SUSPECT, "reporter": REPORTER}
    for part, mine in secrets.items():
        page = open_part(committee, part).text
        assert mine in page
        assert not any(other in page for other in secrets.values() if other != mine)
    assert [row["part"] for row in office.rows()] == list(secrets)


def test_a_report_of_three_children_is_three_cases_and_a_step_is_of_one(office, report, service):
    event = report(children=[{"full_name": name} for name in ("Bịa Một", "Bịa Hai", "Bịa Ba")])
    service.project(step(event, 2, step="EMERGENCY_APPLIED", at=office.clock().isoformat()))
    committee = office.signed_in("committee")
    page = committee.get(INCIDENT).text
    assert re.findall(r"/staff/truong-hop/7K2F93QD0A-(\d)", page) == ["1", "2", "3"]
    states = [committee.get(f"/staff/truong-hop/{CODE}-{number}").text for number in (1, 2, 3)]
    assert ["Đã áp dụng biện pháp khẩn cấp</span>" in one for one in states] == [False, True, False]
    third = f"/staff/truong-hop/{CODE}-3"
    opened = committee.followed(committee.submit(committee.get(third), f"{third}/mo/child", reason="EMERGENCY"))
    assert "Bịa Ba" in opened.text
    assert "Bịa Một" not in opened.text


def test_a_supplement_is_shown_with_what_it_adds_to(office, report, service, sealer):
    event = report()
    service.project(supplement(event, sealer, {"child": {"description": "MARKER-THÊM", "children": []}}))
    assert "MARKER-THÊM" in open_part(office.signed_in("committee")).text
    assert len(office.rows()) == 1


def test_the_note_of_a_step_is_opened_like_a_part(office, report, service, sealer):
    event = report()
    noted = step(event, sealer=sealer, note="MARKER-GHI-CHÚ", role="committee")
    service.project(noted)
    committee = office.signed_in("committee")
    assert "MARKER-GHI-CHÚ" not in committee.get(CASE).text
    assert "MARKER-GHI-CHÚ" in open_part(committee, f"step:{noted.id}").text
    assert [row["part"] for row in office.rows()] == [f"step:{noted.id}"]
    clerk = office.signed_in("clerk")
    assert f"step:{noted.id}" not in clerk.get(CASE).text


@pytest.mark.parametrize(
    "fields", [{"reason": ""}, {"reason": "CURIOUS"}, {"reason": "OTHER"}, {"reason": "OTHER", "note": "  "}]
)
def test_without_a_reason_nothing_opens_and_nothing_is_written(office, report, fields):
    report()
    answer = open_part(office.signed_in("police"), **fields)
    assert answer.status_code == 422
    assert NAME not in answer.text
    assert office.rows() == []


def test_another_reason_is_one_when_it_is_said(office, report):
    report()
    assert NAME in open_part(office.signed_in("police"), reason="OTHER", note="Toà án hỏi").text
    (row,) = office.rows()
    assert row["reason"] == "OTHER"
    assert "Toà án" not in str(row), "the log is kept for ever, so what was typed is sealed with its case"


def test_nothing_is_shown_when_the_row_cannot_be_written(office, report, monkeypatch):
    report()
    police = office.signed_in("police")

    def down(*_, **__):
        raise DependencyDown("mongodb")

    monkeypatch.setattr(access_log, "append", down)
    answer = open_part(police)
    assert answer.status_code == 503
    assert NAME not in answer.text


def test_the_row_is_there_before_the_part_is_read(office, report, monkeypatch):
    report()
    rows = []
    real = opening.open_part
    monkeypatch.setattr(opening, "open_part", lambda *a: rows.append(len(office.rows())) or real(*a))
    open_part(office.signed_in("police"))
    assert rows == [1]


def test_a_conflict_that_is_folded_while_the_row_is_written_closes_the_part(office, report, service, monkeypatch):
    event = report()
    police = office.signed_in("police")
    real = access_log.append

    def meanwhile(*args, **fields):
        number = real(*args, **fields)
        service.project(conflict(event, withhold_from=["ca-binh-luong"]))
        return number

    monkeypatch.setattr(access_log, "append", meanwhile)
    answer = open_part(police)
    assert answer.status_code == 403
    assert NAME not in answer.text
    assert len(office.rows()) == 1


def test_a_form_of_another_session_or_from_elsewhere_opens_nothing(office, report):
    report()
    police, committee = office.signed_in("police"), office.signed_in("committee")
    theirs = forms_of(committee.get(CASE).text)[OPEN]
    assert police.post(OPEN, **{**theirs, "reason": "HANDLE_CASE"}).status_code == 403
    own = forms_of(police.get(CASE).text)[OPEN]
    assert police.post(OPEN, origin="https://elsewhere.example.invalid", **own, reason="HANDLE_CASE").status_code == 403
    assert office.rows() == []


def test_an_erased_identity_stays_closed_and_the_case_stays(office, report, store):
    event = report()
    committee = office.signed_in("committee")
    form = forms_of(committee.get(CASE).text)[OPEN]
    store.case_keys.update_one(
        {"_id": case_id(event)}, {"$set": {"erased_at": office.clock()}, "$unset": {"wrapped": ""}}
    )
    store.sealed_parts.delete_many({"case_id": case_id(event)})
    page = committee.get(CASE)
    assert "Danh tính đã được xóa" in page.text
    assert OPEN not in forms_of(page.text)
    answer = committee.followed(committee.post(OPEN, **form, reason="HANDLE_CASE"))
    assert "Danh tính đã được xóa" in answer.text
    assert NAME not in answer.text
