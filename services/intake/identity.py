"""Ids that every replica derives alike, so that a re-sent report is the same report wherever it arrives (pure)."""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
import re
import uuid
from typing import Any
from unicodedata import combining, normalize

from uuid_utils.compat import uuid7

_EVENTS = uuid.UUID("6f1d7c56-6a2e-5c0b-9c43-0d8d2f7a5e11")
# Crockford's alphabet: no I, L, O, U, so that a code read out over the telephone stays unambiguous.
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def digest(body: Any) -> str:
    """SHA-256 (hex) of the canonical body: parsed JSON before defaults, keys sorted, strings in NFC."""
    text = json.dumps(_nfc(body), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def event_id(client: str, key: str | None, body_digest: str) -> str:
    """UUIDv5 of (client, key, digest); without a key a UUIDv7, because then nothing says that two posts are one."""
    if key is None:
        return str(uuid7())
    return str(uuid.uuid5(_EVENTS, json.dumps([client, key, body_digest])))


def client_key(client: str, key: str) -> str:
    """What a spool remembers of a key: its hash, because partners put names into keys."""
    return hashlib.sha256(json.dumps([client, key]).encode()).hexdigest()


def incident_code(incident_id: str, secret: bytes) -> str:
    """10 Crockford characters (50 bits). Keyed, so that a code does not give away its id nor the order of reports."""
    number = int.from_bytes(hmac.digest(secret, b"code/" + incident_id.encode(), "sha256")[:8], "big") >> 14
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(45, -1, -5))


@functools.cache
def _marks() -> re.Pattern[str]:
    marks = "".join(char for char in map(chr, range(0x300, 0x20000)) if combining(char))
    return re.compile(f"[{re.escape(marks)}]{{31}}")


def _nfc(value: Any) -> Any:
    if isinstance(value, str):
        # Normalising a long run of combining marks takes quadratic time; no language has one (UAX #15, stream-safe).
        return value if _marks().search(value) else normalize("NFC", value)
    if isinstance(value, dict):
        return {_nfc(name): _nfc(content) for name, content in value.items()}
    if isinstance(value, list):
        return [_nfc(item) for item in value]
    return value
