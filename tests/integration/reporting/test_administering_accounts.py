"""What an administrator, who sees no case, does with accounts alone: made, changed, ended, and nothing taken over."""

from __future__ import annotations

import re

from services.reporting.documents import accounts
from tests.integration.reporting.account_forms import FIELDS, LIST, NEW, code_on, set_up
from tests.integration.reporting.setting_up import CHOOSE


def test_an_account_that_sees_no_case_is_made_and_its_owner_sets_it_up_with_the_code(office, admin):
    fields = {**FIELDS, "role": "village", "contact": ""}
    code = code_on(admin.send(NEW, **fields))
    assert code.replace(" ", "") not in str(list(office.store.enrolments.find()))
    owner = office.browser()
    answer = owner.send("/staff/kich-hoat", user="Nguyen.Mau", code=code)
    assert answer.headers["Location"] == CHOOSE
    telephone = set_up(office, owner)
    office.clock.forward(seconds=30)
    assert office.browser().sign_in("nguyen.mau", code=telephone.at(office.clock())).status_code == 303
    account = accounts.by_user(office.store.accounts, "nguyen.mau")
    assert {name: account[name] or "" for name in FIELDS} == fields
    assert [row["action"] for row in office.rows()] == ["ACCOUNT_MADE", "ACCOUNT_SET_UP", "SIGNED_IN"]


def test_a_code_is_good_once_for_its_user_and_for_three_days(office, admin):
    code = code_on(admin.send(NEW, **FIELDS))
    office.account("ha.truc", "village")
    wrong = office.browser()
    for given in (
        {"user": "ha.truc", "code": code},
        {"user": "khong.co", "code": code},
        {"user": "nguyen.mau", "code": "1"},
    ):
        answer = wrong.send("/staff/kich-hoat", **given)
        assert answer.status_code == 401
        assert "chưa đúng" in answer.text
    assert office.browser().send("/staff/kich-hoat", user="nguyen.mau", code=code).status_code == 303
    assert office.browser().send("/staff/kich-hoat", user="nguyen.mau", code=code).status_code == 401
    [account] = office.store.accounts.find({"user": "nguyen.mau"})
    again = code_on(admin.send(f"{LIST}/{account['_id']}", f"{LIST}/{account['_id']}/ma"))
    office.clock.forward(hours=1)
    newest = code_on(office.signed_in("mac.quantri").send(f"{LIST}/{account['_id']}", f"{LIST}/{account['_id']}/ma"))
    assert office.browser().send("/staff/kich-hoat", user="nguyen.mau", code=again).status_code == 401
    office.clock.forward(days=3, hours=1)
    assert office.browser().send("/staff/kich-hoat", user="nguyen.mau", code=newest).status_code == 401


def test_the_code_of_who_sees_no_case_is_good_once_too(office, admin):
    """Nobody else is asked about such an account, so it is the code alone that counts."""
    code = code_on(admin.send(NEW, **{**FIELDS, "role": "village", "agency": "", "contact": ""}))
    assert office.browser().send("/staff/kich-hoat", user="nguyen.mau", code=code).status_code == 303
    assert office.browser().send("/staff/kich-hoat", user="nguyen.mau", code=code).status_code == 401


def test_what_will_not_do_is_said_beside_its_field(office, admin):
    for fields, words in (
        ({"name": ""}, "họ tên"),
        ({"user": "Có Dấu"}, "không dấu"),
        ({"role": "king"}, "vai trò"),
        ({"role": "administrator"}, "vai trò"),  # that is made on the machine itself
        ({"unit": "thanh-hoa"}, "đơn vị"),
        ({"unit": "khong-co"}, "đơn vị"),
        ({"agency": "khong-co"}, "danh bạ"),
        ({"agency": "te-thanh-hoa"}, "đơn vị khác"),
        ({"contact": ""}, "mã liên hệ"),
        ({"user": "mac.quantri"}, "đã có người dùng"),
    ):
        answer = admin.send(NEW, **{**FIELDS, **fields})
        assert answer.status_code == 422, fields
        assert words in answer.text, fields
        assert 'aria-invalid="true"' in answer.text
        assert FIELDS["agency"] in answer.text  # what was typed is not lost
    assert office.store.accounts.count_documents({}) == 1


