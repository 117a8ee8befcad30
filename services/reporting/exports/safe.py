"""Text that a spreadsheet must not take for a formula, and that every format can hold.

Labels come from the directory, which many hands edit; a cell that begins with = would run on a statistician's machine.
"""

from __future__ import annotations

import re
import unicodedata

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
# The full-width forms too: some programs turn them into the plain ones.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠|%]")


def text(value: str) -> str:
    """In NFC, on one line, without control characters."""
    return unicodedata.normalize("NFC", _CONTROL.sub(" ", value))


def cell(value: str) -> str:
    """As `text`, and with an apostrophe before what a spreadsheet would calculate."""
    plain = text(value)
    return f"'{plain}" if _FORMULA.match(plain) else plain
