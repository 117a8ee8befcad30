"""The short link of an alert, one per contact, derived and never stored.

The token is an HMAC of alert and contact, so a repeated message is identical to the first and the database holds only
the token's hash: whoever reads the database can't acknowledge in somebody's name.
"""

from __future__ import annotations

import hashlib
import hmac

# No 0, O, 1, l, I: the token may be read out on the telephone. 57 ** 16 is 93 bits.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LENGTH = 16


def token(key: bytes, alert_id: str, contact_id: str) -> str:
    """16 characters, the same each time for the same alert and contact."""
    digest = hmac.new(key, f"lentieng/acknowledge/{alert_id}/{contact_id}".encode(), hashlib.sha256).digest()
    number, letters = int.from_bytes(digest), ""
    for _ in range(LENGTH):
        number, rest = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[rest]
    return letters


def address(base_url: str, link_token: str) -> str:
    return f"{base_url}/a/{link_token}"
