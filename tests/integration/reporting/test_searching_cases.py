"""The search for a case, by a name or by its code: what it shows, to whom, and what is written down about it."""

from __future__ import annotations

import re

from services.reporting import access_log
from services.reporting.staff import name_search
from shared.failures import DependencyDown
from tests.integration.reporting.case_files import NAME
from tests.integration.reporting.case_pages import CODE, INCIDENT, shown_codes
from tests.integration.reporting.made import case_id, supplement
from tests.integration.reporting.people import forms_of


def test_a_name_is_found_among_ones_own_cases_and_the_search_is_one_row(office, report):
    report()
    report(code="9QX2AB7K3M", children=[{"full_name": "Hoàn Toàn Khác"}])
    answer = office.signed_in("committee").send("/staff/tim", ten="lo bia dat")
    assert shown_codes(answer.text) == {CODE}
    assert NAME not in answer.text
    assert [(row["action"], row["part"], row["case"], row["note"]) for row in office.rows()] == [
        ("case.search", "child", None, "2"),
        ("case.found", "child", None, f"{CODE}-1"),
    ]
    assert "bia" not in str(office.rows())


def test_whose_cases_a_search_showed_is_written_down_before_they_are_shown(office, report, monkeypatch):
    report()
    real = access_log.append

    def down(*args, action, **fields):
        if action == "case.found":
            raise DependencyDown("mongodb")
        return real(*args, action=action, **fields)

    monkeypatch.setattr(access_log, "append", down)
    answer = office.signed_in("committee").send("/staff/tim", ten="lo bia dat")
    assert (answer.status_code, shown_codes(answer.text)) == (503, set())


def test_the_search_looks_at_five_hundred_cases_and_no_more(office, report, monkeypatch):
    monkeypatch.setattr(name_search, "MOST_CASES", 2)
    report(hours_ago=9)
    report(code="9QX2AB7K3M", hours_ago=2)
    report(code="0A1B2C3D4E", hours_ago=1)
    answer = office.signed_in("committee").send("/staff/tim", ten="lo bia dat")
    assert shown_codes(answer.text) == {"9QX2AB7K3M", "0A1B2C3D4E"}
    assert [row["note"] for row in office.rows() if row["action"] == "case.search"] == ["2"]


def test_too_short_a_name_is_not_searched_for(office, report):
    report()
    assert office.signed_in("committee").send("/staff/tim", ten="l").status_code == 422
    assert office.rows() == []


def test_who_may_open_no_identity_may_not_search_by_one(office, report):
    report()
    clerk = office.signed_in("clerk")
    page = clerk.get("/staff/tim")
    assert 'name="ten"' not in page.text
    answer = clerk.post("/staff/tim", csrf=forms_of(page.text)["/staff/dang-xuat"]["csrf"], ten=NAME)
    assert answer.status_code == 403
    assert office.rows() == []


def test_a_code_leads_to_its_incident_however_it_is_typed(office, report):
    report()
    answer = office.signed_in("committee").send("/staff/tim", "/staff/tim/ma", ma="7k2f 93qdoa")
    assert (answer.status_code, answer.headers["Location"]) == (303, INCIDENT)


def test_a_name_that_was_typed_where_the_code_belongs_stands_in_no_address(office, report):
    report()
    committee = office.signed_in("committee")
    forms = re.findall(r'<form method="(\w+)" action="/staff/tim(?:/ma)?"', committee.get("/staff/tim").text)
    answer = committee.send("/staff/tim", "/staff/tim/ma", ma=NAME)
    foreign = committee.post("/staff/tim/ma", origin="https://elsewhere.example.invalid", ma=CODE)

    assert forms == ["post", "post"]
    assert (answer.status_code, "Location" in answer.headers) == (404, False)
    assert committee.get(f"/staff/tim?ma={CODE}").status_code == 200, "an address searches nothing"
    assert committee.get(f"/staff/tim/ma?ma={CODE}").headers["Location"] == "/staff/tim"
    assert foreign.status_code == 403


def test_one_case_that_does_not_open_hides_no_other(office, report):
    """A search by name that says "failed" finds no child at all."""
    first, second = report(), report(code="9QX2AB7K3M")
    parts = office.store.sealed_parts
    one = parts.find_one({"_id": f"{case_id(first)}|report"})
    parts.update_one({"_id": f"{case_id(second)}|report"}, {"$set": {"parts": one["parts"]}})
    answer = office.signed_in("committee").send("/staff/tim", ten="lo bia dat")
    assert (answer.status_code, shown_codes(answer.text)) == (200, {CODE})
    assert "1 trường hợp không mở được niêm phong" in answer.text


def test_that_a_search_has_its_limit_is_said(office, report, monkeypatch):
    report(hours_ago=9)
    report(code="9QX2AB7K3M", children=[{"full_name": "Hoàn Toàn Khác"}], hours_ago=2)
    committee = office.signed_in("committee")
    assert "Không có vụ việc nào của bạn có tên này" in committee.send("/staff/tim", ten="khong ai").text
    monkeypatch.setattr(name_search, "MOST_CASES", 1)
    page = committee.send("/staff/tim", ten="lo bia dat").text
    assert "Chưa thấy tên này" in page
    assert "mới nhận nhất" in page
    assert "Không có vụ việc nào của bạn" not in page


def test_a_name_that_a_supplement_told_is_found(office, report, service, sealer):
    event = report(children=[{"full_name": None}])
    service.project(supplement(event, sealer, {"child": {"child": {"full_name": NAME}}}))
    assert shown_codes(office.signed_in("committee").send("/staff/tim", ten="lo bia dat").text) == {CODE}


def test_the_code_of_a_child_leads_to_that_child(office, report):
    report(children=[{"full_name": "Một"}, {"full_name": "Hai"}])
    committee = office.signed_in("committee")
    answer = committee.send("/staff/tim", "/staff/tim/ma", ma=f"{CODE}-2")
    assert answer.headers["Location"] == f"/staff/truong-hop/{CODE}-2"
    assert committee.send("/staff/tim", "/staff/tim/ma", ma=CODE).headers["Location"] == INCIDENT
