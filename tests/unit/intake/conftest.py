from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.intake import wiring
from shared.directory import DirectoryFolder, load

from .stand import Stand, directory_of

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def directory():
    return load(REPOSITORY / "deploy" / "directory" / "binh-luong")


@pytest.fixture
def now():
    return datetime(2023, 6, 1, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return DirectoryFolder(directory_of(tmp_path_factory.mktemp("directory")))


@pytest.fixture
def stand(tmp_path, folder, monkeypatch):
    # Read once: reading it takes longer than most of these tests.
    monkeypatch.setattr(wiring, "DirectoryFolder", lambda path: folder)
    monkeypatch.setattr(wiring, "ControlServer", lambda spool, file: nullcontext())
    stand = Stand(tmp_path, tmp_path)
    yield stand
    stand.close()
