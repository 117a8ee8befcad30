"""The second factor: a code of six digits that the phone shows, or one of the recovery codes on paper.

All are digits, so that the keypad of a phone is enough.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import unicodedata
from datetime import datetime

import pyotp
import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

STEP = 30
DIGITS = 6
RECOVERY_DIGITS, RECOVERY_CODES = 12, 8
ISSUER = "Lên Tiếng"
# A phone's clock may be off, and a code may be typed slowly: the one before and the one after count too.
_DRIFT = 1
_NONCE = 12
# What is longer is no code, and is cut before it costs anything.
_LONGEST_TYPED = 200


class Vault:
    """What is derived from the staff key: seals TOTP secrets, and hashes what is looked up and must not be readable."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(hashlib.sha256(b"lentieng/totp/" + key).digest())
        self._key = key

    def seal(self, account: str, secret: str) -> bytes:
        """Bound to the account: copied to another one it does not open."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), account.encode())

    def open(self, account: str, sealed: bytes | None) -> str | None:
        """None when there is none, or not of this account and this key."""
        if not sealed:
            return None
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], account.encode()).decode()
        except (InvalidTag, ValueError):
            return None

    def mark(self, kind: str, *parts: str) -> str:
        """A keyed hash: equal for equal parts of a kind, and nothing to anybody without the key."""
        text = "\x1f".join(("lentieng", kind, *parts))
        return hmac.new(self._key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def new_secret() -> str:
    return pyotp.random_base32()


def digits_of(typed: str) -> str:
    """What was typed, without the blanks and hyphens that phones and people put in between."""
    plain = unicodedata.normalize("NFKC", typed[:_LONGEST_TYPED])
    return "".join(letter for letter in plain if not letter.isspace() and letter not in "-–.")[:40]


def step_of(secret: str | None, code: str, at: datetime) -> int | None:
    """The time step whose code this is, or None. Takes the same time whichever it is, and without a secret."""
    totp = pyotp.TOTP(secret or _NOBODY, digits=DIGITS, interval=STEP)
    now, found = int(at.timestamp()) // STEP, None
    for step in range(now - _DRIFT, now + _DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode("utf-8", "replace")):
            found = step
    return found if secret else None


def random_digits(count: int) -> str:
    return f"{secrets.randbelow(10**count):0{count}d}"


def recovery_codes() -> list[str]:
    return [random_digits(RECOVERY_DIGITS) for _ in range(RECOVERY_CODES)]


def grouped(code: str) -> str:
    """1234 5678 9012"""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def address_of(secret: str, user: str) -> str:
    """What an app for codes on the same telephone opens, `otpauth://…`; a link in the page, never sent here."""
    return pyotp.TOTP(secret).provisioning_uri(name=user, issuer_name=ISSUER)


def qr_code(secret: str, user: str) -> str:
    """An SVG as a data URI for the phone's camera; it leaves neither the page nor this machine."""
    return segno.make(address_of(secret, user), error="m", micro=False).svg_data_uri(
        scale=5, border=3, dark="#1c2430", light="#fff"
    )


_NOBODY = "A" * 32
