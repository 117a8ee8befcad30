"""Receipts: 16 digits that open the state of a report, and 4 that any replica can check without a store (pure).

A receipt is known to the reporter alone. It is in no URL, log line or event.
"""

from __future__ import annotations

import hmac

_DIGITS, _CHECK = 16, 4


def receipt(incident_id: str, key: bytes, check_key: bytes) -> str:
    """20 digits in groups of four: `1234 5678 9012 3456 7890`."""
    number = _decimal(key, b"receipt/" + incident_id.encode(), _DIGITS)
    digits = number + _decimal(check_key, b"check/" + number.encode(), _CHECK)
    return " ".join(digits[at : at + 4] for at in range(0, _DIGITS + _CHECK, 4))


def _decimal(key: bytes, message: bytes, digits: int) -> str:
    # 256 bits modulo 10^16: the bias is below 2^-200.
    return str(int.from_bytes(hmac.digest(key, message, "sha256"), "big") % 10**digits).zfill(digits)
