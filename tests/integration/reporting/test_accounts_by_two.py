"""An account that sees cases is made and changed by two: before a second person has seen it, it signs in to nothing."""

from __future__ import annotations

import re

import pyotp
import pytest

from services.reporting.documents import accounts
from tests.integration.reporting.account_forms import (
    FIELDS,
    LIST,
    NEW,
    code_on,
    confirm,
    delegate,
    look,
    number_for,
    set_up,
)
from tests.integration.reporting.people import PASSWORD
from tests.integration.reporting.setting_up import CHOOSE

CHANGES = [
    lambda admin, page: admin.send(f"{page}/sua", contact="ca-2"),
    lambda admin, page: admin.send(f"{page}/sua", role="school", agency="th-binh-luong", contact="th-2"),
    lambda admin, page: admin.send(f"{page}/sua", name="Người Khác"),
    lambda admin, page: [admin.send(page, f"{page}/khoa"), admin.send(page, f"{page}/mo-lai")][1],
]


@pytest.fixture
def police(office):
    return office.account("ha.truc", "police", agency="ca-binh-luong", contact="ca-1")


def test_an_account_that_sees_cases_waits_for_a_second_person(office, admin, chairman):
    """Whoever makes it has the code, and nothing with it."""
    code = code_on(admin.send(NEW, **FIELDS))
    owner = office.browser()
    assert owner.send("/staff/kich-hoat", user="nguyen.mau", code=code).headers["Location"] == "/staff/quen/cho"
    number = number_for(owner)
    assert owner.get(CHOOSE).status_code == 410
    assert "Tài khoản này xem vụ việc" in look(admin, number).text
    shown = look(chairman, number)
    for words in ("Nguyễn Thị Mẫu", "ca-2", "Người mac.quantri"):
        assert words in shown.text
    assert chairman.submit(shown, "/staff/dat-lai").status_code == 200
    assert owner.get("/staff/quen/cho").headers["Location"] == CHOOSE
    telephone = set_up(office, owner)
    office.clock.forward(seconds=30)
    assert office.browser().sign_in("nguyen.mau", code=telephone.at(office.clock())).headers["Location"] == "/staff/vao"
    assert [row["action"] for row in office.rows()] == [
        "ACCOUNT_MADE",
        "ACCOUNT_CONFIRMED",
        "ACCOUNT_SET_UP",
        "SIGNED_IN",
    ]


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_signs_in_to_nothing_before_a_second_person_has_seen_it(
    office, admin, chairman, police, change
):
    before = office.signed_in("ha.truc")
    assert change(admin, f"{LIST}/acc-ha.truc").status_code == 303
    assert before.get("/staff/toi").status_code == 303
    assert office.signed_in("ha.truc").get("/staff/toi").status_code == 303
    owner = office.browser()
    assert owner.sign_in("ha.truc").headers["Location"] == "/staff/quen/cho"
    assert owner.get("/staff/toi").status_code == 303
    number = number_for(owner)
    assert look(admin, number).status_code == 422
    assert "đăng nhập được ngay" in confirm(chairman, number).text
    assert "đã được xác nhận" in owner.get("/staff/quen/cho").text
    assert owner.get(CHOOSE).status_code == 410  # the password stays
    office.clock.forward(seconds=30)
    assert owner.sign_in("ha.truc").headers["Location"] == "/staff/vao"
    assert owner.get("/staff/toi").status_code == 200


def test_a_wrong_password_says_nothing_of_what_waits(office, admin, police):
    admin.send(f"{LIST}/acc-ha.truc/sua", contact="ca-2")
    for given in ({"password": "sai"}, {"code": "000000"}):
        assert office.browser().sign_in("ha.truc", **given).status_code == 401


def test_what_was_shown_is_what_is_confirmed(office, admin, chairman, police):
    page = f"{LIST}/acc-ha.truc/sua"
    admin.send(page, contact="ca-2")
    owner = office.browser()
    owner.sign_in("ha.truc")
    shown = look(chairman, number_for(owner))
    accounts.change(office.store.accounts, "acc-ha.truc", {"contact": "ca-1"}, "acc-mac.quantri")
    assert chairman.submit(shown, "/staff/dat-lai").status_code == 422
    assert accounts.one(office.store.accounts, "acc-ha.truc")["unconfirmed"] == "acc-mac.quantri"


