"""Every page for staff, on a telephone and on a desk: nothing sticks out, nothing is too small to be touched.

SHOTS=<folder> keeps a picture of each.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pyotp
import pytest

from tests.e2e.newcomers import CHOOSE, PASSWORD
from tests.e2e.who import case_path, opened
from tests.harness.browser import DESKTOP, PHONE
from tests.harness.waiting import until

PAGES = [
    ("committee", "/staff"),
    ("committee", "/staff/tim"),
    ("committee", "/staff/vu-viec/{code}"),
    ("committee", "/staff/truong-hop/{code}-1"),
    ("committee", "/staff/so-lieu"),
    ("committee", "/staff/dat-lai"),
    ("committee", "/staff/toi"),
    ("chairman", "/staff/uy-quyen"),
    ("chairman", "/staff/truong-hop/{code}-1"),
    ("police", "/staff"),
    ("police", "/staff/truong-hop/{code}-1"),
    ("school", "/staff/truong-hop/{code}-1"),
    ("clerk", "/staff/truong-hop/{code}-1"),
    ("member", "/staff/so-lieu"),
    ("district", "/staff"),
    ("auditor", "/staff/nhat-ky"),
    ("administrator", "/staff/tai-khoan"),
    (None, "/staff/dang-nhap"),
    (None, "/staff/quen"),
    (None, "/staff/kich-hoat"),
]
TOO_WIDE = """() => [...document.querySelectorAll('body *')]
  .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && one.checkVisibility())
  .map(one => one.tagName + '.' + one.className).slice(0, 5)"""
TOO_SMALL = """() => [...document.querySelectorAll('button, input:not([type=hidden]), select, summary, nav a')]
  .filter(one => one.checkVisibility() && one.getBoundingClientRect().height > 0)
  .filter(one => !['radio', 'checkbox'].includes(one.type) && one.getBoundingClientRect().height < 32)
  .map(one => one.tagName + '.' + one.className + ' ' + one.textContent.trim().slice(0, 20)).slice(0, 5)"""


@pytest.fixture(scope="module")
def told(people):
    child = {"full_name": "Vi Thị Bịa Ra", "age": 8, "school": "th-binh-luong", "address": "Thôn 3 (bịa ra)"}
    told = people.report(children=[child, {"age": 5}], received_at=None, occurred_at=None)
    people.sent(told["incident_id"])
    people.stored(told["incident_id"])
    return told


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1280"])
@pytest.mark.parametrize(("role", "path"), PAGES, ids=[f"{role or 'nobody'}{path}" for role, path in PAGES])
def test_a_page_fits(staff, browser, told, role, path, size):
    context = browser.new_context(viewport=size) if role is None else staff.context(browser, role, size)
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    answer = page.goto(staff.url + path.format(code=told["code"]))

    keep(page, f"{size['width']}-{role or 'nobody'}{path.format(code='CODE').replace('/', '-')}")
    assert answer.status == 200
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate(TOO_SMALL) == []
    assert page.locator("h1").count() == 1
    assert page.locator("html[lang=vi]").count() == 1
    assert said == []
    context.close()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1280"])
def test_an_opened_part_fits(staff, browser, told, size):
    context = staff.context(browser, "committee", size)
    page = context.new_page()
    page.goto(staff.url + case_path(told))
    opened(page, told["code"])

    keep(page, f"{size['width']}-committee-opened")
    assert "Vi Thị Bịa Ra" in page.content()
    assert page.evaluate(TOO_WIDE) == []
    context.close()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1280"])
def test_a_refusal_fits(staff, browser, told, size):
    context = staff.context(browser, "member", size)
    page = context.new_page()
    answer = until(lambda: page.goto(staff.url + case_path(told)), what="an answer")

    keep(page, f"{size['width']}-member-refused")
    assert answer.status == 403
    assert page.evaluate(TOO_WIDE) == []
    context.close()


def test_the_pages_of_a_new_account_and_of_a_forgotten_password_fit(staff, browser):
    def fits(page, name):
        page.wait_for_load_state()
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            keep(page, f"{size['width']}-{name}")
            assert page.evaluate(TOO_WIDE) == [], (name, size)
            assert page.evaluate(TOO_SMALL) == [], (name, size)
        assert page.locator("h1").count() == 1

    size = PHONE
    user = f"thu.{uuid.uuid4().hex[:8]}"
    administrator, second = (staff.context(browser, role, size).new_page() for role in ("administrator", "committee"))
    own = browser.new_context(viewport=size).new_page()
    administrator.goto(f"{staff.url}/staff/tai-khoan/moi")
    fits(administrator, "account-new")
    for name, value in (("name", "Người Bịa Ra"), ("user", user)):
        administrator.fill(f"[name={name}]", value)
    administrator.select_option("[name=role]", "village")
    administrator.select_option("[name=unit]", "thon-4")
    administrator.click("form[action='/staff/tai-khoan/moi'] button")
    fits(administrator, "account-code")

    code = administrator.locator(".number").inner_text()
    asked(own, f"{staff.url}/staff/kich-hoat", user=user, code=code)
    own.locator("details summary").click()
    fits(own, "choose")
    secret = own.locator(".secret").inner_text().replace(" ", "")
    for name, value in (("password", PASSWORD), ("again", PASSWORD), ("code", pyotp.TOTP(secret).now())):
        own.fill(f"[name={name}]", value)
    own.click(f"form[action='{CHOOSE}'] button")
    own.wait_for_selector(".codes li")
    assert own.locator(".codes li").count() == 8
    fits(own, "recovery-codes")

    other = browser.new_context(viewport=size).new_page()
    asked(other, f"{staff.url}/staff/quen", user=user)
    fits(other, "waiting")
    second.goto(f"{staff.url}/staff/dat-lai")
    second.fill("[name=number]", other.locator(".number").inner_text())
    second.click("form[action='/staff/dat-lai'] button")
    fits(second, "reset-whose")
    second.click("form:has([name=account]) button")
    fits(second, "reset-done")
    for page in (administrator, second, own, other):
        page.context.close()


def asked(page, url, **fields):
    """Asked again while so much was asked from one place that each waits a little."""

    def done():
        page.goto(url)
        for name, value in fields.items():
            page.fill(f"[name={name}]", value)
        page.click("form:has([name=user]) button")
        return not page.locator(".error").count()

    until(done, timeout=90, what="not too many from this place", every=1)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1280"])
def test_a_step_that_was_refused_fits_with_all_that_was_typed(staff, browser, told, size):
    context = staff.context(browser, "committee", size)
    page = context.new_page()
    page.goto(staff.url + case_path(told))
    # As on a browser that lets everything pass.
    step = page.locator("details.step:has([value=EMERGENCY_APPLIED])")
    step.locator("summary").first.click()
    step.locator("form").evaluate("form => { form.noValidate = true }")
    step.locator("[name=at]").fill("2099-01-01T08:00")
    step.locator("textarea").fill("Chưa xảy ra (bịa ra)")
    step.locator("button").click()
    page.wait_for_load_state()

    keep(page, f"{size['width']}-step-refused")
    assert page.locator(".error").count()
    assert "Chưa xảy ra (bịa ra)" in page.content()
    assert page.evaluate(TOO_WIDE) == []
    context.close()


def keep(page, name):
    folder = os.environ.get("SHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