def test_disabling_ends_everything_at_once_and_enabling_gives_nobody_a_code(office, admin):
    """Disabled and enabled, an account would otherwise be set up by whoever did both."""
    office.account("ha.truc", "village")
    browser = office.signed_in("ha.truc")
    page = f"{LIST}/acc-ha.truc"
    assert admin.send(page, f"{page}/khoa").status_code == 303
    assert browser.get("/staff/toi").status_code == 303
    assert office.browser().sign_in("ha.truc").status_code == 401
    assert admin.send(page, f"{page}/mo-lai").status_code == 303
    assert browser.get("/staff/toi").status_code == 303
    shown = admin.get(page)
    assert f"{page}/ma" not in shown.text
    token = re.search(r'name="csrf" value="([^"]+)"', shown.text).group(1)
    assert admin.post(f"{page}/ma", csrf=token).status_code == 403
    assert office.browser().sign_in("ha.truc").status_code == 303
    assert [row["action"] for row in office.rows()] == ["ACCOUNT_DISABLED", "ACCOUNT_ENABLED", "SIGNED_IN"]


def test_another_place_or_contact_ends_the_sessions_and_keeps_the_password(office, admin):
    office.account("ha.truc", "police", agency="ca-binh-luong", contact="ca-1")
    browser, page = office.signed_in("ha.truc"), f"{LIST}/acc-ha.truc/sua"
    assert admin.send(page, contact="").status_code == 422
    assert admin.send(page, role="administrator").status_code == 422
    assert admin.send(page, unit="thanh-hoa").status_code == 422
    assert browser.get("/staff/toi").status_code == 200
    assert admin.send(page, contact="ca-2", user="mac.quantri").status_code == 303
    account = accounts.one(office.store.accounts, "acc-ha.truc")
    assert (account["contact"], account["user"], account["role"]) == ("ca-2", "ha.truc", "police")
    assert browser.get("/staff/toi").status_code == 303
    assert office.browser().sign_in("ha.truc").headers["Location"] == "/staff/quen/cho"
    assert [(row["action"], row["note"]) for row in office.rows()] == [
        ("ACCOUNT_CHANGED", "ha.truc, contact ca-1 → ca-2")
    ]


def test_an_administrator_takes_over_no_account_that_is_set_up_and_does_not_end_his_own(office, admin):
    office.account("ha.truc", "village")
    page = admin.get(f"{LIST}/acc-ha.truc")
    token = re.search(r'name="csrf" value="([^"]+)"', page.text).group(1)
    assert f"{LIST}/acc-ha.truc/ma" not in page.text
    assert admin.post(f"{LIST}/acc-ha.truc/ma", csrf=token).status_code == 403
    assert admin.post(f"{LIST}/acc-mac.quantri/khoa", csrf=token).status_code == 403
    assert admin.post(f"{LIST}/acc-mac.quantri/sua", csrf=token, **{**FIELDS, "role": "chairman"}).status_code == 403
    assert admin.get(f"{LIST}/acc-mac.quantri/sua").status_code == 403


def test_people_of_units_above_and_beside_are_not_there_for_him(office, admin):
    office.account("trinh.kenhiem", "district", "ke-nhiem-nhu-xuan", "te-ke-nhiem-nhu-xuan", "te-ke-nhiem-1")
    office.account("ha.thon3", "village", "thon-3")
    assert "trinh.kenhiem" not in admin.get(LIST).text
    assert "ha.thon3" in admin.get(LIST).text
    assert admin.get(f"{LIST}/acc-trinh.kenhiem").status_code == 403
    assert admin.get(f"{LIST}/acc-khong.co").status_code == 403
