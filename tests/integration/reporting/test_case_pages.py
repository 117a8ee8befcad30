"""The pages of cases: who sees which, what opens and what is written down about it, and what never appears."""

from __future__ import annotations

import re
import threading
import time
from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import pytest

from services.intake.steps import form_fields
from services.reporting import access_log
from services.reporting.staff import case_lookup, opening
from shared import grants
from shared.failures import DependencyDown
from shared.signing import PublicKeys
from tests.integration.reporting.case_files import (
    ADDRESS,
    NAME,
    REPORTER,
    STORY,
    SUSPECT,
    alerted,
    conflict,
    contacts_listed,
    rosters,
    staffed,
    told,
)
from tests.integration.reporting.made import case_id, step, supplement
from tests.integration.reporting.people import forms_of

CODE = "7K2F93QD0A"
CASE, INCIDENT = f"/staff/truong-hop/{CODE}-1", f"/staff/vu-viec/{CODE}"
OPEN = f"{CASE}/mo/child"
PUPIL = {"full_name": NAME, "address": ADDRESS, "school": "th-binh-luong"}


@pytest.fixture
def report(office, service, reports, sealer):
    """Makes a report and projects it."""
    staffed(office, service)

    def make(**facts):
        event = told(reports, sealer, office.clock(), **facts)
        service.project(event)
        return event

    return make


def open_part(browser, part="child", reason="HANDLE_CASE", **fields):
    """Send the form of the page of the case."""
    return browser.followed(browser.submit(browser.get(CASE), f"{CASE}/mo/{part}", reason=reason, **fields))


def shown_codes(page):
    return set(re.findall(r"/staff/(?:truong-hop|vu-viec)/([0-9A-Z]{10})", page))


# --- from the link to the child -------------------------------------------------------------------------------------


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


# --- a reason, a row, and then what was asked for -------------------------------------------------------------------


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


# --- who sees what --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "parts"),
    [
        ("committee", {"child", "suspect", "reporter"}),
        ("chairman", {"child", "suspect", "reporter"}),
        ("police", {"child", "suspect", "reporter"}),
        ("school", {"child"}),
        ("clerk", set()),
    ],
)
def test_what_a_role_may_open_of_a_case_that_it_sees(office, report, user, parts):
    report(children=[PUPIL])
    browser = office.signed_in(user)
    page = browser.get(CASE)
    assert page.status_code == 200
    offered = {action.rpartition("/")[2] for action in forms_of(page.text) if "/mo/" in action}
    assert offered == parts
    form = {"csrf": forms_of(page.text)["/staff/dang-xuat"]["csrf"], "reason": "HANDLE_CASE"}
    for part in {"child", "suspect", "reporter", "counting", "step:x"} - parts:
        answer = browser.followed(browser.post(f"{CASE}/mo/{part}", **form))
        assert answer.status_code == 403 or "Không có gì" in answer.text
        assert not any(secret in answer.text for secret in (NAME, SUSPECT, REPORTER))
    assert not {row["part"] for row in office.rows()} & {"child", "suspect", "reporter", "counting"}
    assert "Người bị nghi là" not in page.text or "suspect" in parts


@pytest.mark.parametrize("user", ["school", "district", "member", "auditor", "administrator"])
def test_who_has_nothing_to_do_with_it_sees_nothing(office, report, user):
    report()
    browser = office.signed_in(user)
    for path in (CASE, INCIDENT, f"{INCIDENT.lower()}"):
        assert browser.get(path).status_code == 403
    assert CODE not in browser.get("/staff").text
    assert browser.get("/staff/tim").status_code in {200, 403}


def test_the_unit_above_sees_what_climbed_to_it(office, report, service):
    event = report()
    district = office.signed_in("district")
    assert district.get(CASE).status_code == 403
    service.project(alerted(event, "bvte-binh-luong", "escalated", 2, reason="told:te-ke-nhiem-nhu-xuan"))
    assert district.get(CASE).status_code == 200
    assert CODE in district.get("/staff").text


