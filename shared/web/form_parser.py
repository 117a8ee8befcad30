"""Reads the body of a form at about the cost of its weight: anybody may send one, and megabytes of it.

The standard library takes each `%C3` out as an object of its own, which is half a gigabyte for a long Vietnamese story.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

_URLENCODED = "application/x-www-form-urlencoded"
_ENCODED = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
_AT_ONCE = 65536


class FormParser(FormDataParser):
    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> Any:
        if mimetype != _URLENCODED:
            return super().parse(stream, mimetype, content_length, options)
        content = stream.read()
        if len(content) > (self.max_form_memory_size or len(content)):
            raise RequestEntityTooLarge
        if content.count(b"&") >= (self.max_form_parts or len(content) + 1):
            raise RequestEntityTooLarge
        pairs = (pair.partition(b"=") for pair in content.split(b"&") if pair)
        fields: MultiDict[str, str] = self.cls([(_text(name), _text(value)) for name, _, value in pairs])
        return stream, fields, self.cls()


class FormRequest(Request):
    form_data_parser_class = FormParser


def _text(raw: bytes) -> str:
    """Percent signs that encode nothing stay, and so does, as its number, a byte that is no UTF-8."""
    plain = b"".join(_ENCODED.sub(_decoded, piece) for piece in _pieces(raw.replace(b"+", b" ")))
    return plain.decode("utf-8", "backslashreplace")


def _decoded(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[0].translate(None, b"%").decode())


def _pieces(raw: bytes) -> Iterator[bytes]:
    """Cut where no encoded byte is cut in two."""
    start = 0
    while start < len(raw):
        end = start + _AT_ONCE
        cut = raw.find(b"%", end - 2, end)
        end = cut if cut > start else end
        yield raw[start:end]
        start = end
