"""After a reset: its owner hears of it, and for half an hour it opens no case and vouches for nobody."""

from __future__ import annotations

import pyotp

from services.reporting.telling import restored
from shared import sessions
from shared.events import encode, validate
from shared.signing import PublicKeys
from tests.integration.reporting.setting_up import NEW, approve, ask, choose, reset


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
