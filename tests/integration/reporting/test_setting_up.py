"""Setting up an account anew with what a second person let pass: once, in one browser, and without a hole."""

from __future__ import annotations

import html
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest

from services.reporting.documents import accounts
from services.reporting.staff import enrolling
from tests.integration.reporting.people import PASSWORD, PHONE
from tests.integration.reporting.setting_up import CHOOSE, NEW, approve, ask, choose, codes_on, secret_on


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
