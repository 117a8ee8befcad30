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
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

SCHEMA = 1
PARTS = ("counting", "child", "suspect", "reporter")
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_NONCE = 12


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


class Opener:
    """Opens parts with the private keys it was given, by key id."""

    def __init__(self, private_keys: Mapping[str, X25519PrivateKey]) -> None:
        self._private_keys = private_keys

    def open(self, incident_id: str, sealed: Mapping[str, Any], part: str) -> Any:
        """The JSON value of one part. Raises `SealBroken`."""
        try:
            private_key = self._private_keys[sealed["key_id"]]
            event_key = _SUITE.decrypt(
                b64decode(sealed["wrapped"]), private_key, info=_info(incident_id, sealed["key_id"])
            )
            blob = b64decode(sealed["parts"][part])
            aad = _bound_to(incident_id, part, int(sealed["schema"]))
            return json.loads(AESGCM(event_key).decrypt(blob[:_NONCE], blob[_NONCE:], aad))
        except (InvalidTag, KeyError, ValueError, TypeError) as error:
            raise SealBroken(f"part {part} does not open: {type(error).__name__}") from None


def generate(private_dir: Path, public_file: Path) -> str:
    """Make a key pair: `<private_dir>/<key id>.pem` (mode 0600) and the public file. Returns the key id."""
    private_key = X25519PrivateKey.generate()
    private_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    key_id = _key_id(private_key.public_key())
    private_file = private_dir / f"{key_id}.pem"
    private_file.touch(mode=0o600)
    private_file.write_bytes(private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public_file.parent.mkdir(parents=True, exist_ok=True)
    public_file.write_bytes(private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return key_id


def load_public(path: Path) -> tuple[X25519PublicKey, str]:
    """The public key and its id. Raises `ValueError` or `OSError` when the file is not such a key."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = load_pem_public_key(path.read_bytes())
    if not isinstance(key, X25519PublicKey):
        raise ValueError(f"{path.name} is not an X25519 public key")
    return key, _key_id(key)


def load_private_dir(path: Path) -> dict[str, X25519PrivateKey]:
    """Every `*.pem` private key of a folder by key id. Raises `ValueError` when there is none or one is no such key."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    keys = {}
    for file in sorted(path.glob("*.pem")):
        key = load_pem_private_key(file.read_bytes(), password=None)
        if not isinstance(key, X25519PrivateKey):
            raise ValueError(f"{file.name} is not an X25519 private key")
        keys[_key_id(key.public_key())] = key
    if not keys:
        raise ValueError(f"{path} holds no private key (*.pem)")
    return keys


def _key_id(key: X25519PublicKey) -> str:
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def _info(incident_id: str, key_id: str) -> bytes:
    return f"lentieng/event-key/{incident_id}/{key_id}".encode()


def _bound_to(incident_id: str, part: str, schema: int) -> bytes:
    return f"lentieng/part/{incident_id}/{part}/{schema}".encode()
