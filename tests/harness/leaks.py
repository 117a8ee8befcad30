"""Looks for planted words in everything that was written, in every form in which a program might write them."""

from __future__ import annotations

import json
import unicodedata
import urllib.parse
import uuid
from base64 import b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path
from quopri import encodestring
from typing import Any

Plant = dict[str, str]


class Markers:
    """Words that occur nowhere else, with Vietnamese letters, each named for the field it was put into."""

    def __init__(self) -> None:
        self.planted: Plant = {}

    def new(self, field: str) -> str:
        """`Ngưỡng-<8 hex>-Đợ`: letters beyond ASCII at both ends, and a part that survives stripped accents."""
        word = f"Ngưỡng-{uuid.uuid4().hex[:8]}-Đợ"
        self.planted[word] = field
        return word

    def fill(self, body: Any, at: str = "") -> Any:
        """The same body with a marker in every free text; codes, dates, numbers and flags stay as they are."""
        if isinstance(body, dict):
            return {name: self.fill(value, f"{at}/{name}") for name, value in body.items()}
        if isinstance(body, list):
            return [self.fill(value, at) for value in body]
        return self.new(at) if isinstance(body, str) and at.rsplit("/", 1)[-1] in FREE_TEXT else body

    def found_in(self, places: Mapping[str, bytes]) -> list[str]:
        """`<field> in <place> as <form>` for each marker found."""
        return [
            f"{field} in {place} as {form}"
            for place, content in places.items()
            for word, field in self.planted.items()
            for form, needle in forms(word)
            if needle in content
        ]


FREE_TEXT = {
    "external_id", "place", "description", "full_name", "address", "condition", "likely_consequence",
    "family_circumstances", "carer", "occupation", "phone", "prior_actions", "where_now", "works_at",
    "safe_time_to_call", "note",
}  # fmt: skip


def forms(word: str) -> Iterable[tuple[str, bytes]]:
    """The ways in which a word may have been written down."""
    middle = word.split("-")[1]
    yield "plain text", middle.encode()
    yield "UTF-16", middle.encode("utf-16-le")
    for name in ("NFC", "NFD"):
        text = unicodedata.normalize(name, word)  # type: ignore[arg-type]
        utf8 = text.encode()
        yield f"{name} escapes", json.dumps(text)[1:-1].encode()
        yield f"{name} percent", urllib.parse.quote(text).encode()
        yield f"{name} quoted-printable", encodestring(utf8)
        yield f"{name} hex", utf8.hex().encode()
        for shift in range(3):
            # Base64 depends on where the word stands: the letters that its neighbours do not touch, for each alignment.
            encoded = b64encode(b"\0" * shift + utf8)
            yield f"{name} base64+{shift}", encoded[4 if shift else 0 : len(encoded) - 4]


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its name there."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
