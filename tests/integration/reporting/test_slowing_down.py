"""Whoever fails again and again waits ever longer; nobody is ever locked out, least of all by somebody else."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.reporting.documents import throttles
from services.reporting.staff.throttle import ACCOUNT, HALF, PAIR, PATIENCE, PLACE, WIDE, WIDE_ASKING, Slow
from tests.integration.reporting.people import PASSWORD

FORM = "/staff/dang-nhap"
HERE, THERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def le(office):
    return office.account("le.mot")


@pytest.fixture
def attempt(office):
    """Fail once from an address; what the throttle says."""

    def fail(address, user="le.mot", browser=None):
        return office.desk.throttle.sign_in(user, address, browser, office.clock())

    return fail


def test_three_slips_cost_nothing_and_what_follows_ever_more(office, attempt):
    for wait in PAIR:
        assert attempt(HERE) is None
        if wait:
            assert attempt(HERE) == Slow(wait)
        office.clock.forward(seconds=max(wait, 10))
    office.clock.forward(seconds=PAIR[-1])
    assert attempt(HERE) is None
    assert attempt(HERE) == Slow(900)  # a quarter of an hour and never more


def test_an_attempt_that_comes_too_early_makes_the_wait_no_longer(office, attempt):
    for _ in range(4):
        attempt(HERE)
    assert attempt(HERE) == Slow(2)
    for _ in range(20):
        assert attempt(HERE) == Slow(2)
    office.clock.forward(seconds=2)
    assert attempt(HERE) is None


def test_from_many_places_an_account_waits_ten_seconds_at_the_most(office, attempt):
    for number in range(40):
        office.clock.forward(seconds=10)
        assert attempt(f"203.0.113.{number}") is None
    assert attempt(THERE) == Slow(max(ACCOUNT)) == Slow(10)
    assert attempt(THERE, user="vi.hai") is None  # and only this one


def test_what_waits_for_the_failures_of_others_is_not_counted_against_who_came(office, attempt):
    for number in range(40):
        office.clock.forward(seconds=10)
        attempt(f"203.0.113.{number}")
    for _ in range(20):
        assert attempt(THERE) == Slow(10)
    office.clock.forward(seconds=10)
    assert attempt(THERE) is None
    office.clock.forward(seconds=10)
    assert attempt(THERE) is None


def test_who_asks_while_the_whole_network_waits_is_not_counted(office):
    asking = office.desk.throttle.asking
    for number in range(WIDE_ASKING.count(0) + 1):
        asking(f"2001:db8:1:{number:x}::1", office.clock())
    before = list(office.store.throttles.find())
    assert asking("2001:db8:1:ffff::1", office.clock()) == Slow(2)
    assert list(office.store.throttles.find()) == before


def test_the_owners_own_browser_waits_for_nobody_else(office, le):
    own, stranger = office.browser(), office.browser()
    assert own.sign_in("le.mot").status_code == 303
    for _ in range(30):
        stranger.sign_in("le.mot", password="sai", code="1")
    assert stranger.sign_in("le.mot").status_code == 429
    office.clock.forward(seconds=30)
    stranger.sign_in("le.mot", password="sai", code="1")
    assert own.sign_in("le.mot").status_code == 303


def test_the_mark_of_a_browser_is_good_for_its_account_alone(office, le):
    office.account("vi.hai")
    own, stranger = office.browser(), office.browser()
    own.sign_in("le.mot")
    for _ in range(20):
        stranger.sign_in("vi.hai", password="sai", code="1")
    assert own.sign_in("vi.hai").status_code == 429
    own.client.set_cookie("lentieng-may", "madeup." + "0" * 32)
    for _ in range(20):
        own.sign_in("le.mot", password="sai", code="1")
    assert own.sign_in("le.mot", password="sai", code="1").status_code == 429


def test_the_page_says_how_long_and_that_nothing_is_locked(office, le):
    browser = office.browser()
    for _ in range(12):
        browser.sign_in("le.mot", password="sai", code="1")
        office.clock.forward(seconds=640)
    browser.sign_in("le.mot", password="sai", code="1")
    answer = browser.sign_in("le.mot")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert "15 phút" in answer.text
    assert "không bị khóa" in answer.text
    office.clock.forward(minutes=15)
    assert browser.sign_in("le.mot").status_code == 303


def test_being_right_forgets_what_was_wrong_before(office, le):
    browser = office.browser()
    for _ in range(3):
        browser.sign_in("le.mot", password="sai", code="1")
    assert browser.sign_in("le.mot").status_code == 303
    # Three slips of this place; and that they were wrong passwords, for which nobody waits.
    assert office.store.throttles.count_documents({"failures": {"$gt": 0}}) == 2
    other = office.browser()
    for _ in range(3):
        assert other.sign_in("le.mot", password="sai", code="1").status_code == 401


def test_attempts_at_the_same_moment_are_as_many_failures(office, le):
    together = threading.Barrier(8, timeout=10)

    def wrong(_):
        browser = office.browser()
        together.wait()
        return browser.sign_in("le.mot", password="sai", code="1").status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(wrong, range(8)))
    assert answers.count(401) <= 4
    assert set(answers) <= {401, 429}


def test_what_is_kept_names_nobody_and_no_place(office, le):
    office.browser().sign_in("le.mot", password="sai", code="1")
    kept = str(list(office.store.throttles.find()))
    assert "le.mot" not in kept
    assert "127.0.0.1" not in kept


def test_an_ipv6_network_is_one_place(office, attempt):
    for number in range(4):
        assert attempt(f"2001:db8:1:2::{number:x}") is None
    assert attempt("2001:db8:1:2:ffff::1") == Slow(2)


def test_a_wide_ipv6_network_has_not_a_place_for_each_attempt(office, attempt):
    for number in range(WIDE.count(0)):
        assert attempt(f"2001:db8:1:{number:x}::1", user=f"nguoi.{number}") is None
    attempt("2001:db8:1:ffff::1", user="le.mot")
    assert attempt("2001:db8:1:fffe::1", user="vi.hai") == Slow(1)
    assert attempt("2001:db8:2::1", user="vi.hai") is None
    numbers = [office.desk.throttle.asking(f"2001:db8:1:{number:x}::1", office.clock()) for number in range(45)]
    assert numbers.count(None) == 41


def test_who_keeps_everybody_busy_is_counted_by_the_place(office):
    for number in range(len(PLACE)):
        assert office.desk.throttle.sign_in(f"nguoi.{number}", HERE, None, office.clock()) is None
        office.desk.throttle.unlooked(f"nguoi.{number}", HERE, None, office.clock())
        office.clock.forward(seconds=10)
    office.clock.forward(seconds=-9)
    assert office.desk.throttle.sign_in("le.mot", HERE, None, office.clock()) == Slow(9)
    assert office.desk.throttle.sign_in("nguoi.1", THERE, None, office.clock()) is None


def patiently(office, times, **given):
    """So many attempts with the right password and a wrong code, each from another place and none too early."""
    for _ in range(times):
        browser = office.browser()
        assert browser.sign_in("le.mot", **{"code": "000000", **given}).status_code == 401
        office.clock.forward(minutes=20)


def test_who_knows_the_password_has_no_patience_with_the_code(office, le):
    own = office.browser()
    assert own.sign_in("le.mot").status_code == 303
    patiently(office, PATIENCE + 12)
    assert office.browser().sign_in("le.mot", code="000000").status_code == 401
    office.clock.forward(seconds=max(ACCOUNT) + 1)
    answer = office.desk.throttle.sign_in("le.mot", THERE, None, office.clock())
    assert answer == Slow(max(HALF) - max(ACCOUNT) - 1)
    office.clock.forward(seconds=20)
    assert own.sign_in("le.mot").status_code == 303  # the owner's own browser waits for nobody


def test_wrong_passwords_are_no_knowledge_of_the_password(office, le):
    patiently(office, PATIENCE + 12, password="sai")
    office.browser().sign_in("le.mot", password="sai")
    office.clock.forward(seconds=max(ACCOUNT) + 1)
    assert office.desk.throttle.sign_in("le.mot", THERE, None, office.clock()) is None
    assert office.rows() == []


def test_the_owner_is_told_that_somebody_knows_the_password(office, le):
    own = office.browser()
    own.sign_in("le.mot")
    patiently(office, PATIENCE - 1)
    assert [row["action"] for row in office.rows()] == ["SIGNED_IN"]
    patiently(office, 1)
    last = office.rows()[-1]
    assert (last["action"], last["account"]) == ("CODE_WRONG_OFTEN", "acc-le.mot")
    answer = own.sign_in("le.mot", next="/staff/so-lieu")
    assert answer.headers["Location"] == "/staff/toi?next=/staff/so-lieu"
    page = own.get(answer.headers["Location"])
    assert "gõ đúng mật khẩu mà sai mã" in page.text
    assert 'href="/staff/so-lieu"' in page.text
    office.clock.forward(minutes=1)
    assert own.sign_in("le.mot").headers["Location"] == "/staff/vao"


def test_many_people_behind_one_address_are_not_in_each_others_way(office):
    for number in range(60):
        office.account(f"nguoi.{number}")
        assert office.browser().sign_in(f"nguoi.{number}").status_code == 303


def test_a_mark_that_is_forgotten_this_very_moment_stops_nobody(office, monkeypatch):
    now = office.clock()
    found = []
    real = office.store.throttles.find_one

    def gone(*given, **more):
        office.store.throttles.delete_many({})
        found.append(1)
        return real(*given, **more)

    assert throttles.reserve(office.store.throttles, "k", (5,), now, timedelta(hours=1)) is None
    monkeypatch.setattr(office.store.throttles, "find_one", gone)
    assert throttles.reserve(office.store.throttles, "k", (5,), now, timedelta(hours=1)) is None
    assert found


def test_numbers_cannot_be_asked_for_without_end(office):
    browser = office.browser()
    answers = [browser.post("/staff/quen", user="le.mot").status_code for _ in range(13)]
    assert answers == [303] * 11 + [429] * 2
    assert office.store.enrolments.count_documents({}) == 11


def test_who_signs_in_with_the_right_words_has_never_to_wait(office, le):
    browser = office.browser()
    for _ in range(20):
        assert browser.post(FORM, user="le.mot", password=PASSWORD, code=office.code()).status_code == 303
        office.clock.forward(seconds=30)


def test_the_contact_hears_once_that_somebody_knows_the_password(office, le):
    office.store.accounts.update_one({"_id": "acc-le.mot"}, {"$set": {"contact": "bvte-1"}})
    told = office.store.operator_notices.count_documents
    patiently(office, PATIENCE)
    [notice] = office.store.operator_notices.find()
    [event] = notice["outgoing"]
    assert (event["name"], event["data"]["what"], event["data"]["contact"]) == (
        "account.changed",
        "CODE_WRONG_OFTEN",
        "bvte-1",
    )
    patiently(office, PATIENCE)
    assert [row["action"] for row in office.rows()] == ["CODE_WRONG_OFTEN"] * 2
    assert told({}) == 1
    assert office.browser().sign_in("le.mot").status_code == 303  # the owner has seen it
    patiently(office, PATIENCE)
    assert told({}) == 2
