from __future__ import annotations

import pytest

from services.reporting.settings import read
from shared.settings import WrongSetting


@pytest.fixture
def environment(tmp_path):
    (tmp_path / "keys").mkdir()
    return {
        "LENTIENG_DIRECTORY": str(tmp_path),
        "SEALING_PRIVATE_DIR": str(tmp_path / "keys"),
        "AMQP_URL": "amqp://u:secret@h/",
        "MONGO_URL": "mongodb://u:secret@h/",
    }


def test_the_least_that_is_needed(environment, tmp_path):
    settings = read(environment)
    assert (settings.port, settings.mongo_database, settings.batch_max) == (8003, "reporting", 500)
    assert settings.dead_letter_dir == tmp_path / "reporting-dead-letters"
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("name", ["LENTIENG_DIRECTORY", "SEALING_PRIVATE_DIR", "AMQP_URL", "MONGO_URL"])
def test_what_is_missing_is_named(environment, name):
    del environment[name]
    with pytest.raises(WrongSetting, match=name):
        read(environment)
