from __future__ import annotations

import pytest

from services.reporting.settings import read, read_web, web_of
from shared.settings import WrongSetting
from shared.signing import generate


@pytest.fixture
def environment(tmp_path):
    (tmp_path / "keys").mkdir()
    return {
        "LENTIENG_DIRECTORY": str(tmp_path),
        "SEALING_PRIVATE_DIR": str(tmp_path / "keys"),
        "AMQP_URL": "amqp://u:secret@h/",
        "MONGO_URL": "mongodb://u:secret@h/",
        "CASE_KEY": "ef" * 32,
    }


@pytest.fixture
def web(environment, tmp_path):
    generate(tmp_path / "session-key.pem", tmp_path / "session-public")
    return environment | {
        "SESSION_KEY_FILE": str(tmp_path / "session-key.pem"),
        "SESSION_PUBLIC_DIR": str(tmp_path / "session-public"),
        "STAFF_KEY": "a1" * 32,
        "CASE_TOKEN_KEY": "b2" * 32,
        "PUBLIC_URL": "https://lentieng.example.invalid/",
    }


def test_the_least_that_is_needed(environment, tmp_path):
    settings = read(environment)
    assert (settings.port, settings.mongo_database, settings.batch_max) == (8003, "reporting", 500)
    assert settings.dead_letter_dir == tmp_path / "reporting-dead-letters"
    assert "secret" not in repr(settings)
    assert settings.web is None
    with pytest.raises(WrongSetting, match="SESSION_KEY_FILE"):
        web_of(settings)
    assert settings.case_key.hex() not in repr(settings)
    assert repr(settings.case_key) not in repr(settings)


@pytest.mark.parametrize("name", ["LENTIENG_DIRECTORY", "SEALING_PRIVATE_DIR", "AMQP_URL", "MONGO_URL", "CASE_KEY"])
def test_what_is_missing_is_named(environment, name):
    del environment[name]
    with pytest.raises(WrongSetting, match=name):
        read(environment)


def test_the_web_process_is_told_what_signs_people_in(web):
    settings = read_web(web)
    found = web_of(settings)
    assert found.addresses == ("https://lentieng.example.invalid",)
    assert (found.proxies, found.sandbox) == (0, False)
    assert "a1a1" not in repr(settings)
    assert "b2b2" not in repr(settings)


@pytest.mark.parametrize(
    "name", ["SESSION_KEY_FILE", "SESSION_PUBLIC_DIR", "STAFF_KEY", "CASE_TOKEN_KEY", "PUBLIC_URL"]
)
def test_what_the_web_process_lacks_is_named(web, name):
    del web[name]
    with pytest.raises(WrongSetting, match=name):
        read_web(web)


@pytest.mark.parametrize(
    ("name", "value"), [("PUBLIC_URL", "lentieng.example"), ("INTAKE_URL", "javascript:alert(1)"), ("STAFF_KEY", "a1")]
)
def test_what_the_web_process_cannot_use_is_named(web, name, value):
    with pytest.raises(WrongSetting, match=name):
        read_web(web | {name: value})


def test_a_key_that_signs_nothing_is_named(web, tmp_path):
    (tmp_path / "session-key.pem").write_text("not a key")
    with pytest.raises(WrongSetting, match="SESSION_KEY_FILE"):
        read_web(web)
