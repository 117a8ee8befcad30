from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyrage
import pytest

from deploy.local import keys
from deploy.local.place import Place
from deploy.local.vault import Vault
from shared.signing import PublicKeys, SigningKey

NOW = datetime(2023, 6, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def make(place):
    said = []
    keys.make(place, Vault(place.secrets), said.append)
    return said


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_run_changes_no_key_and_says_nothing(place):
    first = make(place)
    before = contents(place.root)

    assert make(place) == []
    assert contents(place.root) == before
    assert len(first) == 1
    assert str(place.envelope) in first[0]


def test_nobody_is_asked_to_lay_the_envelope_of_a_sandbox_in_a_safe(place):
    said = []
    keys.make(place, Vault(place.secrets), said.append, sandbox=True)

    (line,) = said
    assert str(place.envelope) in line
    assert "két" not in line
    assert place.envelope.exists()


def test_what_is_secret_is_read_by_its_owner_alone_and_what_is_public_holds_no_secret(place):
    make(place)

    assert {path.stat().st_mode & 0o777 for path in contents(place.secrets)} == {0o600}
    assert place.secrets.stat().st_mode & 0o777 == 0o700
    public = [path for path in contents(place.root) if not path.is_relative_to(place.secrets)]
    assert public
    assert not [path for path in public if b"PRIVATE" in path.read_bytes() or b"SECRET" in path.read_bytes()]


def test_a_session_signed_with_the_private_key_is_read_with_the_public_folder(place):
    make(place)
    end = NOW + timedelta(hours=1)
    token = SigningKey.load(place.session_key).sign("session", {"a": "b"}, issued_at=NOW, expires_at=end)

    assert PublicKeys(place.session_public).verify("session", token, NOW)["a"] == "b"


def test_a_lost_public_half_is_made_again_from_the_private_key(place):
    make(place)
    (public,) = place.session_public.iterdir()
    before = public.read_bytes()
    public.unlink()
    make(place)

    assert public.read_bytes() == before


def test_the_envelope_opens_what_was_closed_for_its_public_half(place):
    make(place)
    closed = pyrage.encrypt(b"a backup", [pyrage.x25519.Recipient.from_str(place.envelope_public.read_text().strip())])
    secret = [line for line in place.envelope.read_text().splitlines() if not line.startswith("#")]

    assert pyrage.decrypt(closed, [pyrage.x25519.Identity.from_str(secret[0])]) == b"a backup"
    assert len(secret) == 1


def test_an_envelope_that_was_laid_in_the_safe_is_not_made_again(place):
    make(place)
    place.envelope.unlink()

    assert make(place) == []
    assert not place.envelope.exists()
