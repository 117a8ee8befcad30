"""`python -m services.reporting …` in the process of the test, with the environment that the machine gives it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.reporting.__main__ import main
from services.reporting.documents import Store
from tests.integration.reporting.people import CASE_KEY, Office


def command_line(
    office: Office, mongo_database: Any, keys: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Called with the words of a command and, as `given`, what comes from standard input."""
    monkeypatch.setattr("services.reporting.staff.account_commands.opened", lambda _: opened())
    monkeypatch.setattr("shared.logs.configure", lambda *_: None)
    environment = {
        "AMQP_URL": "amqp://u:p@127.0.0.1:1/",
        "MONGO_URL": mongo_database.url,
        "MONGO_DATABASE": mongo_database.name,
        "LENTIENG_DIRECTORY": str(folder),
        "SEALING_PRIVATE_DIR": str(keys),
        "CASE_KEY": CASE_KEY.hex(),
        "SESSION_KEY_FILE": str(office.web.session_key_file),
        "SESSION_PUBLIC_DIR": str(office.web.session_public_dir),
        "STAFF_KEY": office.web.staff_key.hex(),
        "CASE_TOKEN_KEY": office.web.case_token_key.hex(),
        "PUBLIC_URL": office.web.public_url,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    @contextlib.contextmanager
    def opened() -> Iterator[Store]:
        yield office.store

    def run(*words: str, given: str | None = None) -> Any:
        return CliRunner().invoke(main, list(words), input=given)

    return run
