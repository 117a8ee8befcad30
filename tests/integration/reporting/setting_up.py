"""The way of an owner through the pages of setting up, and what a second person does for it."""

from __future__ import annotations

import re

import pyotp

NEW = "ba con trâu qua sông"
CHOOSE = "/staff/dat-mat-khau"


def number_on(page):
    found = re.search(r'class="number">([\d ]+)<', page.text)
    assert found, page.text
    return found.group(1)


def secret_on(page):
    return re.search(r'class="secret">([A-Z2-7 ]+)<', page.text).group(1).replace(" ", "")


def codes_on(page):
    return re.findall(r"<li>([\d ]{14})</li>", page.text)


def ask(office, user):
    browser = office.browser()
    answer = browser.send("/staff/quen", user=user)
    assert answer.headers["Location"] == "/staff/quen/cho"
    return browser, number_on(browser.get("/staff/quen/cho"))


def approve(helper, number):
    shown = helper.send("/staff/dat-lai", number=number)
    assert shown.status_code == 200, shown.text
    return helper.submit(shown, "/staff/dat-lai")


def choose(office, browser, password=NEW, again=None, secret=None, **more):
    page = browser.get(CHOOSE)
    assert page.status_code == 200
    code = pyotp.TOTP(secret or secret_on(page)).at(office.clock())
    fields = {"password": password, "again": again or password, "code": code, **more}
    return browser.submit(page, CHOOSE, **fields), secret_on(page)


def reset(office, user="ha.truc"):
    browser, number = ask(office, user)
    assert approve(office.signed_in("vi.hai"), number).status_code == 200
    choose(office, browser)
    return browser
