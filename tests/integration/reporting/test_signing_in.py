"""Signing in: one form, one verdict, and nothing that helps whoever has no business here."""

from __future__ import annotations

import io
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import structlog

from services.reporting.documents import accounts
from services.reporting.staff.passwords import Passwords
from shared import logs
from tests.integration.reporting.people import PASSWORD, PHONE, Office

FORM = "/staff/dang-nhap"


@pytest.fixture
def le(office):
    return office.account("le.mot", "administrator")


def cookies(answer):
    return {one.partition("=")[0]: one for one in answer.headers.getlist("Set-Cookie")}


def test_user_password_and_code_open_a_session(office, le):
    browser = office.browser()
    answer = browser.send(FORM, user="le.mot", password=PASSWORD, code=office.code())
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/vao")
    assert browser.get("/staff/vao").headers["Location"] == "/staff/tai-khoan"
    assert "Người le.mot" in browser.get("/staff/tai-khoan").text


def test_letter_case_and_blanks_around_a_user_name_do_not_count(office, le):
    assert office.browser().sign_in("  Le.Mot ").status_code == 303


def test_a_code_typed_in_two_groups_is_that_code(office, le):
    code = office.code()
    assert office.browser().sign_in("le.mot", code=f" {code[:3]} {code[3:]} ").status_code == 303


@pytest.mark.parametrize("which", ["user", "password", "code", "disabled", "never set up"])
def test_whatever_was_wrong_the_words_and_the_work_are_the_same(office, le, which, monkeypatch):
    office.account("lo.ba", disabled_at=office.clock())
    office.account("ha.moi", password=None, totp=None)
    verified = []
    real = Passwords.right
    monkeypatch.setattr(
        Passwords, "right", lambda self, *given, **more: (verified.append(1), real(self, *given, **more))[1]
    )
    given = {"user": "le.mot", "password": PASSWORD, "code": office.code()}
    given |= {
        "user": {"user": "khong.co"},
        "password": {"password": "sai"},
        "code": {"code": "000000"},
        "disabled": {"user": "lo.ba"},
        "never set up": {"user": "ha.moi"},
    }[which]
    answer = office.browser().post(FORM, **given)
    wrong = office.browser().post(FORM, user="ai.do", password="gì đó", code="1")
    assert answer.status_code == 401
    assert len(verified) == 2  # one hash each, also for a user whom nobody knows
    assert answer.text.replace(given["user"], "USER") == wrong.text.replace("ai.do", "USER")
    assert not cookies(answer)


def test_neither_password_nor_code_comes_back_in_the_page(office, le):
    answer = office.browser().post(FORM, user="le.mot", password="đoán-thử-mật-khẩu", code="123123")
    assert "đoán-thử" not in answer.text
    assert "123123" not in answer.text


@pytest.fixture
def logged(monkeypatch):
    """What this process logs from here on, whoever has set up its log before."""
    lines = io.StringIO()
    monkeypatch.setattr("sys.stderr", lines)
    logs.configure("reporting")
    yield lines
    structlog.reset_defaults()
    logging.basicConfig(force=True)


def test_neither_password_nor_code_nor_name_is_ever_logged(logged, office, le):
    office.browser().sign_in("le.mot")
    office.browser().post(FORM, user="le.mot", password="đoán-thử-mật-khẩu", code="123123")
    said = logged.getvalue()
    assert "request" in said
    for secret in (PASSWORD, "đoán-thử", "123123", "le.mot"):
        assert secret not in said
        assert secret.encode("ascii", "backslashreplace").decode() not in said


def test_a_code_is_good_once(office, le):
    code = office.code()
    assert office.browser().sign_in("le.mot", code=code).status_code == 303
    assert office.browser().sign_in("le.mot", code=code).status_code == 401
    office.clock.forward(seconds=30)
    assert office.browser().sign_in("le.mot").status_code == 303


def test_the_code_before_one_that_was_used_is_not_good_any_more(office, le):
    before = office.code()
    office.clock.forward(seconds=30)
    assert office.browser().sign_in("le.mot").status_code == 303
    assert office.browser().sign_in("le.mot", code=before).status_code == 401


def test_of_two_requests_with_one_code_at_the_same_moment_one_is_let_in(office, le, monkeypatch):
    """Both have read the account before either has spent the code."""
    together = threading.Barrier(2, timeout=10)
    real = accounts.use_step

    def use_step(*given):
        together.wait()
        return real(*given)

    monkeypatch.setattr(accounts, "use_step", use_step)
    code = office.code()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: office.browser().sign_in("le.mot", code=code).status_code, range(2)))
    assert sorted(answers) == [303, 401]


ELSEWHERE = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example/staff",
    "javascript:alert(1)",
    "/staff/../../evil",
    "/staff/..//evil.example",
    "/staff//evil.example",
    "/staff/%2e%2e/x",
    "/staff/%0d%0aSet-Cookie:x",
    "/staff\r\nX: y",
    "/staff@evil.example",
    "/staff.evil.example",
    "/staffevil",
    "/a/token",
    " /staff",
    "staff/tim",
    "/staff/tim#x",
    "/staff/" + "a" * 400,
]


