"""Setting up an account, and setting it up anew with a second person: without IT, and without a hole."""

from __future__ import annotations

import html
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest

from services.reporting.documents import accounts
from services.reporting.staff import enrolling
from services.reporting.telling import restored
from shared import sessions
from shared.events import encode, validate
from shared.signing import PublicKeys
from tests.integration.reporting.people import PASSWORD, PHONE

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


@pytest.fixture
def people(office):
    office.account("le.mot", "committee", agency="bvte-binh-luong", contact="bvte-1")
    office.account("vi.hai", "chairman", agency="bvte-binh-luong", contact="bvte-2")
    office.account("ha.truc", "police", agency="ca-binh-luong", contact="ca-1")
    office.account("mac.quantri", "administrator")
    office.account("trinh.kenhiem", "district", "ke-nhiem-nhu-xuan", "te-ke-nhiem-nhu-xuan", "te-ke-nhiem-1")
    return office


def test_a_second_person_lets_the_owner_set_everything_anew(people):
    office = people
    elsewhere = office.signed_in("ha.truc")
    browser, number = ask(office, "ha.truc")
    helper = office.signed_in("vi.hai")
    shown = helper.send("/staff/dat-lai", number=number)
    assert "Người ha.truc" in shown.text  # whose number it is, before anything is decided
    assert browser.get("/staff/quen/cho").status_code == 200
    done = helper.submit(shown, "/staff/dat-lai")
    assert "Đã xác nhận" in done.text
    assert browser.get("/staff/quen/cho").headers["Location"] == CHOOSE
    answer, secret = choose(office, browser)
    codes = codes_on(answer)
    assert len(codes) == 8
    assert browser.get("/staff/toi").status_code == 200  # signed in at once
    assert elsewhere.get("/staff/toi").status_code == 303  # every other session has ended
    office.clock.forward(seconds=30)
    assert office.browser().sign_in("ha.truc").status_code == 401  # the old password and telephone
    code = pyotp.TOTP(secret).at(office.clock())
    assert office.browser().sign_in("ha.truc", NEW, code).status_code == 303
    rows = [(row["action"], row["account"], row["note"]) for row in office.rows()]
    assert rows == [
        ("RESET_APPROVED", "acc-vi.hai", "cho ha.truc"),
        ("RESET_DONE", "acc-ha.truc", None),
        ("SIGNED_IN", "acc-ha.truc", None),
    ]


def test_the_code_that_set_the_telephone_up_signs_nobody_in(people):
    office = people
    browser, number = ask(office, "ha.truc")
    approve(office.signed_in("vi.hai"), number)
    _, secret = choose(office, browser)
    assert office.browser().sign_in("ha.truc", NEW, pyotp.TOTP(secret).at(office.clock())).status_code == 401


def test_nothing_goes_on_without_the_second_person(people):
    browser, _ = ask(people, "ha.truc")
    assert browser.get(CHOOSE).status_code == 410
    assert browser.post(CHOOSE, password=NEW, again=NEW, code="1").status_code == 410


def test_what_was_approved_goes_on_in_the_browser_that_asked_and_in_no_other(people):
    office = people
    browser, number = ask(office, "ha.truc")
    approve(office.signed_in("vi.hai"), number)
    value = browser.client.get_cookie("lentieng-dat").value
    other = office.browser()
    assert other.get(CHOOSE).status_code == 410
    other.client.set_cookie("lentieng-dat", value.split(".")[0] + ".guess." + number.replace(" ", ""))
    assert other.get(CHOOSE).status_code == 410
    assert browser.get(CHOOSE).status_code == 200


def test_a_user_whom_nobody_knows_gets_a_number_too_and_nobody_can_let_it_pass(people):
    office = people
    office.account("da.khoa", disabled_at=office.clock())
    helper = office.signed_in("vi.hai")
    _, known = ask(office, "ha.truc")
    for user in ("khong.co", "da.khoa"):
        browser, number = ask(office, user)
        assert len(number) == len(known)
        answer = helper.send("/staff/dat-lai", number=number)
        assert (answer.status_code, "chưa đúng" in answer.text) == (422, True)
        assert browser.get("/staff/quen/cho").status_code == 200


def test_nobody_is_the_second_person_for_himself(people):
    _, number = ask(people, "vi.hai")
    answer = people.signed_in("vi.hai").send("/staff/dat-lai", number=number)
    assert (answer.status_code, "tự cấp lại" in answer.text) == (422, True)


def test_who_sees_no_case_vouches_for_nobody_who_does(people):
    office = people
    office.account("ha.thon3", "village", "thon-3")
    administrator = office.signed_in("mac.quantri")
    for user in ("le.mot", "vi.hai", "ha.truc"):
        answer = administrator.send("/staff/dat-lai", number=ask(office, user)[1])
        assert (answer.status_code, "Tài khoản này xem vụ việc" in answer.text) == (422, True), user
    assert approve(administrator, ask(office, "ha.thon3")[1]).status_code == 200


