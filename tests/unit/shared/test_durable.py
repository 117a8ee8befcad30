"""A file is there whole or not at all, with its rights from the first moment."""

from __future__ import annotations

import os

import pytest

from shared import durable, signing


@pytest.fixture
def broken(monkeypatch):
    def fsync(_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fsync)


def test_it_has_its_rights_whatever_mask_the_process_has(tmp_path):
    before = os.umask(0o077)
    try:
        durable.write(tmp_path / "public", b"x", 0o644)
    finally:
        os.umask(before)
    assert (tmp_path / "public").stat().st_mode & 0o777 == 0o644


def test_what_could_not_be_made_durable_leaves_nothing_behind(tmp_path, broken):
    (tmp_path / "key").write_bytes(b"old")
    with pytest.raises(OSError, match="Input/output"):
        durable.write(tmp_path / "key", b"new", 0o600)

    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("key", b"old")]


def test_half_a_signing_key_is_none(tmp_path, broken):
    with pytest.raises(OSError, match="Input/output"):
        signing.generate(tmp_path / "session-key.pem", tmp_path / "public")

    assert not (tmp_path / "session-key.pem").exists()
