"""The policy that keeps packages from starting services is given back as it was, whatever happens in between."""

from __future__ import annotations

import pytest

from deploy.local import debian


@pytest.fixture
def policy(tmp_path, monkeypatch):
    file = tmp_path / "policy-rc.d"
    monkeypatch.setattr(debian, "POLICY", file)
    monkeypatch.setattr(debian, "KEPT", tmp_path / "policy-rc.d.lentieng-kept")
    monkeypatch.setattr(debian, "GUARD", tmp_path / "guard")
    return file


def fingerprint(file):
    status = file.lstat()
    return status.st_ino, status.st_mode, status.st_mtime_ns, file.read_text()


def test_where_there_was_none_there_is_none_afterwards(policy):
    with debian.nothing_autostarts():
        assert "exit 101" in policy.read_text()
        assert policy.stat().st_mode & 0o111
    assert not policy.exists()


def test_one_that_existed_comes_back_as_the_very_same_file(policy):
    policy.write_text("#!/bin/sh\nexit 0\n")
    policy.chmod(0o750)
    before = fingerprint(policy)
    with pytest.raises(KeyboardInterrupt), debian.nothing_autostarts():
        assert "lentieng" in policy.read_text()
        raise KeyboardInterrupt
    assert fingerprint(policy) == before


def test_a_dangling_link_comes_back_as_a_link(policy):
    policy.symlink_to("/nowhere/at/all")
    with debian.nothing_autostarts():
        assert not policy.is_symlink()
    assert str(policy.readlink()) == "/nowhere/at/all"


def test_one_left_aside_by_a_killed_run_is_put_back(policy):
    policy.write_text("#!/bin/sh\n# lentieng: left by a run that was killed\nexit 101\n")
    debian.KEPT.write_text("the machine's own")
    with debian.nothing_autostarts():
        pass
    assert policy.read_text() == "the machine's own"
    assert not debian.KEPT.exists()


def test_our_own_left_behind_by_a_killed_run_is_not_taken_for_the_machines(policy):
    policy.write_text("#!/bin/sh\n# lentieng: left by a run that was killed\nexit 101\n")
    with debian.nothing_autostarts():
        pass
    assert not policy.exists()