def test_nobody_lets_pass_what_he_asked_for_himself(people):
    """One person in one browser: signed in and asking, or asking first and then signing in."""
    office = people
    helper = office.signed_in("le.mot")
    helper.send("/staff/quen", user="vi.hai")
    number = number_on(helper.get("/staff/quen/cho"))
    elsewhere = office.signed_in("le.mot")  # the same person in another browser
    answer = elsewhere.send("/staff/dat-lai", number=number)
    assert (answer.status_code, "người xin số này" in answer.text) == (422, True)
    browser, number = ask(office, "ha.truc")
    assert browser.sign_in("le.mot").status_code == 303
    answer = browser.send("/staff/dat-lai", number=number)
    assert (answer.status_code, "chính máy này" in answer.text) == (422, True)
    assert office.store.enrolments.count_documents({"state": "asked"}) == 2


def reset(office, user="ha.truc"):
    browser, number = ask(office, user)
    assert approve(office.signed_in("vi.hai"), number).status_code == 200
    choose(office, browser)
    return browser


def test_the_owner_is_told_at_once_by_the_contact_that_he_had(people):
    office = people
    reset(office)
    [notice] = office.store.operator_notices.find()
    [event] = [restored(row) for row in notice["outgoing"]]
    validate(event)
    assert (event.name, event.data["account"], event.data["contact"]) == ("account.changed", "acc-ha.truc", "ca-1")
    assert event.data["what"] == "PASSWORD_RESET"
    assert "ha.truc" not in str(event.data["contact"]) + str(event.subject)
    assert encode(event).routing_key == "account.changed"


def test_after_a_reset_no_case_opens_before_the_owner_had_time(people):
    office = people
    office.store.rosters.insert_one(
        {
            "_id": "ca-binh-luong",
            "version": 1,
            "contacts": [{"contact": "ca-1", "person": "p-1", "addresses": []}],
        }
    )
    assert office.signed_in("ha.truc").get("/staff/tim").status_code == 200
    browser = reset(office)
    assert browser.get("/staff/tim").status_code == 403
    assert "vụ việc mở được từ" in browser.get("/staff/toi").text
    assert decoded(office, browser).contact is None  # what other services judge by
    office.clock.forward(minutes=31)
    assert browser.get("/staff/tim").status_code == 200
    assert "vụ việc mở được từ" not in browser.get("/staff/toi").text
    assert decoded(office, office.signed_in("ha.truc")).contact == "ca-1"


def decoded(office, browser):
    value = browser.client.get_cookie("lentieng").value
    return sessions.decode(value, PublicKeys(office.web.session_public_dir), office.clock())


def test_who_was_let_in_a_moment_ago_lets_nobody_in(people):
    """One account taken over must not be the key to the next."""
    office = people
    browser, number = ask(office, "le.mot")
    approve(office.signed_in("vi.hai"), number)
    choose(office, browser)
    assert browser.get("/staff/dat-lai").status_code == 403
    office.clock.forward(minutes=31)
    assert browser.get("/staff/dat-lai").status_code == 200


def test_a_reset_is_shown_at_the_next_sign_in(people):
    office = people
    browser, number = ask(office, "ha.truc")
    approve(office.signed_in("vi.hai"), number)
    secret = choose(office, browser)[1]
    office.clock.forward(minutes=1)
    answer = browser.sign_in("ha.truc", NEW, pyotp.TOTP(secret).at(office.clock()))
    assert answer.headers["Location"] == "/staff/toi"
    assert "được đặt lại, có người thứ hai xác nhận" in browser.get("/staff/toi").text


def test_people_above_help_each_other_and_nobody_below(people):
    office = people
    office.account("lo.kenhiem", "district", "ke-nhiem-nhu-xuan", "te-ke-nhiem-nhu-xuan", "te-ke-nhiem-2")
    helper = office.signed_in("lo.kenhiem")
    assert approve(helper, ask(office, "trinh.kenhiem")[1]).status_code == 200
    answer = helper.send("/staff/dat-lai", number=ask(office, "vi.hai")[1])
    assert (answer.status_code, "đơn vị khác" in answer.text) == (422, True)


def test_who_may_not_approve_does_not_see_the_page(people):
    office = people
    _, number = ask(office, "le.mot")
    office.account("ha.thon3", "village", "thon-3")
    for user in ("ha.truc", "ha.thon3"):
        assert office.signed_in(user).get("/staff/dat-lai").status_code == 403
    browser = office.signed_in("ha.truc")
    assert browser.submit(browser.get("/staff/toi"), "/staff/dang-xuat").status_code == 303
    assert office.store.enrolments.find_one()["state"] == "asked", number


