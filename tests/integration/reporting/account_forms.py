"""What an administrator, an owner, a second person and a chairman do with the forms of accounts."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp

from shared.calendar import local_date
from tests.integration.reporting.people import PASSWORD
from tests.integration.reporting.setting_up import CHOOSE

LIST, NEW = "/staff/tai-khoan", "/staff/tai-khoan/moi"
FIELDS = {
    "name": "Nguyễn Thị Mẫu",
    "user": "nguyen.mau",
    "role": "police",
    "unit": "binh-luong",
    "agency": "ca-binh-luong",
    "contact": "ca-2",
}


def code_on(answer):
    return re.search(r'class="number[^"]*">([\d ]+)<', answer.text).group(1)


def set_up(office, browser):
    page = browser.get(CHOOSE)
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page.text).group(1).replace(" ", "")
    telephone = pyotp.TOTP(secret)
    fields = {"password": PASSWORD, "again": PASSWORD, "code": telephone.at(office.clock())}
    assert "Chép lại" in browser.submit(page, CHOOSE, **fields).text
    return telephone


def look(helper, number):
    return helper.send("/staff/dat-lai", number=number)


def confirm(helper, number):
    return helper.submit(look(helper, number), "/staff/dat-lai")


def number_for(browser):
    return code_on(browser.get("/staff/quen/cho"))


def delegate(office, chairman, **fields):
    today = local_date(office.clock())
    given = {"receiver": "acc-le.pho", "first": f"{today}", "last": f"{today + timedelta(days=2)}", **fields}
    return chairman.send("/staff/uy-quyen", **given)
