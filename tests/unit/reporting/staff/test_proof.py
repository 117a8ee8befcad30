"""Passwords and the second factor, as far as they need no database."""

from __future__ import annotations

import threading
import time
import unicodedata
from base64 import b64decode
from datetime import UTC, datetime
from urllib.parse import unquote

import pyotp
import pytest

from services.reporting.staff import passwords, second_factor
from services.reporting.staff.entering import next_of, user_of
from services.reporting.staff.passwords import Busy, Passwords, weakness
from services.reporting.staff.second_factor import Vault, digits_of, step_of
from services.reporting.staff.throttle import network_of
from tests.harness.waiting import until

NOW = datetime(2026, 11, 23, 3, 0, 10, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXP" * 2


@pytest.fixture(scope="module")
def cheap():
    return Passwords(memory_kib=64, passes=1)


def code_at(seconds):
    return pyotp.TOTP(SECRET).at(int(NOW.timestamp()) + seconds)


def test_a_password_is_kept_as_argon2id_with_the_work_that_was_decided():
    stored = Passwords().hash("mười hai con voi xanh")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert Passwords().right(stored, "mười hai con voi xanh")


def test_what_looks_the_same_is_the_same_password(cheap):
    stored = cheap.hash("tiếng Việt đây")
    assert cheap.right(stored, "tiếng Việt đây".encode().decode())
    assert cheap.right(stored, "tie\u0302\u0301ng Vie\u0323\u0302t đây")
    assert not cheap.right(stored, "tieng Viet đây")


def test_nobody_has_no_password_and_a_broken_one_is_none(cheap):
    for stored in (None, "", "$argon2id$broken", "x"):
        assert not cheap.right(stored, "mười hai con voi xanh")
    cheap._nobody = cheap.hash("nobody has this password")
    for stored in (None, ""):
        assert not cheap.right(stored, "nobody has this password")


def test_the_same_work_is_done_for_nobody(cheap, monkeypatch):
    verified = []
    real = passwords.PasswordHasher.verify

    def verify(self, stored, given):
        verified.append(stored.rpartition("$")[0].rpartition("$")[0])
        return real(self, stored, given)

    monkeypatch.setattr(passwords.PasswordHasher, "verify", verify)
    cheap.right(cheap.hash("mười hai con voi xanh"), "sai")
    cheap.right(None, "sai")
    assert len(verified) == 2
    assert len(set(verified)) == 1  # with the same parameters


def test_one_hash_at_a_time(cheap, monkeypatch):
    at_once, most = [], []
    real = passwords.PasswordHasher.verify

    def verify(self, stored, given):
        at_once.append(1)
        most.append(len(at_once))
        time.sleep(0)  # lets the others in, if anything does
        try:
            return real(self, stored, given)
        finally:
            at_once.pop()

    monkeypatch.setattr(passwords.PasswordHasher, "verify", verify)
    stored = cheap.hash("mười hai con voi xanh")
    threads = [threading.Thread(target=cheap.right, args=(stored, "sai"), kwargs={"known": True}) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert max(most) == 1
    assert len(most) == 8


def test_whoever_would_wait_too_long_is_told_so(cheap):
    impatient = Passwords(memory_kib=64, passes=1, wait=0.01)
    stored = impatient.hash("mười hai con voi xanh")
    with impatient._one, pytest.raises(Busy):
        impatient.right(stored, "mười hai con voi xanh")
    assert impatient.right(stored, "mười hai con voi xanh")  # the place in the queue was given back


def test_the_queue_has_an_end():
    full = Passwords(memory_kib=64, passes=1, wait=5, queue=1, strangers=2)
    done = []
    with full._one:
        waiting = threading.Thread(target=lambda: done.append(full.right(None, "x")))
        waiting.start()
        until(lambda: full._places._value == 0)
        with pytest.raises(Busy):
            full.right(None, "x")
    waiting.join(10)
    assert done == [False]


def test_strangers_do_not_take_the_places_of_people_who_work_here():
    half_full = Passwords(memory_kib=64, passes=1, wait=60, queue=3, strangers=1)
    stored, done = half_full.hash("mười hai con voi xanh"), []

    def attempt(known):
        try:
            done.append((known, half_full.right(stored, "mười hai con voi xanh", known=known)))
        except Busy:
            done.append((known, None))

    threads = [threading.Thread(target=attempt, args=(known,)) for known in (False, True, False)]
    with half_full._one:
        for thread, left in zip(threads[:2], (2, 1), strict=True):
            thread.start()
            until(lambda left=left: half_full._places._value == left)
        threads[2].start()
        until(lambda: done == [(False, None)])  # at once, though there is a place left
    for thread in threads:
        thread.join(10)
    assert sorted(done[1:]) == [(False, True), (True, True)]
    assert (half_full._places._value, half_full._strangers._value) == (3, 1)


def test_what_is_typed_is_cut_before_it_is_brought_into_one_form(monkeypatch):
    lengths, real = [], unicodedata.normalize
    monkeypatch.setattr(unicodedata, "normalize", lambda form, text: (lengths.append(len(text)), real(form, text))[1])
    marks = "a" + "\u0301\u0323" * 5_000
    user_of(marks)
    digits_of(marks)
    passwords.normal(marks)
    weakness(marks, "le.mot")
    assert len(lengths) == 4
    assert max(lengths) <= 4 * passwords.LONGEST


@pytest.mark.parametrize("password", ["mười hai con voi xanh", "Tr3!x-9Qw,,z", "ba con trâu"])
def test_a_sentence_will_do(password):
    assert weakness(password, "le.mot") is None


def test_a_short_user_name_is_a_word_of_any_sentence():
    assert weakness("mười hai con voi xanh", "ha") is None
    assert weakness("mười hai con voi xanh", "con") is None


@pytest.mark.parametrize(
    "password",
    ["", "ngắn", "1234567890", "aaaaaaaaaaaaaaaa", "Matkhau2026", "password123", "tôi le.mot đây nhé", "x" * 201],
)
def test_what_is_easily_guessed_will_not(password):
    assert weakness(password, "le.mot")


def test_a_code_is_good_in_its_half_minute_and_those_beside_it():
    step = int(NOW.timestamp()) // 30
    assert [step_of(SECRET, code_at(seconds), NOW) for seconds in (-30, 0, 30)] == [step - 1, step, step + 1]
    assert step_of(SECRET, code_at(-60), NOW) is None
    assert step_of(SECRET, code_at(60), NOW) is None
    for wrong in ("", "12345", "1234567", "mã", "000000"):
        assert step_of(SECRET, wrong, NOW) is None
    assert step_of(None, pyotp.TOTP("A" * 32).at(NOW), NOW) is None


def test_blanks_and_hyphens_in_a_code_do_not_count():
    assert digits_of(" 123\u00a0456\t") == "123456"
    assert digits_of("1234-5678–9012") == "123456789012"
    assert digits_of("１２３４５６") == "123456"


def test_a_sealed_secret_opens_for_its_account_and_this_key_alone():
    vault = Vault(b"k" * 32)
    sealed = vault.seal("acc-1", SECRET)
    assert SECRET.encode() not in sealed
    assert vault.open("acc-1", sealed) == SECRET
    assert vault.open("acc-2", sealed) is None
    assert Vault(b"l" * 32).open("acc-1", sealed) is None
    assert vault.open("acc-1", sealed[:-1] + b"x") is None
    assert vault.open("acc-1", None) is None
    assert vault.open("acc-1", b"") is None


def test_a_mark_is_of_its_kind_and_its_parts():
    vault = Vault(b"k" * 32)
    marks = {
        vault.mark("a", "b", "c"),
        vault.mark("a", "bc"),
        vault.mark("b", "b", "c"),
        Vault(b"l" * 32).mark("a", "b", "c"),
    }
    assert len(marks) == 4
    assert vault.mark("a", "b", "c") == vault.mark("a", "b", "c")


def test_recovery_codes_are_twelve_digits_and_all_different():
    codes = second_factor.recovery_codes()
    assert len(set(codes)) == 8
    assert all(len(code) == 12 and code.isdecimal() for code in codes)
    assert second_factor.grouped("123456789012") == "1234 5678 9012"


def test_the_picture_for_the_telephone_stays_in_the_page():
    picture = second_factor.qr_code(SECRET, "le.mot")
    assert picture.startswith("data:image/svg+xml")
    head, _, content = picture.partition(",")
    shown = b64decode(content).decode() if "base64" in head else unquote(content)
    assert "http" not in shown.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in shown


def test_a_user_name_has_one_form():
    assert user_of("  Lê.Một ") == "lê.một"
    assert user_of("ＬＥ.mot") == "le.mot"
    assert len(user_of("x" * 500)) == 60


@pytest.mark.parametrize(
    "given", [None, "", "//evil.example", "/\\evil", "/staff\n", "/staff/x?next=//evil", "/staff/."]
)
def test_elsewhere_is_nowhere(given):
    assert next_of(given) is None


def test_the_way_back_to_a_note_of_a_step_is_kept():
    given = "/staff/truong-hop/7K2F93QD0A-1/mo/step:0b6f+1"
    assert next_of(given) == given


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", "unknown"),
        ("nowhere", "unknown"),
    ],
)
def test_where_an_attempt_comes_from(address, network):
    assert network_of(address) == network
