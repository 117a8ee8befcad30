"""Signed claims (JWS, Ed25519, RFC 8037): reporting signs, everybody who holds the public keys checks.

Each token says in its header what it is good for (`typ`), so that a grant is no session and a session no grant. The
algorithm is ours to choose and never the token's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from shared import durable

_ALGORITHM = "EdDSA"
_ISSUER = "lentieng"
# Longer than any token of ours; what is longer is not worth a look.
_LONGEST = 4096
# Seconds after which a key that was taken out of the folder is good no more.
_LOOK_AGAIN = 5.0


class Refused(Exception):
    """The token is not one of ours, not for this, or not now. `expired`: it was good, and its time is over."""

    def __init__(self, reason: str, *, expired: bool = False) -> None:
        super().__init__(reason)
        self.expired = expired


class SigningKey:
    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key
        self.kid = _key_id(private_key.public_key())

    @classmethod
    def load(cls, path: Path) -> SigningKey:
        """Raises `OSError`, or `ValueError` when the file holds no Ed25519 private key."""
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"{path.name} is not an Ed25519 private key")
        return cls(key)

    def sign(self, kind: str, claims: Mapping[str, Any], *, issued_at: datetime, expires_at: datetime) -> str:
        """`kind` is what the token is good for. Times are aware, kept to the second."""
        content = {
            **claims,
            "iss": _ISSUER,
            "iat": int(issued_at.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        return jwt.encode(content, self._private_key, _ALGORITHM, headers={"kid": self.kid, "typ": _typ(kind)})


class PublicKeys:
    """A folder of `<kid>.pem`, followed without a restart: a new key is taken at once. Thread-safe."""

    def __init__(self, folder: Path, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._monotonic = folder, monotonic
        self._looked = -_LOOK_AGAIN
        self._lock = threading.Lock()
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._seen: tuple[tuple[str, int], ...] = ()
        # When a file could not be read, if one could not: it may be half written, or not be ours to read yet.
        self._failed: float | None = None

    def verify(self, kind: str, token: str, now: datetime) -> Mapping[str, Any]:
        """The claims. Raises `Refused`; its reason quotes nothing of the token."""
        if len(token) > _LONGEST:
            raise Refused("too long")
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            raise Refused("not a token") from None
        if header.get("typ") != _typ(kind):
            raise Refused("not for this purpose")
        key = self._key(str(header.get("kid")))
        # Times are checked here and not by the library, because now is the caller's.
        options: Any = {"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "iss"]}
        try:
            claims = jwt.decode(token, key, algorithms=[_ALGORITHM], issuer=_ISSUER, options=options)
        except jwt.InvalidTokenError as error:
            raise Refused(type(error).__name__) from None
        if not isinstance(claims["exp"], int) or not isinstance(claims["iat"], int):
            raise Refused("no usable times")
        if now.timestamp() >= claims["exp"]:
            raise Refused("expired", expired=True)
        return dict(claims)

    def _key(self, kid: str) -> Ed25519PublicKey:
        with self._lock:
            if kid not in self._keys or self._monotonic() - self._looked >= _LOOK_AGAIN:
                self._read()
                self._looked = self._monotonic()
            try:
                return self._keys[kid]
            except KeyError:
                raise Refused("unknown key") from None

    def _read(self) -> None:
        """Files are opened only when the folder has changed: unknown key ids must not keep the disk busy."""
        try:
            files = sorted(self._folder.glob("*.pem"))
            seen = tuple((file.name, file.stat().st_mtime_ns) for file in files)
        except OSError:
            return
        again = self._failed is not None and self._monotonic() - self._failed >= _LOOK_AGAIN
        if seen == self._seen and not again:
            return
        self._failed = None
        keys: dict[str, Ed25519PublicKey] = {}
        for file in files:
            try:
                key = load_pem_public_key(file.read_bytes())
            except (OSError, ValueError):
                # The others must go on.
                self._failed = self._monotonic()
                continue
            if isinstance(key, Ed25519PublicKey):
                keys[_key_id(key)] = key
        self._keys, self._seen = keys, seen


def generate(private_file: Path, public_dir: Path) -> str:
    """Make a key: the private file (mode 0600) and `<public_dir>/<kid>.pem`. Returns the key id."""
    key = Ed25519PrivateKey.generate()
    private_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(private_file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    return publish(private_file, public_dir)


def publish(private_file: Path, public_dir: Path) -> str:
    """Write the public half of a key into the folder. Returns the key id. Raises what `SigningKey.load` raises."""
    key = load_pem_private_key(private_file.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{private_file.name} is not an Ed25519 private key")
    public, kid = key.public_key(), _key_id(key.public_key())
    public_dir.mkdir(parents=True, exist_ok=True)
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    durable.write(public_dir / f"{kid}.pem", pem, 0o644)
    return kid


def _key_id(key: Ed25519PublicKey) -> str:
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def _typ(kind: str) -> str:
    return f"lentieng-{kind}+jwt"
