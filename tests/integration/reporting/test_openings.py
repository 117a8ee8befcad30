"""What was opened is shown once: to the session that asked, for two minutes, and only while it may be known."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from services.reporting import access_log
from services.reporting.documents import openings
from shared.failures import DependencyDown
from tests.integration.reporting.case_files import ADDRESS, NAME, conflict, staffed, told
from tests.integration.reporting.made import case_id, step, supplement
from tests.integration.reporting.people import forms_of

CODE = "7K2F93QD0A"
CASE = f"/staff/truong-hop/{CODE}-1"
OPEN = f"{CASE}/mo/child"


@pytest.fixture
def event(office, service, reports, sealer):
    staffed(office, service)
    found = told(reports, sealer, office.clock())
    service.project(found)
    return found


def asked(browser):
    """The address at which the part is shown."""
    answer = browser.submit(browser.get(CASE), OPEN, reason="HANDLE_CASE")
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_the_address_says_nothing_of_the_child_and_its_key_is_kept_as_a_hash(office, event):
    where = asked(office.signed_in("police"))
    key = re.fullmatch(rf"{OPEN}\?lan=([\w-]{{43}})", where).group(1)
    assert not {NAME, ADDRESS} & {where}
    assert key not in str(list(office.store.openings.find()))
    assert len(office.rows()) == 1


def test_another_session_of_the_same_person_is_shown_nothing(office, event):
    police, again = office.signed_in("police"), office.signed_in("police")
    where = asked(police)
    assert again.get(where).headers["Location"] == CASE
    assert NAME in police.get(where).text, "and it is still good where it was asked for"


def test_the_key_of_one_part_opens_no_other(office, event):
    police = office.signed_in("police")
    where = asked(police)
    assert police.get(where.replace("/mo/child", "/mo/reporter")).headers["Location"] == CASE
    assert police.get(f"{OPEN}?lan=guessed").headers["Location"] == CASE


def test_after_two_minutes_it_is_over(office, event):
    police = office.signed_in("police")
    where = asked(police)
    office.clock.forward(seconds=119)
    assert NAME in police.get(where).text
    where = asked(police)
    office.clock.forward(seconds=121)
    assert police.get(where).headers["Location"] == CASE


def test_a_look_ahead_does_not_use_it_up(office, event):
    police = office.signed_in("police")
    where = asked(police)
    assert police.client.head(where, headers={"User-Agent": police.agent}).status_code == 303
    assert NAME in police.get(where).text


def test_a_conflict_that_comes_before_it_is_shown_closes_it(office, event, service):
    police = office.signed_in("police")
    where = asked(police)
    service.project(conflict(event, withhold_from=["ca-binh-luong"]))
    answer = police.get(where)
    assert answer.status_code == 403
    assert NAME not in answer.text
    assert len(office.rows()) == 1


def test_whoever_may_see_the_case_and_no_longer_the_part_is_shown_nothing(office, event):
    """As when a delegation ends in between."""
    committee = office.signed_in("committee")
    where = asked(committee)
    office.store.accounts.update_one({"_id": "acc-committee"}, {"$set": {"role": "clerk"}})
    assert committee.get(CASE).status_code == 200
    answer = committee.get(where)
    assert answer.status_code == 403
    assert NAME not in answer.text


def test_without_a_durable_row_there_is_nothing_to_be_shown(office, event, monkeypatch):
    police = office.signed_in("police")
    shown = police.get(CASE)

    def down(*_, **__):
        raise DependencyDown("mongodb")

    monkeypatch.setattr(access_log, "append", down)
    assert police.submit(shown, OPEN, reason="HANDLE_CASE").status_code == 503
    assert office.store.openings.count_documents({}) == 0


def test_of_two_requests_at_once_one_is_shown_it(office):
    for found in (True, False):
        if found:
            openings.insert(office.store.openings, "h", "s", "c", "child", office.clock().replace(year=2100))
        assert openings.take(office.store.openings, "h", "s", "c", "child", office.clock()) is found


# --- names ----------------------------------------------------------------------------------------------------------


def boxes(page):
    """The persons whom a conflict may be about: contact -> what stands beside the box."""
    found = re.findall(r'name="withhold_contacts" value="([^"]+)"> <span>([^<]+)<br><span[^>]*>([^<]+)', page)
    return {contact: (name, agency) for contact, name, agency in found}


def test_a_conflict_may_be_about_a_colleague_without_an_account(office, event):
    office.store.accounts.delete_one({"_id": "acc-head"})
    people = boxes(office.signed_in("committee").get(CASE).text)
    assert people["bvte-3"] == ("bvte-3", "Ban bảo vệ trẻ em xã Bình Lương")
    assert people["bvte-1"][0] == "Chính tôi"
    assert people["ca-1"] == ("Người police", "Công an xã Bình Lương")
    assert next(iter(people)) == "bvte-1"
    assert list(people).index("bvte-3") < list(people).index("ca-1")


def test_steps_say_who_to_those_who_may_open_everything(office, event, service):
    theirs = {"role": "police", "by": "acc-police", "agency": "ca-binh-luong", "contact": "ca-1"}
    service.project(step(event, step="INITIAL_ASSESSED", **theirs), conflict(event, withhold_contacts=["bvte-3"]))
    committee, clerk = (office.signed_in(user).get(CASE).text for user in ("committee", "clerk"))
    told = "Không được biết: Người head (Ban bảo vệ trẻ em xã Bình Lương)"
    assert "Người police · Công an xã" in committee
    assert told in committee
    assert "Người police ·" not in clerk
    assert told not in clerk


def test_after_a_step_the_other_children_without_one_are_named(office, reports, sealer, service):
    staffed(office, service)
    event = told(reports, sealer, office.clock(), children=[{"full_name": name} for name in ("Một", "Hai", "Ba")])
    first, second = step(event, 1, step="INITIAL_ASSESSED", role="police"), step(event, 2, role="police")
    service.project(event, first, second)
    page = office.signed_in("police").get(f"{CASE}?cho={first.id}").text
    said = page.partition('<p class="done"')[2].partition("</p>")[0]
    assert "Đánh giá nguy cơ ban đầu" in said
    assert "cho trẻ 1" in said
    assert re.findall(r"Trẻ (\d) chưa có bước nào", said) == ["3"]


def test_a_step_that_was_recorded_says_so_and_the_conflict_is_never_folded_away(office, event, service):
    service.project(step(event, step="EMERGENCY_APPLIED", role="police"))
    page = office.signed_in("committee").get(CASE).text
    forms = page.partition('id="ghi"')[2]
    marked = re.findall(r"<summary>([^<]+) <span class=\"again\">", forms)
    assert marked == ["Đã áp dụng biện pháp khẩn cấp"]
    assert forms.index('value="CONFLICT_DECLARED"') < forms.index("Bước khác")


# --- what supplements told ------------------------------------------------------------------------------------------


def opened(browser):
    return browser.get(asked(browser)).text


def test_what_a_supplement_told_is_shown_where_the_report_does_not_open(office, event, service, sealer):
    service.project(supplement(event, sealer, {"child": {"description": "MARKER-BỔ-SUNG"}}))
    parts = office.store.sealed_parts
    where = {"_id": f"{case_id(event)}|report"}
    whole = parts.find_one(where)
    parts.update_one(where, {"$set": {"parts": [["child", b"broken" * 9]]}})
    page = opened(office.signed_in("police"))
    assert "MARKER-BỔ-SUNG" in page
    assert "không mở được" in page
    parts.replace_one(where, whole)
    parts.update_one(
        {"_id": {"$ne": whole["_id"]}, "parts.0": {"$exists": True}}, {"$set": {"parts.0.1": b"broken" * 9}}
    )
    page = opened(office.signed_in("police"))
    assert NAME in page
    assert "không mở được" in page


def test_supplements_are_in_the_order_in_which_they_were_told(office, event, service, sealer):
    ids = ["00000000-0000-4000-8000-000000000002", "00000000-0000-4000-8000-000000000001"]
    for number, key in enumerate(ids):
        made = supplement(event, sealer, {"child": {"description": f"MARKER-{number}"}})
        service.project(replace(made, id=key, time=made.time + timedelta(hours=number)))
    page = opened(office.signed_in("police"))
    assert page.index("MARKER-0") < page.index("MARKER-1")


def test_a_step_that_nobody_recorded_does_not_get_into_the_log(office, event):
    police = office.signed_in("police")
    csrf = forms_of(police.get(CASE).text)[OPEN]["csrf"]
    answer = police.post(f"{CASE}/mo/step:Lò Thị Bịa Đặt", csrf=csrf, reason="HANDLE_CASE")
    assert answer.status_code == 403
    assert office.rows() == []


# --- whoever declares the own conflict ------------------------------------------------------------------------------


def test_who_declares_their_own_conflict_is_told_that_it_was_recorded(office, event, service):
    told_by = {"by": "acc-police", "agency": "ca-binh-luong", "contact": "ca-1"}
    declared = conflict(event, withhold_contacts=["ca-1"], **told_by)
    service.project(declared)
    answer = office.signed_in("police").get(f"{CASE}?cho={declared.id}")
    assert (answer.status_code, "Từ nay bạn không xem vụ việc này nữa" in answer.text) == (200, True)
    assert NAME not in answer.text
    # Whoever else is kept out learns nothing from the number of somebody's step.
    service.project(conflict(event, withhold_contacts=["bvte-3"]))
    assert office.signed_in("head").get(f"{CASE}?cho={declared.id}").status_code == 403
