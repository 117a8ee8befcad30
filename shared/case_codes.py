"""Codes as people type and read them out (pure): "7k2f 93qd-oa-1" is case 1 of incident 7K2F93QD0A."""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[\s.–—_]+")
# Crockford's own rule for what is written by hand.
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_CODE = re.compile(r"([0-9A-HJKMNP-TV-Z]{10})(?:-([1-9][0-9]{0,2}))?")
LENGTH = 10


def read(text: str) -> tuple[str, int | None] | None:
    """The incident's code and the child's number, where there is one; None for what is no code."""
    plain = _SEPARATORS.sub("", text.upper()).translate(_MISREAD)
    letters = plain.replace("-", "")
    # Hyphens may stand anywhere in a code that was read out in groups; what follows ten characters is the number.
    number = letters[LENGTH:]
    found = _CODE.fullmatch(letters[:LENGTH] + (f"-{number}" if number else ""))
    if found is None:
        return None
    return found[1], int(found[2]) if found[2] else None
