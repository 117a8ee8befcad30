"""Who sees a case and what of it, on every page; and that who must not know finds no trace of it."""

from __future__ import annotations

import re

import pytest

from services.reporting.staff import cases_pages
from tests.integration.reporting.case_files import (
    NAME,
    REPORTER,
    STORY,
    SUSPECT,
    alerted,
    conflict,
    contacts_listed,
    rosters,
)
from tests.integration.reporting.case_pages import CASE, CODE, INCIDENT, OPEN, PUPIL, open_part, shown_codes
from tests.integration.reporting.made import step
from tests.integration.reporting.people import forms_of


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


def test_nor_does_it_read_what_is_said_of_all_children_together(office, report):
    small = "Có trẻ dưới 6 tuổi trong vụ việc"
    report(children=[PUPIL, {"full_name": "Bịa Hai", "school": "thcs-binh-luong"}], young_child=True)
    school, committee = office.signed_in("school"), office.signed_in("committee")
    assert small not in school.get(CASE).text
    assert small in committee.get(CASE).text
    read = open_part(school).text
    assert NAME in read
    assert STORY not in read
    assert STORY in open_part(committee).text


def test_nor_while_the_other_childs_case_is_yet_to_be_written(office, report):
    report(children=[PUPIL, {"full_name": "Bịa Hai", "school": "thcs-binh-luong"}])
    office.store.cases.delete_one({"number": 2})
    read = open_part(office.signed_in("school")).text
    assert NAME in read
    assert STORY not in read


def test_of_a_pupil_alone_the_school_reads_all_that_was_told(office, report):
    report(children=[PUPIL])
    assert STORY in open_part(office.signed_in("school")).text


def test_a_merged_case_does_not_tell_of_one_that_may_not_be_seen(office, report, service):
    first = report(children=[PUPIL])
    report(code="9QX2AB7K3M")
    service.project(step(first, step="MERGED_INTO", role="committee", merged_into="9QX2AB7K3M-1"))
    assert "9QX2AB7K3M" not in office.signed_in("school").get(CASE).text


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


def test_a_release_by_staff_opens_the_case_to_the_school(office, report, service):
    event = report(children=[PUPIL], environment="SCHOOL", suspect_relations=["UNKNOWN"])
    school = office.signed_in("school")
    assert school.get(CASE).status_code == 403
    service.project(step(event, step="AGENCY_RELEASED", role="committee", released=["th-binh-luong"]))
    assert school.get(CASE).status_code == 200


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


def test_that_a_list_has_its_limit_is_said_whatever_is_hidden_of_it(office, report, monkeypatch):
    """Or whoever is kept from one case would find it by the sentence that is gone."""
    monkeypatch.setattr(cases_pages, "_MOST_OPEN", 2)
    report(hours_ago=9)
    report(code="9QX2AB7K3M", hours_ago=2)
    assert "Danh sách dài" not in office.signed_in("police").get("/staff").text
    report(code="0A1B2C3D4E", hours_ago=1, withhold_from=["ca-binh-luong"])
    for user in ("committee", "police"):
        page = office.signed_in(user).get("/staff").text
        assert "Danh sách dài: chỉ hiện các trường hợp mới nhận nhất" in page, user
