from __future__ import annotations

import os

import pytest

from deploy.local.vault import Vault, write_private


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path):
    folder = tmp_path / "secrets"
    first = Vault(folder)
    token = first.token("operator-token", "operator")
    assert first.fresh == {"operator-token"}
    again = Vault(folder)
    assert again.token("operator-token", "operator") == token
    assert again.fresh == set()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert first.path("operator-token").stat().st_mode & 0o777 == 0o600


def test_a_key_is_256_bits_in_hex(tmp_path):
    assert len(bytes.fromhex(Vault(tmp_path).key("receipt-key").read_text())) == 32


def test_a_private_file_is_replaced_whole_and_stays_private(tmp_path):
    file = tmp_path / "ready.json"
    file.write_text("open to all")
    file.chmod(0o644)
    write_private(file, "{}")
    assert file.read_text() == "{}"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_secret_is_on_the_disk_before_anybody_uses_it(tmp_path, monkeypatch):
    def fsync(_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="Input/output"):
        Vault(tmp_path).key("case-key")
    assert list(tmp_path.iterdir()) == []