def test_excluded_is_absent_everywhere(office, report):
    """A teacher is suspected: the pupil's school and its head, who sits on the committee, must find no trace."""
    report(children=[PUPIL], suspect_relations=["TEACHER"], environment="SCHOOL")
    report(code="9QX2AB7K3M", children=[{"full_name": "Bịa Khác", "school": "th-binh-luong"}])
    committee = office.signed_in("committee")
    assert shown_codes(committee.get("/staff").text) == {CODE, "9QX2AB7K3M"}
    for user in ("school", "head"):
        browser = office.signed_in(user)
        for path in (CASE, INCIDENT, OPEN):
            answer = browser.get(path)
            assert answer.status_code == (303 if path == OPEN else 403)
        found = [
            browser.get("/staff"),
            browser.get("/staff?xong=1"),
            browser.get("/staff/truong-hop/9QX2AB7K3M-1"),  # same village, same day
            browser.send("/staff/tim", ten=NAME),
            browser.send("/staff/tim", "/staff/tim/ma", ma=CODE),
            browser.send("/staff/tim", "/staff/tim/ma", ma=f"{CODE}-1"),
            browser.get("/staff/so-lieu"),
        ]
        assert all(CODE not in shown_codes(page.text) for page in found)
        assert re.findall(r"<b>(\d+)</b>", found[-1].text)[0] == "1"
        assert "1 vụ việc" in found[0].text
    assert re.findall(r"<b>(\d+)</b>", committee.get("/staff/so-lieu").text)[0] == "2"


def test_a_code_of_somebody_elses_case_is_answered_like_one_that_belongs_to_nothing(office, report):
    report()
    school = office.signed_in("school")
    asks = [
        lambda code: school.get(f"/staff/vu-viec/{code}"),
        lambda code: school.get(f"/staff/truong-hop/{code}-1"),
        lambda code: school.send("/staff/tim", "/staff/tim/ma", ma=code),
    ]
    for ask in asks:
        theirs, nobodys = (ask(code) for code in (CODE, "0000000000"))
        assert theirs.status_code == nobodys.status_code
        assert theirs.text.replace(CODE, "") == nobodys.text.replace("0000000000", "")


def test_a_declared_conflict_closes_every_page_as_soon_as_it_is_folded(office, report, service):
    event = report(children=[PUPIL, {"full_name": "Bịa Hai", "school": "th-binh-luong"}])
    head, committee = office.signed_in("head"), office.signed_in("committee")
    form = forms_of(head.get(CASE).text)[OPEN]
    assert CODE in head.get("/staff").text

    service.project(conflict(event, 2, withhold_contacts=["bvte-3"]))

    assert head.get(CASE).status_code == head.get(INCIDENT).status_code == 403
    assert head.post(OPEN, **form, reason="HANDLE_CASE").status_code == 403
    assert CODE not in head.get("/staff").text
    assert committee.get(CASE).status_code == 200
    assert office.rows() == []


def test_one_persons_conflict_is_that_persons_in_every_agency(office, report, service):
    """`th-1` and `bvte-3` are one person; `th-2` is another of the same school."""
    event = report(children=[PUPIL])
    service.project(conflict(event, withhold_contacts=["th-1"]))
    assert office.signed_in("head").get(CASE).status_code == 403
    assert office.signed_in("school").get(CASE).status_code == 200


def test_the_steps_of_a_conflict_tell_the_school_nothing_of_whom_it_is_about(office, report, service):
    event = report(children=[PUPIL])
    service.project(conflict(event, withhold_from=["ca-binh-luong"]))
    assert "Không được biết: Công an xã Bình Lương" in office.signed_in("committee").get(CASE).text
    assert "Không được biết: Công an xã Bình Lương" not in office.signed_in("school").get(CASE).text


def test_the_school_of_one_child_does_not_see_the_other(office, report):
    report(children=[PUPIL, {"full_name": "Bịa Hai", "school": "thcs-binh-luong"}])
    school = office.signed_in("school")
    assert school.get(CASE).status_code == 200
    assert school.get(f"/staff/truong-hop/{CODE}-2").status_code == 403
    assert f"{CODE}-2" not in school.get(CASE).text
    assert school.get(INCIDENT).headers["Location"] == CASE


# --- the roster -----------------------------------------------------------------------------------------------------


def test_an_account_whose_contact_is_in_no_list_sees_no_case(office, report, service):
    report()
    police = office.signed_in("police")
    assert police.get(CASE).status_code == 200
    service.project(*rosters(version=2, without="ca-1"))
    assert police.get(CASE).status_code == 403
    assert CODE not in police.get("/staff").text


def test_of_two_lists_the_newer_holds_in_whatever_order_they_come(office, report, service):
    report()
    service.project(*rosters(version=3, without="ca-1"))
    service.project(*rosters(version=2))
    assert office.signed_in("police").get(CASE).status_code == 403
    rows = [{"contact": "ca-1", "person": "p-11", "addresses": []}]
    service.project(contacts_listed("ca-binh-luong", 4, rows), contacts_listed("ca-binh-luong", 1, []))
    assert office.signed_in("police").get(CASE).status_code == 200


# --- search ---------------------------------------------------------------------------------------------------------


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
    from services.reporting.staff import name_search

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


# --- steps ----------------------------------------------------------------------------------------------------------


