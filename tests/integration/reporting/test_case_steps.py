"""Steps on the page of a case: their forms and grants, the wait for one, and cases that were merged or are drills."""

from __future__ import annotations

import re
import threading
import time
from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import pytest

from services.intake.steps import form_fields
from services.reporting.staff import case_lookup
from tests.integration.reporting.case_files import conflict
from tests.integration.reporting.case_pages import CASE, CODE, PUPIL, grant_in, shown_codes
from tests.integration.reporting.made import case_id, step
from tests.integration.reporting.people import forms_of


def test_the_form_of_a_conflict_tells_intake_the_names_that_it_shows(office, report):
    """A form that comes back from intake, which knows nobody by name, shows the same boxes."""
    report()
    page = office.signed_in("committee").get(CASE).text
    form = next(one for one in page.split("<form ") if 'value="CONFLICT_DECLARED"' in one).partition("</form>")[0]

    offered = set(re.findall(r'<input type="checkbox" name="(\w+)" value="([^"]+)"', form))
    lines = [unescape(line) for line in re.findall(r'<input type="hidden" name="shown" value="([^"]+)">', form)]
    understood = form_fields.shown({"shown": lines})

    assert {name for name, _ in offered} == {"withhold_contacts", "withhold_from"}
    assert {(name, code) for name in understood for code in understood[name]} == offered
    assert understood["withhold_from"]["ca-binh-luong"] == "Công an xã Bình Lương"
    shown = [label for labels in understood.values() for label in labels.values()]
    assert [label for label in shown if label.split(",")[0] not in unescape(form)] == []


def test_the_form_of_a_step_carries_a_grant_for_this_case_and_this_account(office, report):
    event = report()
    police = office.signed_in("police")
    page = police.get(CASE).text
    grant, form = grant_in(office, page)
    assert f"http://intake.example.invalid/ghi-nhan/{case_id(event)}" in forms_of(page)
    assert (grant.account, grant.role, grant.case, grant.code) == ("acc-police", "police", case_id(event), f"{CODE}-1")
    assert grant.incident == event.id
    assert "EMERGENCY_APPLIED" in grant.steps
    assert "PLAN_APPROVED" not in grant.steps
    assert grant.expires_at - office.clock() == timedelta(hours=12)
    assert form["form_key"]


def test_a_grant_carries_every_hat_of_the_person(office, report):
    report()
    grant, _ = grant_in(office, office.signed_in("head").get(CASE).text)

    assert {"bvte-3", "th-1"} <= set(grant.contacts)
    assert {"bvte-binh-luong", "th-binh-luong", "school", "binh-luong"} <= set(grant.hats)
    assert "bvte-1" not in grant.contacts


def test_an_agency_can_be_let_in_only_where_something_keeps_it_out(office, report):
    report(children=[PUPIL], environment="SCHOOL", suspect_relations=["UNKNOWN"])
    report(code="9QX2AB7K3M")
    committee = office.signed_in("committee")
    assert 'value="AGENCY_RELEASED"' in committee.get(CASE).text
    assert 'value="AGENCY_RELEASED"' not in committee.get("/staff/truong-hop/9QX2AB7K3M-1").text


def test_after_a_step_the_page_waits_for_it(office, report, service):
    event = report()
    recorded = step(event, step="EMERGENCY_APPLIED", role="police", agency="ca-binh-luong")
    later = threading.Timer(0.3, service.project, [recorded])
    later.start()
    page = office.signed_in("police").get(f"{CASE}?cho={recorded.id}")
    later.join()
    assert "Đã ghi: <strong>Đã áp dụng biện pháp khẩn cấp</strong>." in page.text
    assert f'<li id="{recorded.id}">' in page.text


def test_a_step_that_does_not_come_in_time_is_said_to_be_on_its_way(office, report, monkeypatch):
    report()
    monkeypatch.setattr(case_lookup, "_WAITS", 0.2)
    page = office.signed_in("police").get(f"{CASE}?cho=00000000-0000-5000-8000-000000000000")
    assert "Đã nhận, đang xử lý" in page.text
    assert CODE in page.text


def test_only_a_few_pages_wait_at_a_time_and_the_next_says_at_once_that_it_is_on_its_way(office, report, monkeypatch):
    report()
    police = office.signed_in("police")
    monkeypatch.setattr(case_lookup, "_waiting", threading.BoundedSemaphore(1))
    case_lookup._waiting.acquire()
    never = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: pytest.fail("this page must not wait"))
    monkeypatch.setattr(case_lookup, "time", never)
    path = f"{CASE}?cho=00000000-0000-5000-8000-000000000000"

    assert "Đã nhận, đang xử lý" in police.get(path).text
    case_lookup._waiting.release()
    monkeypatch.setattr(case_lookup, "time", time)
    monkeypatch.setattr(case_lookup, "_WAITS", 0.2)
    police.get(path)
    assert case_lookup._waiting.acquire(blocking=False), "the place is given back"


def test_who_declares_an_own_conflict_waits_and_then_sees_nothing(office, report, service):
    event = report()
    declared = conflict(event, withhold_contacts=["ca-1"])
    later = threading.Timer(0.3, service.project, [declared])
    later.start()
    answer = office.signed_in("police").get(f"{CASE}?cho={declared.id}")
    later.join()
    assert answer.status_code == 403


@pytest.mark.parametrize("by", ["code", "id"])
def test_a_merged_case_leads_to_the_one_it_went_into(office, report, service, by):
    first, second = report(), report(code="9QX2AB7K3M")
    into = {"code": "9QX2AB7K3M-1", "id": case_id(second)}[by]
    service.project(step(first, step="MERGED_INTO", role="committee", merged_into=into))
    committee = office.signed_in("committee")
    page = committee.get(CASE)
    assert 'href="/staff/truong-hop/9QX2AB7K3M-1"' in page.text
    assert "Đã gộp vào" in page.text
    assert shown_codes(committee.get("/staff").text) == {"9QX2AB7K3M"}
    assert shown_codes(committee.get("/staff?xong=1").text) == {CODE}


def test_a_drill_is_marked_and_in_no_figure(office, report):
    report(drill=True)
    committee = office.signed_in("committee")
    assert "DIỄN TẬP" in committee.get("/staff").text
    assert "DIỄN TẬP" in committee.get(CASE).text
    assert re.findall(r"<b>(\d+)</b>", committee.get("/staff/so-lieu").text) == ["0"] * 4
    assert grant_in(office, committee.get(CASE).text)[0].drill
