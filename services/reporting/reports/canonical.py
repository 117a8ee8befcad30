"""Canonical JSON (pure): the same data are the same bytes, so that a hash says whether anything differs.

Keys sorted, no spaces, UTF-8, every text in NFC: an accent typed as one character or as two is the same text. Numbers
are integers; a fraction would be written differently by different readers.
"""

from __future__ import annotations

import json
import unicodedata
from hashlib import sha256


def canonical(value: object) -> bytes:
    """Raises TypeError for what is no JSON or a fraction, ValueError for two keys that are one in NFC."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(content: bytes) -> str:
    """SHA-256, 64 hex digits."""
    return sha256(content).hexdigest()


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        found = {}
        for key, one in value.items():
            if not isinstance(key, str):
                raise TypeError(f"a key must be a text, not {type(key).__name__}")
            name = unicodedata.normalize("NFC", key)
            if name in found:
                raise ValueError("two keys are the same text")
            found[name] = _plain(one)
        return found
    raise TypeError(f"{type(value).__name__} has no canonical form")