def test_what_changes_after_the_second_person_saw_it_is_not_set_up(office, admin, chairman, police):
    asked = office.browser()
    asked.send("/staff/quen", user="ha.truc")
    assert confirm(chairman, number_for(asked)).status_code == 200
    page = asked.get(CHOOSE)
    accounts.change(office.store.accounts, "acc-ha.truc", {"contact": "ca-2"}, "acc-mac.quantri")
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page.text).group(1).replace(" ", "")
    fields = {"password": PASSWORD, "again": PASSWORD, "code": pyotp.TOTP(secret).at(office.clock())}
    assert asked.submit(page, CHOOSE, **fields).status_code == 410
    again = office.browser()
    again.send("/staff/quen", user="ha.truc")
    assert confirm(chairman, number_for(again)).status_code == 200
    office.clock.forward(seconds=30)
    admin.send(f"{LIST}/acc-ha.truc/sua", contact="ca-1")
    assert again.get(CHOOSE).status_code == 410  # what was approved ends with the change


def test_who_made_it_is_not_the_second_person(office, chairman, police):
    """Not even with a role that would do."""
    accounts.change(office.store.accounts, "acc-ha.truc", {}, "acc-vi.hai")
    owner = office.browser()
    owner.sign_in("ha.truc")
    answer = look(chairman, number_for(owner))
    assert (answer.status_code, "đã sửa tài khoản này" in answer.text) == (422, True)


def test_a_code_for_an_account_made_on_the_machine_does_not_lead_past_the_second_person(office, admin, police):
    office.store.accounts.update_one({"_id": "acc-ha.truc"}, {"$set": {"password": None, "totp": None}})
    page = f"{LIST}/acc-ha.truc"
    code = code_on(admin.send(page, f"{page}/ma"))
    browser = office.browser()
    assert browser.send("/staff/kich-hoat", user="ha.truc", code=code).headers["Location"] == "/staff/quen/cho"
    assert browser.get(CHOOSE).status_code == 410


def test_a_role_that_sees_no_case_is_changed_at_once_and_no_way_back(office, admin, police):
    page = f"{LIST}/acc-ha.truc/sua"
    admin.send(page, role="village", agency="", contact="")
    assert office.browser().sign_in("ha.truc").headers["Location"] == "/staff/vao"
    admin.send(page, role="police", agency="ca-binh-luong", contact="ca-1")
    office.clock.forward(seconds=30)
    assert office.browser().sign_in("ha.truc").headers["Location"] == "/staff/quen/cho"


def test_who_stands_in_for_the_chairman_is_one_who_sees_cases(office, admin, chairman):
    office.account("ha.thon", "village", agency="bvte-binh-luong", contact="bvte-3")
    asked = office.browser()
    asked.send("/staff/quen", user="ha.thon")
    assert delegate(office, chairman, receiver="acc-ha.thon").status_code == 303
    assert look(admin, number_for(asked)).status_code == 422
    admin.send(f"{LIST}/acc-ha.thon/sua", contact="bvte-4")
    assert office.browser().sign_in("ha.thon").headers["Location"] == "/staff/quen/cho"


def test_an_auditor_waits_for_a_second_person_who_sees_cases(office, admin, chairman):
    """Or an administrator would read alone what was looked at, and by whom."""
    code = code_on(admin.send(NEW, **{**FIELDS, "role": "auditor", "agency": "", "contact": ""}))
    owner = office.browser()
    assert owner.send("/staff/kich-hoat", user="nguyen.mau", code=code).headers["Location"] == "/staff/quen/cho"
    number = number_for(owner)
    office.account("mai.quantri", "administrator")
    assert "Tài khoản này xem nhật ký" in look(office.signed_in("mai.quantri"), number).text
    assert confirm(chairman, number).status_code == 200
    set_up(office, owner)
    assert owner.get("/staff/nhat-ky").status_code == 200


def test_what_was_confirmed_has_its_contact_alone(office, admin, chairman):
    code = code_on(admin.send(NEW, **FIELDS))
    owner = office.browser()
    owner.send("/staff/kich-hoat", user="nguyen.mau", code=code)
    office.account("ha.truc", "police", agency="ca-binh-luong", contact="ca-2")
    answer = look(chairman, number_for(owner))
    assert (answer.status_code, "tài khoản khác dùng" in answer.text) == (422, True)
