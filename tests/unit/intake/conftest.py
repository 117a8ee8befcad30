from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.directory import load

from .stand import Stand

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def directory():
    return load(REPOSITORY / "deploy" / "directory" / "binh-luong")


@pytest.fixture
def now():
    return datetime(2023, 6, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def stand(tmp_path):
    stand = Stand(tmp_path)
    yield stand
    stand.close()