def test_next_leads_nowhere_but_to_pages_of_ours(office, le):
    for given in ELSEWHERE:
        browser = office.browser()
        assert "evil" not in browser.get(FORM, query_string={"next": given}).text, given
        answer = browser.sign_in("le.mot", next=given)
        assert answer.headers["Location"] == "/staff/vao", given
        office.clock.forward(seconds=30)


def test_next_leads_to_the_page_that_was_asked_for(office, le):
    for given in ("/staff", "/staff/tim", "/staff/vu-viec/7K3M9QX2AB", "/staff/truong-hop/7K3M9QX2AB-1?cho=1-a"):
        asked = office.browser().get(given)
        assert asked.status_code == 303
        browser = office.browser()
        proof = {"user": "le.mot", "password": PASSWORD, "code": office.code()}
        assert browser.send(asked.headers["Location"], FORM, **proof).headers["Location"] == given
        office.clock.forward(seconds=30)


def test_who_is_signed_in_is_not_asked_again(office, le):
    browser = office.signed_in("le.mot")
    assert browser.get(f"{FORM}?next=/staff/toi").headers["Location"] == "/staff/toi"
    assert browser.get(f"{FORM}?next=//evil.example").headers["Location"] == "/staff/tai-khoan"


def test_a_form_on_another_site_signs_nobody_in(office, le):
    for origin in (None, "null", "http://evil.example", "http://localhost.evil.example", "https://localhost"):
        browser = office.browser()
        answer = browser.post(FORM, origin=origin, user="le.mot", password=PASSWORD, code=office.code())
        assert answer.status_code == 403, origin
        assert not cookies(answer)


def test_a_session_that_was_planted_is_not_the_one_that_is_used(office, le):
    """Whoever knew the cookie before signing in knows nothing after it."""
    planted = office.signed_in("le.mot")
    value = planted.client.get_cookie("lentieng").value
    victim = office.browser()
    victim.client.set_cookie("lentieng", value)
    office.clock.forward(seconds=30)
    answer = victim.post(FORM, user="le.mot", password=PASSWORD, code=office.code())
    assert answer.status_code == 303
    assert victim.client.get_cookie("lentieng").value != value
    assert planted.get("/staff/toi").status_code == 303  # and the planted one has ended


def test_the_cookie_is_kept_from_scripts_and_other_sites(office, store, tmp_path):
    office.account("le.mot")
    [session] = [one for name, one in cookies(office.browser().sign_in("le.mot")).items() if name == "lentieng"]
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session
    assert "Path=/" in session
    (tmp_path / "https").mkdir()
    secure = Office(store, office.folder, tmp_path / "https", address="https://lentieng.example.invalid")
    secure.clock.forward(minutes=1)
    found = cookies(secure.browser().sign_in("le.mot"))
    assert set(found) == {"__Host-lentieng", "__Host-lentieng-may"}
    for one in found.values():
        assert "Secure" in one
        assert "HttpOnly" in one
        assert "Domain" not in one


def test_a_cookie_that_was_carried_away_is_no_good_in_another_browser(office, le):
    browser = office.signed_in("le.mot")
    thief = office.browser("Mozilla/5.0 (X11; Linux) thief")
    thief.client.set_cookie("lentieng", browser.client.get_cookie("lentieng").value)
    assert thief.get("/staff/toi").status_code == 303
    assert browser.get("/staff/toi").status_code == 200


def test_a_cookie_of_nobody_is_not_let_in(office, le):
    browser = office.signed_in("le.mot")
    value = browser.client.get_cookie("lentieng").value
    for forged in ("", "x", value[:-4] + "AAAA", value.replace(".", "..", 1), "a" * 4050):
        browser.client.set_cookie("lentieng", forged)
        assert browser.get("/staff/toi").status_code == 303


def test_signing_out_ends_the_session_wherever_its_cookie_went(office, le):
    browser = office.signed_in("le.mot")
    copy = office.browser()
    copy.client.set_cookie("lentieng", browser.client.get_cookie("lentieng").value)
    assert copy.get("/staff/toi").status_code == 200
    answer = browser.send("/staff/toi", "/staff/dang-xuat")
    assert answer.headers["Location"] == FORM
    assert browser.client.get_cookie("lentieng") is None
    assert copy.get("/staff/toi").status_code == 303


def test_signing_out_everywhere_ends_every_session(office, le):
    browser, other = office.signed_in("le.mot"), office.signed_in("le.mot")
    assert browser.send("/staff/toi", "/staff/toi/dang-xuat-het").status_code == 303
    assert browser.get("/staff/toi").status_code == 303
    assert other.get("/staff/toi").status_code == 303
    assert [row["action"] for row in office.rows()] == ["SESSIONS_ENDED"]


def test_what_is_sent_after_the_session_ended_leads_back_to_its_page(office, le):
    browser = office.browser()
    for path, back in (("/staff/tai-khoan/moi", "?next=/staff/tai-khoan/moi"), ("/staff/toi/dang-xuat-het", "")):
        answer = browser.post(path, csrf="x")
        assert answer.status_code == 401
        assert f'href="{FORM}{back}"' in answer.text


