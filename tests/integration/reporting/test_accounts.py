"""Accounts, made and ended by an administrator who sees no case; delegation; the log's page and commands."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pyotp
import pytest
from click.testing import CliRunner

from services.reporting.__main__ import main
from services.reporting.documents import accounts
from services.reporting.staff import guard
from shared.calendar import local_date
from tests.integration.reporting.people import CASE_KEY, PASSWORD, SECRET

LIST, NEW, CHOOSE = "/staff/tai-khoan", "/staff/tai-khoan/moi", "/staff/dat-mat-khau"
FIELDS = {
    "name": "Nguyễn Thị Mẫu",
    "user": "nguyen.mau",
    "role": "police",
    "unit": "binh-luong",
    "agency": "ca-binh-luong",
    "contact": "ca-2",
}


@pytest.fixture
def admin(office):
    office.account("mac.quantri", "administrator")
    return office.signed_in("mac.quantri")


@pytest.fixture
def chairman(office):
    office.account("vi.hai", "chairman", agency="bvte-binh-luong", contact="bvte-2")
    office.account("le.pho", "committee", agency="bvte-binh-luong", contact="bvte-1")
    return office.signed_in("vi.hai")


def code_on(answer):
    return re.search(r'class="number[^"]*">([\d ]+)<', answer.text).group(1)


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


@pytest.fixture
def police(office):
    return office.account("ha.truc", "police", agency="ca-binh-luong", contact="ca-1")


CHANGES = [
    lambda admin, page: admin.send(f"{page}/sua", contact="ca-2"),
    lambda admin, page: admin.send(f"{page}/sua", role="school", agency="th-binh-luong", contact="th-2"),
    lambda admin, page: admin.send(f"{page}/sua", name="Người Khác"),
    lambda admin, page: [admin.send(page, f"{page}/khoa"), admin.send(page, f"{page}/mo-lai")][1],
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
    admin.send(f"{LIST}/acc-ha.thon/sua", contact="bvte-1")
    assert office.browser().sign_in("ha.thon").headers["Location"] == "/staff/quen/cho"


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


POSTS = (
    ("mac.quantri", NEW),
    ("mac.quantri", f"{LIST}/acc-le.pho/ma"),
    ("mac.quantri", f"{LIST}/acc-le.pho/sua"),
    ("mac.quantri", f"{LIST}/acc-le.pho/khoa"),
    ("mac.quantri", f"{LIST}/acc-le.pho/mo-lai"),
    ("mac.quantri", "/staff/dat-lai"),
    ("vi.hai", "/staff/uy-quyen"),
    ("vi.hai", "/staff/uy-quyen/thu-hoi"),
    ("vi.hai", "/staff/toi/dang-xuat-het"),
    ("vi.hai", "/staff/toi/ma-du-phong"),
    ("vi.hai", "/staff/dang-xuat"),
)


def test_every_post_wants_a_form_of_this_very_session_and_of_our_own_pages(office, admin, chairman):
    known = {rule.rule for rule in office.app.url_map.iter_rules() if "POST" in rule.methods}
    for user, path in POSTS:
        assert path.replace("acc-le.pho", "<key>") in known
        browser, other = office.signed_in(user), office.signed_in(user)
        own = re.search(r'name="csrf" value="([^"]+)"', browser.get("/staff/toi").text).group(1)
        foreign = re.search(r'name="csrf" value="([^"]+)"', other.get("/staff/toi").text).group(1)
        for given in ({}, {"csrf": ""}, {"csrf": foreign}):
            assert browser.post(path, **given).status_code == 403, path
        for origin in (None, "null", "http://evil.example"):
            assert browser.post(path, origin=origin, csrf=own).status_code == 403, path
        assert browser.get("/staff/toi").status_code == 200  # nothing has happened
    assert office.rows() == []
    assert accounts.one(office.store.accounts, "acc-le.pho")["disabled_at"] is None


def test_pages_are_for_whom_the_table_names(office, admin, chairman):
    office.account("dam.kiemtra", "auditor")
    office.account("ha.truc", "police", agency="ca-binh-luong", contact="ca-1")
    pages = {
        LIST: {"mac.quantri"},
        NEW: {"mac.quantri"},
        f"{LIST}/acc-le.pho": {"mac.quantri"},
        "/staff/dat-lai": {"mac.quantri", "vi.hai", "le.pho"},
        "/staff/uy-quyen": {"vi.hai"},
        "/staff/nhat-ky": {"dam.kiemtra"},
        "/staff/toi": {"mac.quantri", "vi.hai", "le.pho", "dam.kiemtra", "ha.truc"},
    }
    for user in ("mac.quantri", "vi.hai", "le.pho", "dam.kiemtra", "ha.truc"):
        browser = office.signed_in(user)
        for path, allowed in pages.items():
            assert browser.get(path).status_code == (200 if user in allowed else 403), (user, path)
    for path in pages:
        assert office.browser().get(path).status_code == 303


def delegate(office, chairman, **fields):
    today = local_date(office.clock())
    given = {"receiver": "acc-le.pho", "first": f"{today}", "last": f"{today + timedelta(days=2)}", **fields}
    return chairman.send("/staff/uy-quyen", **given)


def delegated(office, user):
    """What the guard says of somebody who is signed in."""
    browser, found = office.signed_in(user), []
    real = guard._found

    def seen():
        found.append(real())
        return found[-1]

    guard._found = seen
    try:
        assert browser.get("/staff/toi").status_code == 200
    finally:
        guard._found = real
    return set(found[0].viewer.delegated)


def test_a_deputy_stands_in_for_the_days_that_were_named(office, chairman):
    assert delegate(office, chairman).status_code == 303
    assert delegated(office, "le.pho") == {"chairman"}
    assert "Được ủy quyền" in office.signed_in("le.pho").get("/staff/toi").text
    office.clock.forward(days=3, hours=1)
    assert delegated(office, "le.pho") == set()
    assert [row["action"] for row in office.rows()] == ["DELEGATED"]


def test_what_is_delegated_is_not_delegated_on(office, chairman):
    delegate(office, chairman)
    assert office.signed_in("le.pho").get("/staff/uy-quyen").status_code == 403


def test_it_is_taken_back_at_once(office, chairman):
    delegate(office, chairman)
    deputy = office.signed_in("le.pho")
    assert chairman.send("/staff/uy-quyen", "/staff/uy-quyen/thu-hoi").status_code == 303
    assert "Được ủy quyền" not in deputy.get("/staff/toi").text
    assert delegated(office, "le.pho") == set()
    assert "đã thu hồi" in chairman.get("/staff/uy-quyen").text
    assert [row["action"] for row in office.rows()] == ["DELEGATED", "DELEGATION_REVOKED"]


@pytest.mark.parametrize(
    "change",
    [
        {"disabled_at": "now"},
        {"role": "committee"},
        {"unit": "thon-3"},
    ],
)
def test_it_ends_with_what_the_giver_was(office, chairman, change):
    delegate(office, chairman)
    change = {name: office.clock() if value == "now" else value for name, value in change.items()}
    office.store.accounts.update_one({"_id": "acc-vi.hai"}, {"$set": change})
    assert delegated(office, "le.pho") == set()


def test_a_delegation_that_has_not_begun_gives_nothing_yet(office, chairman):
    tomorrow = local_date(office.clock()) + timedelta(days=1)
    assert delegate(office, chairman, first=f"{tomorrow}").status_code == 303
    assert delegated(office, "le.pho") == set()
    assert "chưa đến ngày" in chairman.get("/staff/uy-quyen").text
    office.clock.forward(days=1, hours=0.1)
    assert delegated(office, "le.pho") == {"chairman"}


def test_what_cannot_be_delegated_is_said_beside_its_field(office, chairman):
    office.account("mac.quantri", "administrator")
    office.account("ha.thon3", "village", "thon-3")
    today = local_date(office.clock())
    for fields, words in (
        ({"receiver": ""}, "chọn người"),
        ({"receiver": "acc-vi.hai"}, "chọn người"),
        ({"receiver": "acc-mac.quantri"}, "chọn người"),
        ({"receiver": "acc-ha.thon3"}, "chọn người"),
        ({"first": "hôm nay"}, "ngày bắt đầu"),
        ({"last": ""}, "ngày kết thúc"),
        ({"last": f"{today - timedelta(days=1)}"}, "ngày kết thúc"),
        ({"last": f"{today + timedelta(days=200)}"}, "ba tháng"),
    ):
        answer = delegate(office, chairman, **fields)
        assert answer.status_code == 422, fields
        assert words in answer.text, fields
    assert office.rows() == []


def test_the_auditor_reads_who_did_what_and_nobody_elses_business(office, chairman):
    office.account("dam.kiemtra", "auditor")
    delegate(office, chairman)
    office.account("xa.khac", "chairman", "khac")
    office.store.access_log.insert_one({**office.rows()[0], "_id": 2, "unit": "khac", "note": "không phải ở đây"})
    page = office.signed_in("dam.kiemtra").get("/staff/nhat-ky")
    assert "Người vi.hai" in page.text
    assert "Ủy quyền" in page.text
    assert "không phải ở đây" not in page.text


def test_the_log_is_read_page_by_page(office):
    from services.reporting.staff import entering

    account = office.account("dam.kiemtra", "auditor")
    for number in range(120):
        entering.note(office.store, account, "SESSIONS_ENDED", office.clock(), f"dòng thứ {number + 1};")
    browser, path, seen = office.signed_in("dam.kiemtra"), "/staff/nhat-ky", []
    while path:
        page = browser.get(path)
        seen += re.findall(r"dòng thứ (\d+);", page.text)
        older = re.search(r'href="(/staff/nhat-ky\?truoc=\d+)"', page.text)
        path = older.group(1) if older else None
    assert seen == [str(number) for number in range(120, 0, -1)]
    assert browser.get("/staff/nhat-ky?truoc=x").status_code == 200


@pytest.fixture
def command(office, mongo_database, keys, folder, monkeypatch):
    """`python -m services.reporting …` in this process, with the environment that the machine gives it."""
    monkeypatch.setattr("services.reporting.staff.account_commands.opened", lambda _: opened())
    monkeypatch.setattr("shared.logs.configure", lambda *_: None)
    environment = {
        "AMQP_URL": "amqp://u:p@127.0.0.1:1/",
        "MONGO_URL": mongo_database.url,
        "MONGO_DATABASE": mongo_database.name,
        "LENTIENG_DIRECTORY": str(folder),
        "SEALING_PRIVATE_DIR": str(keys),
        "CASE_KEY": CASE_KEY.hex(),
        "SESSION_KEY_FILE": str(office.web.session_key_file),
        "SESSION_PUBLIC_DIR": str(office.web.session_public_dir),
        "STAFF_KEY": office.web.staff_key.hex(),
        "CASE_TOKEN_KEY": office.web.case_token_key.hex(),
        "PUBLIC_URL": office.web.public_url,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    import contextlib

    @contextlib.contextmanager
    def opened():
        yield office.store

    def run(*words, given=None):
        return CliRunner().invoke(main, list(words), input=given)

    return run


def test_accounts_are_imported_once_however_often(office, command):
    given = json.dumps([{**FIELDS, "password": PASSWORD, "totp_secret": SECRET}, {**FIELDS, "user": "khong.khoa"}])
    first = command("account", "import", given=given)
    assert json.loads(first.output) == {"made": 2, "changed": 0, "unchanged": 0}
    assert office.browser().sign_in("nguyen.mau").status_code == 303
    assert office.browser().sign_in("khong.khoa").status_code == 401
    again = command("account", "import", given=given)
    assert json.loads(again.output) == {"made": 0, "changed": 0, "unchanged": 2}
    browser = office.signed_in("nguyen.mau")
    moved = json.dumps([{**FIELDS, "contact": "ca-1", "password": "khác", "totp_secret": SECRET}])
    assert json.loads(command("account", "import", given=moved).output)["changed"] == 1
    assert browser.get("/staff/toi").status_code == 303  # what was signed says the old contact
    office.clock.forward(seconds=30)
    assert office.browser().sign_in("nguyen.mau").status_code == 303  # a password is never written over
    actions = [row["action"] for row in office.rows() if row["action"] != "SIGNED_IN"]
    assert actions == ["ACCOUNT_MADE", "ACCOUNT_MADE", "ACCOUNT_CHANGED"]
    shown = command("account", "list").output
    assert "nguyen.mau" in shown
    assert SECRET not in shown + first.output
    assert "argon2" not in shown


def test_what_cannot_be_imported_is_said_in_a_sentence(office, command):
    for given, words in (
        ("{", "JSON list"),
        ("7", "JSON list"),
        (json.dumps([{**FIELDS, "role": "king"}]), "role"),
        (json.dumps([{**FIELDS, "unit": "khong-co"}]), "unit"),
    ):
        done = command("account", "import", given=given)
        assert (done.exit_code, words in done.output) == (1, True), done.output
        assert "Traceback" not in done.output
    assert office.store.accounts.count_documents({}) == 0


def test_an_administrator_is_made_and_disabled_on_the_machine(office, command):
    words = ["account", "new", "mac.moi", "--name", "Mạc Mới", "--role", "administrator", "--unit", "binh-luong"]
    done = command(*words)
    code = re.search(r"(\d{4} \d{4} \d{4})", done.output).group(1)
    assert command(*words).exit_code == 1
    assert office.browser().send("/staff/kich-hoat", user="mac.moi", code=code).status_code == 303
    assert "ended" in command("account", "disable", "mac.moi").output
    assert "already" in command("account", "disable", "mac.moi").output
    assert command("account", "disable", "khong.co").exit_code == 1


def test_audit_verify_names_the_first_row_that_does_not_fit(office, command):
    account = office.account("dam.kiemtra", "auditor")
    from services.reporting import access_log
    from services.reporting.staff import entering

    for _ in range(3):
        entering.note(office.store, account, "SESSIONS_ENDED", office.clock())
    head = str(access_log.head(office.store))
    fine = command("audit", "verify", "--head", head)
    assert (fine.exit_code, "3 rows in order" in fine.output) == (0, True)
    office.store.access_log.delete_one({"_id": 3})
    assert command("audit", "verify").exit_code == 0  # nobody can tell from the rows alone
    cut = command("audit", "verify", "--head", head)
    assert (cut.exit_code, "row 3 is missing" in cut.output) == (1, True)
    office.store.access_log.update_one({"_id": 2}, {"$set": {"account": "other"}})
    broken = command("audit", "verify")
    assert (broken.exit_code, "row 2 was changed" in broken.output) == (1, True)
    assert command("audit", "verify", "--head", "five").exit_code == 1
