from __future__ import annotations

import pytest
from bson.errors import InvalidDocument
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    ServerSelectionTimeoutError,
)

from services.notify import links
from services.notify.documents.connection import store
from services.notify.incident_rows import clear_of, facts_of
from services.notify.masking import masked
from services.notify.settings import read
from services.notify.telling import alert_id
from shared.authority import Clear
from shared.failures import DependencyDown, Permanent, Temporary
from shared.settings import WrongSetting
from tests.unit.notify.conftest import ROOT

QUOTED = "Nguyễn Thị Không Được Lộ"
ENVIRONMENT = {
    "LENTIENG_DIRECTORY": str(ROOT / "deploy/directory/binh-luong"),
    "AMQP_URL": "amqp://u:secret-one@h/",
    "PUBLIC_URL": "https://h.example/",
    "MONGO_URL": "mongodb://u:secret-two@h/",
    "SMTP_HOST": "h",
    "SMTP_FROM": "a@h.example",
    "SMS_GATEWAY_FILE": __file__,
    "LINK_BASE_URL": "https://h.example",
    "LINK_KEY": "0f" * 32,
}


def test_a_link_is_the_same_each_time_and_differs_by_contact_alert_and_key():
    key = b"k" * 32
    one = links.token(key, "alert", "contact")

    assert one == links.token(key, "alert", "contact")
    assert len(one) == 16
    assert one.isalnum()
    others = {links.token(key, "alert", "c2"), links.token(key, "a2", "contact")}
    others.add(links.token(b"x" * 32, "alert", "contact"))
    assert len(others | {one}) == 4


@pytest.mark.parametrize(
    ("target", "shown"),
    [("+84000000101", "+84******101"), ("mau01@bvte.example", "m***@bvte.example"), ("113", "***")],
)
def test_targets_are_masked(target, shown):
    assert masked(target) == shown


def test_an_alert_is_one_per_incident_agency_duty_and_occasion():
    ids = {alert_id(*parts) for parts in [("i", "a", "d", "first"), ("i", "a", "d", "again"), ("i", "ad", "", "first")]}

    assert len(ids) == 3
    assert alert_id("i", "a", "d", "first") in ids


def test_facts_survive_the_store():
    clear = Clear(commune="x", kinds=("A", "B"), danger=None, withhold_from=frozenset({"b", "a"}))

    assert clear_of(facts_of(clear)) == clear


def test_settings_hold_no_secret_in_their_text():
    settings = read(ENVIRONMENT)

    assert "secret" not in repr(settings)
    assert "0f0f" not in repr(settings)
    assert settings.public_url == "https://h.example"


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"LINK_BASE_URL": "https://" + "x" * 70}, "LINK_BASE_URL"),
        ({"LINK_BASE_URL": "https://h~x"}, "LINK_BASE_URL"),
        ({"LINK_KEY": "abc"}, "LINK_KEY"),
        ({"PUBLIC_URL": "h.example"}, "PUBLIC_URL"),
        ({"SMTP_TLS": "maybe"}, "SMTP_TLS"),
        ({"SMS_GATEWAY_FILE": "/nowhere"}, "SMS_GATEWAY_FILE"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(changed, word):
    with pytest.raises(WrongSetting, match=word):
        read({**ENVIRONMENT, **changed})


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (ServerSelectionTimeoutError(QUOTED), DependencyDown),
        (NetworkTimeout(QUOTED), DependencyDown),
        (AutoReconnect(QUOTED), DependencyDown),
        (ExecutionTimeout(QUOTED), DependencyDown),
        (BulkWriteError({"writeErrors": [{"code": 1, "op": QUOTED}]}), Temporary),
        (OperationFailure(QUOTED), Temporary),
        (InvalidDocument(QUOTED), Permanent),
    ],
)
def test_what_the_database_says_never_leaves_the_store(raised, expected):
    with pytest.raises(expected) as caught, store():
        raise raised

    assert QUOTED not in str(caught.value)
    assert caught.value.__suppress_context__
    assert isinstance(caught.value, DependencyDown) == (expected is DependencyDown)