def test_each_sign_in_is_one_row_of_the_log_and_no_other_page_is(office, le):
    browser = office.browser()
    assert browser.sign_in("le.mot").status_code == 303
    assert browser.get("/staff/tai-khoan").status_code == 200
    office.browser().sign_in("le.mot", password="sai")
    [row] = office.rows()
    assert (row["action"], row["account"], row["case"], row["note"]) == ("SIGNED_IN", "acc-le.mot", None, None)


def test_a_form_full_of_marks_costs_nothing(office, le):
    """One form for them takes minutes, and whoever sends them needs no account."""
    marks = "a" + "\u0301\u0323" * 15_000
    for path, fields in (
        (FORM, {"user": marks, "password": "sai", "code": "1"}),
        (FORM, {"user": "le.mot", "password": marks, "code": marks}),
        ("/staff/quen", {"user": marks}),
        ("/staff/kich-hoat", {"user": marks, "code": marks}),
    ):
        assert office.browser().post(path, **fields).status_code in {303, 401}, path


def test_a_session_ends_after_ten_hours(office, le):
    browser = office.signed_in("le.mot")
    office.clock.forward(hours=9, minutes=59)
    assert browser.get("/staff/toi").status_code == 200
    office.clock.forward(minutes=2)
    assert browser.get("/staff/toi").status_code == 303


@pytest.mark.parametrize(
    "change",
    [
        lambda store, key, now: accounts.disable(store.accounts, key, now),
        lambda store, key, now: accounts.change(store.accounts, key, {"role": "village"}),
        lambda store, key, now: store.accounts.delete_one({"_id": key}),
        lambda store, key, now: store.staff_sessions.delete_many({}),
    ],
)
def test_a_session_ends_with_what_its_account_was(office, le, change):
    browser = office.signed_in("le.mot")
    change(office.store, le["_id"], office.clock())
    assert browser.get("/staff/toi").status_code == 303


def test_every_page_of_staff_forbids_frames_scripts_and_copies(office, le):
    for answer in (
        office.browser().get(FORM),
        office.signed_in("le.mot").get("/staff/toi"),
        office.browser().get("/staff/x/y"),
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "strict-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "<script" not in answer.text


def test_forms_may_go_to_our_other_services_too(office, le):
    policy = office.browser().get(FORM).headers["Content-Security-Policy"]
    assert "form-action 'self' http://localhost http://intake.example.invalid" in policy


def test_a_wrong_address_is_a_page_in_plain_words(office, le):
    answer = office.browser().get("/staff/khong/co")
    assert (answer.status_code, "Không có trang này" in answer.text) == (404, True)


def test_a_page_that_is_not_for_this_role_says_so(office):
    office.account("ha.truc", "police", agency="ca-binh-luong", contact="ca-1")
    answer = office.signed_in("ha.truc").get("/staff/tai-khoan")
    assert (answer.status_code, "không xem được trang này" in answer.text) == (403, True)


def test_a_database_that_does_not_answer_is_said_in_plain_words(office, le, monkeypatch):
    from pymongo.errors import ServerSelectionTimeoutError

    def down(*_, **__):
        raise ServerSelectionTimeoutError("127.0.0.1:1 with the password")

    browser = office.signed_in("le.mot")
    monkeypatch.setattr(office.store.staff_sessions, "find_one", down)
    answer = browser.get("/staff/toi")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "chưa trả lời" in answer.text
    monkeypatch.setattr(office.store.throttles, "find_one", down)
    assert office.browser().sign_in("le.mot").status_code == 503


def test_a_failure_nobody_expected_is_a_page_too_and_quotes_nothing(office, le, monkeypatch):
    browser = office.signed_in("le.mot")
    monkeypatch.setattr(office.store.accounts, "find_one", lambda *_, **__: {"boom": "Lường Thị Bịa"})
    answer = browser.get("/staff/toi")
    assert answer.status_code == 500
    assert "Bịa" not in answer.text


def test_when_too_many_sign_in_at_once_the_page_says_so_and_nothing_is_counted(office, le):
    office.passwords._wait = 0.01
    with office.passwords._one:
        for _ in range(5):
            answer = office.browser().sign_in("le.mot")
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert "vài giây" in answer.text
    assert office.browser().sign_in("le.mot").status_code == 303


def test_a_password_hashed_with_less_work_is_hashed_anew(office, le):
    weak = Passwords(memory_kib=32, passes=1).hash(PASSWORD)
    office.store.accounts.update_one({"_id": le["_id"]}, {"$set": {"password": weak}})
    assert office.browser().sign_in("le.mot").status_code == 303
    stored = accounts.one(office.store.accounts, le["_id"])["password"]
    assert stored != weak
    assert not office.passwords.outdated(stored)


def test_the_number_of_a_browser_is_never_the_users_name(office, le):
    browser = office.browser(PHONE)
    browser.sign_in("le.mot")
    assert "le.mot" not in browser.client.get_cookie("lentieng-may").value
