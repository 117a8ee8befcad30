"""Text without what no person types: control characters and halves of characters (pure)."""

from __future__ import annotations

import re

# Line breaks and tabs stay. \r does not: browsers end a line with both.
_UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]")


def cleaned(text: str) -> str:
    return _UNREADABLE.sub("", text)


def is_readable(text: str) -> bool:
    """Whether nothing would be lost of it but how its lines end."""
    return _UNREADABLE.search(text.replace("\r", "")) is None