def test_somebody_of_another_unit_is_not_for_us(people):
    people.account("dam.kenhiem", "auditor", "ke-nhiem-nhu-xuan")
    for user in ("trinh.kenhiem", "dam.kenhiem"):
        _, number = ask(people, user)
        answer = people.signed_in("mac.quantri").send("/staff/dat-lai", number=number)
        assert (answer.status_code, "đơn vị khác" in answer.text) == (422, True), user


def test_a_confirmation_is_for_the_person_who_was_shown(people):
    office = people
    _, number = ask(office, "ha.truc")
    helper = office.signed_in("vi.hai")
    shown = helper.send("/staff/dat-lai", number=number)
    answer = helper.submit(shown, "/staff/dat-lai", account="acc-le.mot")
    assert answer.status_code == 422
    assert office.store.enrolments.find_one()["state"] == "asked"
    assert office.rows() == []


def test_numbers_cannot_be_guessed(people):
    helper = people.signed_in("vi.hai")
    answers = [helper.send("/staff/dat-lai", number=f"{number:06d}").status_code for number in range(6)]
    assert answers == [422] * 4 + [429] * 2


def test_a_number_is_good_for_half_an_hour(people):
    office = people
    browser, number = ask(office, "ha.truc")
    office.clock.forward(minutes=31)
    assert office.signed_in("vi.hai").send("/staff/dat-lai", number=number).status_code == 422
    assert browser.get("/staff/quen/cho").status_code == 410
    browser, number = ask(office, "ha.truc")
    approve(office.signed_in("vi.hai"), number)
    office.clock.forward(minutes=31)
    assert browser.get(CHOOSE).status_code == 410


def test_a_number_is_good_once(people):
    office = people
    browser, number = ask(office, "ha.truc")
    approve(office.signed_in("vi.hai"), number)
    assert office.signed_in("vi.hai").send("/staff/dat-lai", number=number).status_code == 422
    choose(office, browser)
    assert browser.get(CHOOSE).status_code == 410


def test_two_forms_at_the_same_moment_set_one_password(people, monkeypatch):
    office = people
    browser, number = ask(office, "ha.truc")
    approve(office.signed_in("vi.hai"), number)
    page = browser.get(CHOOSE)
    fields = {"password": NEW, "again": NEW, "code": pyotp.TOTP(secret_on(page)).at(office.clock())}
    together, real = threading.Barrier(2, timeout=10), enrolling.enrolments.finish

    def finish(*given):
        together.wait()
        return real(*given)

    monkeypatch.setattr(enrolling.enrolments, "finish", finish)
    ticket = browser.client.get_cookie("lentieng-dat").value

    def send(_):
        one = office.browser()
        one.client.set_cookie("lentieng-dat", ticket)
        return one.submit(page, CHOOSE, **fields).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, range(2))) == [200, 410]
    assert [row["action"] for row in office.rows()].count("RESET_DONE") == 1


def test_an_account_disabled_in_between_stays_disabled(people):
    office = people
    browser, number = ask(office, "ha.truc")
    approve(office.signed_in("vi.hai"), number)
    page = browser.get(CHOOSE)
    accounts.disable(office.store.accounts, "acc-ha.truc", office.clock())
    fields = {"password": NEW, "again": NEW, "code": pyotp.TOTP(secret_on(page)).at(office.clock())}
    assert browser.submit(page, CHOOSE, **fields).status_code == 410
    assert browser.get("/staff/toi").status_code == 303


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"password": "ngắn"}, "ít nhất 10 ký tự"),
        ({"password": "Matkhau2026"}, "quá dễ đoán"),
        ({"password": "1234567890"}, "quá dễ đoán"),
        ({"password": "aaaaaaaaaaaaaa"}, "quá dễ đoán"),
        ({"password": "tôi là ha.truc đây"}, "tên đăng nhập"),
        ({"again": "khác hẳn đi nhé"}, "chưa giống nhau"),
        ({"code": "000000"}, "Mã chưa đúng"),
        ({"code": ""}, "Mã chưa đúng"),
    ],
)
def test_what_will_not_do_is_said_beside_the_field(people, fields, words):
    office = people
    browser, number = ask(office, "ha.truc")
    approve(office.signed_in("vi.hai"), number)
    secret = secret_on(browser.get(CHOOSE))
    answer, _ = choose(office, browser, **fields)
    assert answer.status_code == 422
    assert words in html.unescape(answer.text)
    assert 'aria-invalid="true"' in answer.text
    assert NEW not in answer.text
    assert secret_on(answer) == secret  # the telephone that was set up a moment ago is still right


