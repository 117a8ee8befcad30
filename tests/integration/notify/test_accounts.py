"""What the owner of an account hears of it, by SMS and by e-mail, whoever did it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from services.notify.store import collections
from shared.events import Event
from tests.integration.notify.system import OPERATOR, POLICE_FIRST


@pytest.fixture
def changed(by_hand):
    def made(contact: str, what: str = "PASSWORD_RESET") -> Event:
        data = {"account": "a-1", "contact": contact, "what": what, "at": by_hand.at.isoformat()}
        return Event(str(uuid4()), "account.changed", "/reporting", by_hand.at, data)

    return made


def test_a_reset_is_told_to_the_owner_at_once_by_sms_and_mail_and_to_nobody_else(by_hand, gateway, mail, changed):
    event = changed("ca-1")
    by_hand.handle(event)
    by_hand.handle(event)
    by_hand.dispatcher.send_due()

    [call] = gateway.calls
    assert call["to"] == POLICE_FIRST[0]
    assert "Mat khau tai khoan cua ban vua duoc dat lai" in call["text"]
    assert "hay bao ngay chu tich va nguoi quan tri." in call["text"], "it fits into one message"
    [(_, letter)] = mail.mails
    assert "tài khoản của bạn" in letter["subject"]
    assert "Mật khẩu tài khoản của bạn vừa được đặt lại" in letter.get_body(("plain",)).get_content()


def test_whose_contact_it_names_hears_of_an_account(by_hand, gateway, changed):
    """The first time too: perhaps it is in a colleague's name, who knows nothing of it."""
    by_hand.handle(changed("ca-1", "ACCOUNT_SET_UP"))
    by_hand.dispatcher.send_due()

    assert "Mot tai khoan dung ten ban vua duoc kich hoat" in gateway.to(POLICE_FIRST[0])[0]["text"]


def test_a_change_of_a_later_version_is_told_as_one(by_hand, gateway, changed):
    by_hand.handle(changed("ca-1", "FROM_THE_FUTURE"))
    by_hand.dispatcher.send_due()

    assert "Tai khoan cua ban vua duoc thay doi" in gateway.to(POLICE_FIRST[0])[0]["text"]


@pytest.mark.parametrize("reachable", [False, None])
def test_where_nobody_can_be_reached_the_operator_hears(by_hand, gateway, changed, reachable):
    if reachable is None:
        collections.contacts().delete_one({"_id": "ca-1"})
    else:
        collections.contacts().update_one({"_id": "ca-1"}, {"$set": {"phones": [], "mailboxes": []}})

    by_hand.handle(changed("ca-1"))
    by_hand.dispatcher.send_due()

    assert [call["to"] for call in gateway.calls] == [OPERATOR]
    assert "ca-1" in gateway.calls[0]["text"]