def grant_in(office, page):
    form = next(fields for action, fields in forms_of(page).items() if "/ghi-nhan/" in action)
    return grants.decode(form["grant"], PublicKeys(office.web.session_public_dir), office.clock()), form


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


def test_an_unknown_address_in_a_browser_leads_to_the_pages_of_staff(office):
    visitor = office.browser().client
    page = visitor.get("/", headers={"Accept": "text/html,*/*;q=0.8"})

    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert 'href="/staff/vao"' in page.text
    assert visitor.get("/", headers={"Accept": "application/json"}).mimetype == "application/problem+json"


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


def test_an_agency_can_be_let_in_only_where_something_keeps_it_out(office, report):
    report(children=[PUPIL], environment="SCHOOL", suspect_relations=["UNKNOWN"])
    report(code="9QX2AB7K3M")
    committee = office.signed_in("committee")
    assert 'value="AGENCY_RELEASED"' in committee.get(CASE).text
    assert 'value="AGENCY_RELEASED"' not in committee.get("/staff/truong-hop/9QX2AB7K3M-1").text


def test_a_release_by_staff_opens_the_case_to_the_school(office, report, service):
    event = report(children=[PUPIL], environment="SCHOOL", suspect_relations=["UNKNOWN"])
    school = office.signed_in("school")
    assert school.get(CASE).status_code == 403
    service.project(step(event, step="AGENCY_RELEASED", role="committee", released=["th-binh-luong"]))
    assert school.get(CASE).status_code == 200


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
    assert "Đã nhập vào" in page.text
    assert shown_codes(committee.get("/staff").text) == {"9QX2AB7K3M"}
    assert shown_codes(committee.get("/staff?xong=1").text) == {CODE}


def test_a_merged_case_does_not_tell_of_one_that_may_not_be_seen(office, report, service):
    first = report(children=[PUPIL])
    report(code="9QX2AB7K3M")
    service.project(step(first, step="MERGED_INTO", role="committee", merged_into="9QX2AB7K3M-1"))
    assert "9QX2AB7K3M" not in office.signed_in("school").get(CASE).text


# --- what somebody could infer --------------------------------------------------------------------------------------


def test_the_school_does_not_read_from_a_form_or_an_alert_whom_the_case_is_kept_from(office, report, service):
    event = report(children=[PUPIL])
    police = alerted(event, "ca-binh-luong", "withdrawn", 2)
    service.project(police, conflict(event, withhold_from=["ca-binh-luong"]))
    committee, school = (office.signed_in(user).get(CASE).text for user in ("committee", "school"))

    assert "Công an xã Bình Lương" in committee.partition("Đã báo cho")[2]
    assert "Công an" not in school.partition("Đã báo cho")[2]
    assert 'name="withhold_from" value="ca-binh-luong"' in committee
    assert re.findall('name="withhold_from" value="([^"]+)"', school) == ["th-binh-luong"]
    assert "Bạn khai báo được cho cơ quan của mình" in school


def test_a_grant_carries_every_hat_of_the_person(office, report):
    report()
    grant, _ = grant_in(office, office.signed_in("head").get(CASE).text)

    assert {"bvte-3", "th-1"} <= set(grant.contacts)
    assert {"bvte-binh-luong", "th-binh-luong", "school", "binh-luong"} <= set(grant.hats)
    assert "bvte-1" not in grant.contacts


def test_a_commune_that_was_kept_out_is_let_back_in_by_those_above(office, report, service):
    event = report()
    service.project(
        conflict(event, withhold_from=["bvte-binh-luong"]),
        alerted(event, "bvte-binh-luong", "escalated", 2, reason="told:te-ke-nhiem-nhu-xuan"),
    )
    assert office.signed_in("committee").get(CASE).status_code == 403
    page = office.signed_in("district").get(CASE).text
    assert 'name="released" value="bvte-binh-luong"' in page

    released = {"step": "AGENCY_RELEASED", "released": ["bvte-binh-luong"], "agency": "te-ke-nhiem-nhu-xuan"}
    later = "2023-12-20T04:00:00+00:00"
    service.project(step(event, role="district", contact="te-ke-nhiem-1", recorded_at=later, **released))
    assert office.signed_in("committee").get(CASE).status_code == 200


# --- drills ---------------------------------------------------------------------------------------------------------


def test_a_drill_is_marked_and_in_no_figure(office, report):
    report(drill=True)
    committee = office.signed_in("committee")
    assert "DIỄN TẬP" in committee.get("/staff").text
    assert "DIỄN TẬP" in committee.get(CASE).text
    assert re.findall(r"<b>(\d+)</b>", committee.get("/staff/so-lieu").text) == ["0"] * 4
    assert grant_in(office, committee.get(CASE).text)[0].drill
