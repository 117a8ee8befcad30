from __future__ import annotations

from pathlib import Path

import pytest

from services.intake.settings import read
from shared.settings import WrongSetting


@pytest.fixture
def environment(tmp_path):
    return {
        "LENTIENG_DIRECTORY": str(tmp_path),
        "AMQP_URL": "amqp://u:secret@h/",
        "PUBLIC_URL": "https://bao.example.invalid/",
        "NODE_NAME": "a",
        "SPOOL_FILE": str(tmp_path / "spool.db"),
        "SEALING_PUBLIC_KEY_FILE": str(tmp_path),
        "RECEIPT_KEY": "ab" * 32,
        "RECEIPT_CHECK_KEY": "cd" * 32,
        "CASE_TOKEN_KEY": "ef" * 32,
        "SESSION_PUBLIC_DIR": str(tmp_path),
    }


def test_an_alarm_that_would_call_nobody_is_refused_at_the_start(environment):
    with pytest.raises(WrongSetting, match="ALARM_TO"):
        read({**environment, "ALARM_GATEWAY_FILE": "/etc/gateway.yaml", "ALARM_TO": " "})


@pytest.mark.parametrize(
    ("more", "gateway", "phones"),
    [
        ({}, None, ()),
        ({"ALARM_GATEWAY_FILE": "/etc/g.yaml", "ALARM_TO": "-"}, None, ()),
        (
            {"ALARM_GATEWAY_FILE": "/etc/g.yaml", "ALARM_TO": "+84000000199, +84000000198"},
            Path("/etc/g.yaml"),
            ("+84000000199", "+84000000198"),
        ),
    ],
)
def test_the_alarm_has_a_gateway_and_phones_or_neither(environment, more, gateway, phones):
    settings = read(environment | more)

    assert (settings.alarm_gateway, settings.alarm_to) == (gateway, phones)


def test_the_level_of_the_log_may_be_written_small_and_a_wrong_word_is_named(environment):
    assert read({**environment, "LOG_LEVEL": "warning"}).log_level == "WARNING"
    with pytest.raises(WrongSetting, match="LOG_LEVEL"):
        read({**environment, "LOG_LEVEL": "loud"})
