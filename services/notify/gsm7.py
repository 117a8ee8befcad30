"""The alphabet of a text message (3GPP TS 23.038) and Vietnamese written in it (pure)."""

from __future__ import annotations

import unicodedata

SEGMENT = 160
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("^{}\\[~]|€\f")
_SPELLED = str.maketrans(
    {
        "đ": "d",
        "Đ": "D",
        "–": "-",
        "—": "-",
        "‘": "'",
        "’": "'",
        "`": "'",
        "“": '"',
        "”": '"',
        "…": "...",
        "[": "(",
        "]": ")",
        "{": "(",
        "}": ")",
    }
)
# Names keep letters, digits and these. "?" would look like a broken letter, and one gateway refuses "#" and "&".
_PUNCTUATION = frozenset(" !\"%'()*+,-./:;<=>@_")


def septets(text: str) -> int | None:
    """How many septets the carrier counts, or None if a character is not in the alphabet."""
    total = 0
    for letter in text:
        if letter in _BASIC:
            total += 1
        elif letter in _EXTENSION:
            total += 2
        else:
            return None
    return total


def plain(text: str) -> str:
    """`text` without diacritics, in ASCII letters that count one septet each; what has no such form is left out."""
    spelled = unicodedata.normalize("NFKD", text.translate(_SPELLED)).translate(_SPELLED)
    kept = (" " if letter.isspace() else letter for letter in spelled)
    letters = "".join(one for one in kept if one.isascii() and (one.isalnum() or one in _PUNCTUATION))
    return " ".join(letters.split())
