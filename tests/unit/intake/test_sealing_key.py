"""Reports are sealed to the key that the file holds now, whatever happens to the file."""

from __future__ import annotations

import pytest

from services.intake.sealing_key import CurrentSealer
from shared.sealing import Opener, Sealer, generate, load_private_dir


@pytest.fixture
def home(tmp_path):
    generate(tmp_path / "private", tmp_path / "public.pem")
    return tmp_path


@pytest.fixture
def sealer(home):
    return CurrentSealer(home / "public.pem", Sealer)


def opened(home, sealed):
    return Opener(load_private_dir(home / "private")).open("i-1", sealed, "step")


def test_a_new_key_is_taken_without_a_restart(home, sealer):
    first = sealer.seal("i-1", {"step": "a"})
    generate(home / "private", home / "next.pem")
    (home / "next.pem").replace(home / "public.pem")
    second = sealer.seal("i-1", {"step": "b"})

    assert first["key_id"] != second["key_id"]
    assert (opened(home, first), opened(home, second)) == ("a", "b")


def test_a_file_that_is_gone_or_broken_keeps_no_report_out(home, sealer):
    (home / "public.pem").write_text("half a k")
    broken = sealer.seal("i-1", {"step": "a"})
    (home / "public.pem").unlink()
    gone = sealer.seal("i-1", {"step": "b"})

    assert (opened(home, broken), opened(home, gone)) == ("a", "b")


def test_a_broken_file_that_is_mended_is_taken(home, sealer):
    before = sealer.seal("i-1", {"step": "a"})
    (home / "public.pem").write_text("half a k")
    sealer.seal("i-1", {"step": "a"})
    generate(home / "private", home / "public.pem")

    assert sealer.seal("i-1", {"step": "a"})["key_id"] != before["key_id"]


def test_without_a_key_nothing_starts(tmp_path):
    (tmp_path / "public.pem").write_text("no key")

    with pytest.raises(ValueError):
        CurrentSealer(tmp_path / "public.pem", Sealer)
