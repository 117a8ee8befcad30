"""Sealing keys by month; the engine is not asked here."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from services.reporting.keys import rotation
from services.reporting.keys.originals import Originals
from shared import durable, sealing
from shared.sealing import Opener, Sealer

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


class Place:
    def __init__(self, home, monkeypatch):
        self.private, self.public = home / "private", home / "public.pem"
        self.held = {}
        self.told = []
        monkeypatch.setattr(rotation, "originals", lambda *_: self.held)
        monkeypatch.setattr(rotation, "tell_of_old", lambda _, now: self.told.append(now) or 0)

    def rotate(self, at, **more):
        return rotation.rotate(None, self.private, self.public, at, **more)

    def ids(self):
        return [file.key_id for file in sealing.private_files(self.private)]


@pytest.fixture
def place(tmp_path, monkeypatch):
    made = Place(tmp_path, monkeypatch)
    sealing.generate(made.private, made.public, START)
    return made


def test_the_public_file_is_that_of_the_newest_key(place):
    (first,) = place.ids()
    done = place.rotate(START + timedelta(days=31))
    assert place.ids() == [first, done.made]
    assert sealing.load_public(place.public)[1] == done.made
    assert list(sealing.load_private_dir(place.private)) == [first, done.made]
    assert place.told == [START + timedelta(days=31)]


def test_what_was_sealed_before_opens_after(place):
    sealed = Sealer(*sealing.load_public(place.public)).seal("i-1", {"child": {"a": 1}})
    place.rotate(START + timedelta(days=31))
    assert Opener(sealing.load_private_dir(place.private)).open("i-1", sealed, "child") == {"a": 1}


def test_a_key_is_destroyed_35_days_after_its_successor_came(place):
    (first,) = place.ids()
    second = place.rotate(START + timedelta(days=31)).made
    third = place.rotate(START + timedelta(days=31 + 34)).made
    assert place.ids() == [first, second, third]
    done = place.rotate(START + timedelta(days=31 + 35))
    assert done.destroyed == (first,)
    assert place.ids() == [second, third, done.made]


def test_the_key_in_use_is_never_destroyed_however_old(place):
    done = place.rotate(START + timedelta(days=400))
    assert done.destroyed == ()
    assert len(place.ids()) == 2


def test_a_key_under_which_something_is_sealed_is_kept_until_it_is_given_up(place):
    (first,) = place.ids()
    place.rotate(START + timedelta(days=31))
    place.held = {first: Originals(2, START)}
    done = place.rotate(START + timedelta(days=70))
    assert (done.destroyed, done.kept) == ((), (first,))
    assert first in place.ids()
    done = place.rotate(START + timedelta(days=71), give_up=[first])
    assert (done.destroyed, done.kept) == ((first,), ())
    assert first not in place.ids()


def test_a_database_that_does_not_answer_rotates_nothing(place, monkeypatch):
    def down(*_):
        raise ConnectionError

    monkeypatch.setattr(rotation, "originals", down)
    before = place.public.read_bytes(), place.ids()
    with pytest.raises(ConnectionError):
        place.rotate(START + timedelta(days=31))
    assert (place.public.read_bytes(), place.ids()) == before


def test_a_public_file_that_cannot_be_written_leaves_the_old_one_in_use(place, monkeypatch):
    """The new private key is there and nobody seals to it: nothing is lost, and the next try makes another."""
    before = place.public.read_bytes()
    real = durable.write

    def full(path, *rest):
        if path == place.public:
            raise OSError(28, "No space left on device")
        real(path, *rest)

    monkeypatch.setattr(durable, "write", full)
    with pytest.raises(OSError, match="No space"):
        place.rotate(START + timedelta(days=31))
    assert place.public.read_bytes() == before
    assert sealing.load_public(place.public)[1] in place.ids()


def test_the_first_keys_had_no_time_in_their_names(place):
    (file,) = sealing.private_files(place.private)
    old = file.path.rename(place.private / f"{file.key_id}.pem")
    os.utime(old, (START.timestamp(), START.timestamp()))
    (found,) = sealing.private_files(place.private)
    assert (found.key_id, found.made) == (file.key_id, START)
    place.rotate(START + timedelta(days=31))
    assert place.rotate(START + timedelta(days=70)).destroyed == (file.key_id,)


def test_half_written_files_are_no_keys(place):
    (place.private / ".20260105T080000Z-abc.pem.123").write_bytes(b"half")
    assert len(place.ids()) == 1