@pytest.mark.parametrize("path", ["/staff/quen", "/staff/kich-hoat", CHOOSE])
def test_a_form_on_another_site_starts_and_ends_nothing(people, path):
    office = people
    browser, number = ask(office, "ha.truc")
    approve(office.signed_in("vi.hai"), number)
    page = browser.get(CHOOSE)
    fields = {"user": "ha.truc", "password": NEW, "again": NEW, "code": pyotp.TOTP(secret_on(page)).at(office.clock())}
    token = re.search(r'name="csrf" value="(\w+)"', page.text).group(1)
    for origin in (None, "null", "http://evil.example"):
        assert browser.post(path, origin=origin, csrf=token, **fields).status_code == 403
    assert browser.post(CHOOSE, csrf="0" * 32, **fields).status_code == 403
    assert browser.post(CHOOSE, **fields).status_code == 403
    assert accounts.one(office.store.accounts, "acc-ha.truc")["generation"] == 1


def test_the_numbers_and_secrets_are_in_no_database_in_clear(people):
    office = people
    browser, number = ask(office, "ha.truc")
    approve(office.signed_in("vi.hai"), number)
    answer, secret = choose(office, browser)
    kept = "".join(
        str(list(office.store.database[name].find())) for name in office.store.database.list_collection_names()
    )
    for clear in (NEW, PASSWORD, secret, number.replace(" ", ""), codes_on(answer)[0].replace(" ", "")):
        assert clear not in kept


def test_a_recovery_code_lets_in_once_and_is_written_down(people):
    office = people
    browser, number = ask(office, "ha.truc")
    approve(office.signed_in("vi.hai"), number)
    codes = codes_on(choose(office, browser)[0])
    inside = office.browser()
    answer = inside.sign_in("ha.truc", NEW, codes[0])
    assert answer.headers["Location"] == "/staff/toi"
    assert "<strong>7</strong>" in inside.get("/staff/toi").text
    assert office.browser().sign_in("ha.truc", NEW, codes[0]).status_code == 401
    assert office.browser().sign_in("ha.truc", "sai", codes[1]).status_code == 401
    assert office.browser().sign_in("ha.truc", NEW, codes[1].replace(" ", "-")).status_code == 303
    assert [row["action"] for row in office.rows()][-2:] == ["RECOVERY_CODE_USED"] * 2


def test_of_two_requests_with_one_recovery_code_one_is_let_in(people, monkeypatch):
    office = people
    hashed = office.desk.vault.mark("recovery", "acc-ha.truc", "123456789012")
    office.store.accounts.update_one({"_id": "acc-ha.truc"}, {"$set": {"recovery": [hashed]}})
    together, real = threading.Barrier(2, timeout=10), accounts.use_recovery

    def use(*given):
        together.wait()
        return real(*given)

    monkeypatch.setattr(accounts, "use_recovery", use)
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda _: office.browser().sign_in("ha.truc", code="123456789012").status_code, range(2))
        )
    assert sorted(answers) == [303, 401]


def test_new_recovery_codes_take_a_code_of_the_telephone(people):
    office = people
    browser = office.signed_in("ha.truc")
    assert browser.send("/staff/toi", "/staff/toi/ma-du-phong", code="000000").status_code == 422
    answer = browser.send("/staff/toi", "/staff/toi/ma-du-phong", code=office.code())
    codes = codes_on(answer)
    assert len(codes) == 8
    assert "mã dự phòng cũ" in answer.text
    assert browser.send("/staff/toi", "/staff/toi/ma-du-phong", code=office.code()).status_code == 422  # used
    assert office.browser().sign_in("ha.truc", code=codes[3]).status_code == 303


def test_the_page_of_the_telephone_has_a_picture_and_the_key_in_letters(people):
    office = people
    browser, number = ask(office, "ha.truc")
    approve(office.signed_in("vi.hai"), number)
    page = browser.get(CHOOSE)
    assert 'src="data:image/svg+xml' in page.text
    assert len(secret_on(page)) == 32
    for words in ('autocomplete="new-password"', 'autocomplete="one-time-code"', 'inputmode="numeric"'):
        assert words in page.text
    assert browser.agent == PHONE


def test_the_app_for_codes_is_opened_on_the_telephone_itself_and_what_follows_is_a_button(people):
    """The same secret as in the picture; a link that the page holds and no request ever carries."""
    browser, number = ask(people, "ha.truc")
    approve(people.signed_in("vi.hai"), number)
    page = browser.get(CHOOSE)
    address = html.unescape(re.search(r'<a class="button" href="(otpauth://[^"]+)"', page.text).group(1))
    assert pyotp.parse_uri(address).secret == secret_on(page)
    assert pyotp.parse_uri(address).name == "ha.truc"
    assert "không dấu" in page.text
    done, _ = choose(people, browser)
    assert '<a class="button" href="/staff/vao">Tôi đã chép' in done.text
