"""Parts of a report, sealed at the door for reporting alone.

One random 256-bit key per event is sealed by HPKE (RFC 9180: DHKEM X25519, HKDF-SHA256, AES-256-GCM) to reporting's
public key; each part is AES-256-GCM under that key. HPKE's `info` binds incident id and key id, the additional data of
a part binds incident id, part name and schema version: no part moves to another incident, name or version unnoticed.
"""

from __future__ import annotations

import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from shared import durable

SCHEMA = 1
PARTS = ("counting", "child", "suspect", "reporter")
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_NONCE = 12
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class PrivateFile:
    """The file of a private key, and when the pair was made."""

    path: Path
    key_id: str
    key: X25519PrivateKey = field(repr=False)
    made: datetime


class SealBroken(Exception):
    """A part cannot be opened: wrong key, wrong incident, or changed on the way. Never quotes content."""


class Sealer:
    """Holds a public key only: what it has sealed it cannot open."""

    def __init__(self, public_key: X25519PublicKey, key_id: str) -> None:
        self._public_key = public_key
        self.key_id = key_id

    def seal(self, incident_id: str, parts: Mapping[str, object], schema: int = SCHEMA) -> dict[str, Any]:
        """`{"schema", "key_id", "wrapped", "parts": {name: base64}}` from JSON values by part name."""
        event_key = secrets.token_bytes(32)
        cipher = AESGCM(event_key)
        sealed = {}
        for name, content in parts.items():
            nonce = os.urandom(_NONCE)
            text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
            sealed[name] = b64encode(nonce + cipher.encrypt(nonce, text, _bound_to(incident_id, name, schema))).decode()
        wrapped = _SUITE.encrypt(event_key, self._public_key, info=_info(incident_id, self.key_id))
        return {"schema": schema, "key_id": self.key_id, "wrapped": b64encode(wrapped).decode(), "parts": sealed}


class Opened:
    """The parts of one event, its key at hand: however many are read, the asymmetric step is taken once."""

    def __init__(self, incident_id: str, sealed: Mapping[str, Any], event_key: bytes) -> None:
        self._incident_id = incident_id
        self._sealed = sealed
        self._cipher = AESGCM(event_key)

    def text(self, name: str) -> bytes:
        """Its JSON. Raises `SealBroken`."""
        try:
            blob = b64decode(self._sealed["parts"][name])
            aad = _bound_to(self._incident_id, name, int(self._sealed["schema"]))
            return self._cipher.decrypt(blob[:_NONCE], blob[_NONCE:], aad)
        except (InvalidTag, KeyError, ValueError, TypeError) as error:
            raise SealBroken(f"part {name} does not open: {type(error).__name__}") from None

    def part(self, name: str) -> Any:
        """Its JSON value. Raises `SealBroken`."""
        try:
            return json.loads(self.text(name))
        except ValueError:
            raise SealBroken(f"part {name} is not JSON") from None


class Opener:
    """Opens parts with the private keys it was given, by key id."""

    def __init__(self, private_keys: Mapping[str, X25519PrivateKey]) -> None:
        self._private_keys = private_keys

    def event(self, incident_id: str, sealed: Mapping[str, Any]) -> Opened:
        """Raises `SealBroken` where the key is not here, or what it opens was sealed for another incident."""
        try:
            private_key = self._private_keys[sealed["key_id"]]
            wrapped = b64decode(sealed["wrapped"])
            event_key = _SUITE.decrypt(wrapped, private_key, info=_info(incident_id, sealed["key_id"]))
            return Opened(incident_id, sealed, event_key)
        except (InvalidTag, KeyError, ValueError, TypeError) as error:
            raise SealBroken(f"the event's key does not open: {type(error).__name__}") from None

    def open(self, incident_id: str, sealed: Mapping[str, Any], part: str) -> Any:
        """The JSON value of one part. Raises `SealBroken`."""
        return self.event(incident_id, sealed).part(part)


def stripped(sealed: Mapping[str, Any]) -> dict[str, Any]:
    """What stays of `sealed` in an event whose parts are kept elsewhere: still valid, with nothing in it."""
    return {"schema": sealed.get("schema", SCHEMA), "key_id": sealed.get("key_id", ""), "wrapped": "", "parts": {}}


def generate(private_dir: Path, public_file: Path, at: datetime | None = None) -> str:
    """Make a key pair: `<private_dir>/<time>-<key id>.pem` (mode 0600) and the public file. Returns the key id.

    The private key is durable before anybody can seal to the public one, which is replaced in one step: a process that
    reads it in between finds the old or the new one, whole.
    """
    private_key = X25519PrivateKey.generate()
    key_id = _key_id(private_key.public_key())
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    keep_private(private_dir, f"{(at or datetime.now(UTC)).astimezone(UTC).strftime(_TIME)}-{key_id}.pem", pem)
    public_file.parent.mkdir(parents=True, exist_ok=True)
    public = private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    durable.write(public_file, public, 0o644)
    return key_id


def keep_private(private_dir: Path, name: str, pem: bytes) -> None:
    """Write the file of a private key, readable by nobody else."""
    private_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(private_dir / Path(name).name, pem, 0o600)


def load_public(path: Path) -> tuple[X25519PublicKey, str]:
    """The public key and its id. Raises `ValueError` or `OSError` when the file is not such a key."""
    key = load_pem_public_key(path.read_bytes())
    if not isinstance(key, X25519PublicKey):
        raise ValueError(f"{path.name} is not an X25519 public key")
    return key, _key_id(key)


def private_files(path: Path) -> list[PrivateFile]:
    """The private keys (`*.pem`) of a folder, oldest first. Raises `ValueError` when there is none, or another kind."""
    found = []
    for file in path.glob("*.pem"):
        key = load_pem_private_key(file.read_bytes(), password=None)
        if not isinstance(key, X25519PrivateKey):
            raise ValueError(f"{file.name} is not an X25519 private key")
        found.append(PrivateFile(file, _key_id(key.public_key()), key, _made(file)))
    if not found:
        raise ValueError(f"{path} holds no private key (*.pem)")
    return sorted(found, key=lambda one: (one.made, one.path.name))


def load_private_dir(path: Path) -> dict[str, X25519PrivateKey]:
    """The same by key id, the newest last. Raises what `private_files` raises."""
    return {file.key_id: file.key for file in private_files(path)}


def _made(path: Path) -> datetime:
    """From its name; the first keys had no time in it, and were made when their file was written."""
    try:
        return datetime.strptime(path.name.partition("-")[0], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _key_id(key: X25519PublicKey) -> str:
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def _info(incident_id: str, key_id: str) -> bytes:
    return f"lentieng/event-key/{incident_id}/{key_id}".encode()


def _bound_to(incident_id: str, part: str, schema: int) -> bytes:
    return f"lentieng/part/{incident_id}/{part}/{schema}".encode()
