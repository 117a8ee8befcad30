"""After a reset: its owner hears of it, and for half an hour it opens no case and vouches for nobody."""

from __future__ import annotations

import pyotp

from services.reporting.documents import accounts
from services.reporting.staff import entering
from services.reporting.telling import restored
from shared import sessions
from shared.events import encode, validate
from shared.signing import PublicKeys
from tests.integration.reporting.account_forms import FIELDS, code_on, confirm, number_for, set_up
from tests.integration.reporting.account_forms import NEW as MAKE
from tests.integration.reporting.people import SECRET
from tests.integration.reporting.setting_up import NEW, approve, ask, choose, number_on, reset


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


def test_a_first_setting_up_is_told_and_waits_too(office, admin, chairman):
    """Else whoever gets an account made in a colleague's name has it before the colleague can say a word."""
    number, owner = code_on(admin.send(MAKE, **FIELDS)), office.browser()
    owner.send("/staff/kich-hoat", user="nguyen.mau", code=number)
    confirm(chairman, number_for(owner))
    set_up(office, owner)
    [notice] = office.store.operator_notices.find()
    assert (notice["detail"], notice["outgoing"][0]["data"]["contact"]) == ("ACCOUNT_SET_UP", "ca-2")
    assert owner.get("/staff/dat-lai").status_code == 403
    assert "vụ việc mở được từ" in owner.get("/staff/toi").text
    assert decoded(office, owner).contact is None
    office.clock.forward(minutes=31)
    assert decoded(office, office.signed_in("nguyen.mau")).contact == "ca-2"


def test_what_others_did_is_shown_though_the_own_browser_began_anew(people):
    """An account that waits for a second person proves itself without getting in: nobody has seen anything then."""
    office = people
    reset(office)
    admin = office.signed_in("mac.quantri")
    admin.send("/staff/tai-khoan/acc-ha.truc/sua", name="Người Bịa Khác")
    before = accounts.one(office.store.accounts, "acc-ha.truc")
    assert entering.unseen(before)
    office.store.accounts.update_one(
        {"_id": "acc-ha.truc"}, {"$set": {"totp": office.desk.vault.seal("acc-ha.truc", SECRET), "totp_step": 0}}
    )
    office.clock.forward(minutes=1)
    assert office.browser().sign_in("ha.truc", NEW).headers["Location"] == "/staff/quen/cho"
    assert entering.unseen(accounts.one(office.store.accounts, "acc-ha.truc"))


def test_a_browser_that_was_known_before_a_reset_is_a_strangers_after_it(people):
    office = people
    known = office.browser()
    known.sign_in("ha.truc")
    reset(office)
    counted = office.store.throttles.count_documents
    strangers = counted({})
    known.sign_in("ha.truc", "sai", "1")
    # Of a known one that would be one mark: its own.
    assert counted({}) > strangers + 1


def test_the_half_hour_after_the_second_persons_word_is_a_whole_one(people):
    office = people
    browser, number = ask(office, "ha.truc")
    office.clock.forward(minutes=25)
    approve(office.signed_in("vi.hai"), number)
    sent = browser.get("/staff/quen/cho").headers["Set-Cookie"]
    assert "Max-Age=1800" in sent


def test_whoever_was_signed_in_on_this_machine_is_not_after_a_setting_up(people):
    office = people
    shared = office.signed_in("le.mot")
    before = shared.client.get_cookie("lentieng").value
    shared.send("/staff/quen", user="ha.truc")
    approve(office.signed_in("vi.hai"), number_on(shared.get("/staff/quen/cho")))
    answer, _ = choose(office, shared)
    assert "Người le.mot" not in answer.text
    assert "Người ha.truc" in shared.get("/staff/toi").text
    other = office.browser()
    other.client.set_cookie("lentieng", before)
    assert other.get("/staff/toi").status_code == 303


def test_a_reset_that_came_to_nothing_is_not_told_as_one(people, monkeypatch):
    """The account changed in the very moment in which it was set up."""
    office = people
    browser, number = ask(office, "ha.truc")
    approve(office.signed_in("vi.hai"), number)
    monkeypatch.setattr(accounts, "enrol", lambda *_, **__: False)
    answer, _ = choose(office, browser)
    assert answer.status_code == 410
    assert not accounts.one(office.store.accounts, "acc-ha.truc").get("happened")
