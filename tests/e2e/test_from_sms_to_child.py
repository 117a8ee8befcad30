"""A duty officer who gets a code by SMS sees within a minute what is needed, and nobody else does."""

from __future__ import annotations

import time

import pytest

from tests.e2e.who import opened, rows_of, sms_link
from tests.harness.browser import PHONE
from tests.harness.forms import form
from tests.harness.waiting import until

NAME, ADDRESS, WHERE = "Lò Thị Bịa Đặt", "Nhà số 7, thôn 3 (bịa ra)", "Nhà bà ngoại (bịa ra)"
CHILD = [{"full_name": NAME, "age": 8, "address": ADDRESS, "where_now": WHERE, "school": "th-binh-luong"}]


@pytest.fixture
def told(people):
    told = people.report(children=CHILD, environment="FAMILY", suspects=[{"relation": "PARENT"}])
    people.sent(told["incident_id"])
    people.stored(told["incident_id"])
    return told


def test_from_the_sms_the_police_have_name_and_address_within_a_minute_and_one_row_says_so(
    people, staff, browser, stack, told
):
    link = sms_link(people, told, "police")
    before = rows_of(stack, told)
    code = staff.telephones["police"].code
    context = browser.new_context(viewport=PHONE, locale="vi-VN")
    page = context.new_page()
    started = time.monotonic()

    page.goto(link)
    page.get_by_role("button", name="Đã nhận, tôi xử lý").click()
    page.get_by_role("link", name="Mở hồ sơ").click()
    assert NAME not in page.content()
    account = staff.ready["staff"]["police"]
    page.fill("[name=user]", account["user"])
    page.fill("[name=password]", account["password"])
    page.fill("[name=code]", code())
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(f"**/staff/*/{told['code']}*")
    opened(page, told["code"])
    took = time.monotonic() - started

    assert NAME in page.content()
    assert ADDRESS in page.content()
    assert took < 60
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    (row,) = [row for row in rows_of(stack, told) if row not in before]
    assert (row["role"], row["unit"], row["action"], row["part"]) == ("police", "binh-luong", "case.open", "child")
    assert (row["case"], row["reason"]) == (f"{told['code']}-1", "HANDLE_CASE")
    context.close()


def test_what_an_alert_leads_to_is_one_row_for_each_part_that_was_opened(people, staff, browser, stack, told):
    context = staff.context(browser, "committee", PHONE)
    page = context.new_page()
    page.goto(f"{staff.url}/staff/truong-hop/{told['code']}-1")
    assert rows_of(stack, told) == []

    for part in ("child", "suspect", "reporter"):
        page.goto(f"{staff.url}/staff/truong-hop/{told['code']}-1")
        opened(page, told["code"], part)

    assert [row["part"] for row in rows_of(stack, told)] == ["child", "suspect", "reporter"]
    context.close()


def test_without_a_reason_nothing_is_opened_and_nothing_is_logged(staff, stack, told):
    client = staff.client("police")
    page = f"/staff/truong-hop/{told['code']}-1"
    shown = form(client.get(page).text, action="/mo/child")
    answer = staff.send(client, shown, page, reason="")

    assert answer.status_code in {303, 400, 422}
    assert NAME not in answer.text
    assert rows_of(stack, told) == []


def test_the_head_of_the_school_sees_the_child_and_neither_the_suspected_person_nor_the_reporter(staff, told):
    client = staff.client("school")
    page = until(lambda: client.get(f"/staff/truong-hop/{told['code']}-1"), what="the page")

    assert page.status_code == 200
    assert "/mo/child" in page.text
    assert "/mo/suspect" not in page.text
    assert "/mo/reporter" not in page.text
