"""A JSON body as the strict API reads it: whole, bounded, and never quoted in a refusal."""

from __future__ import annotations

import itertools
import json
from typing import Any

from flask import request

from shared.web.problem import Problem

LARGEST = 1024 * 1024
LONGEST_KEY = 255
_MOST_ERRORS = 100


def json_object(what: str) -> dict[str, Any]:
    """The body of this request. `what` it should be, as a sentence names it. Raises `Problem` 400, 413 or 415."""
    if request.mimetype != "application/json":
        raise Problem(415, f"Send the {what} as JSON, with the header Content-Type: application/json.")
    # Read to its end even where it is too large: an answer before it would reset the connection under the sender.
    content = request.get_data(cache=False)
    if len(content) > LARGEST:
        raise Problem(413, f"A {what} may have {LARGEST // 1024} KiB. Send files and long texts separately.")
    try:
        raw = json.loads(content, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Problem(400, "The body is not valid JSON in UTF-8.") from None
    if not isinstance(raw, dict):
        raise Problem(400, f"The body must be one JSON object, a {what}.")
    return raw


def idempotency_key() -> str | None:
    """The Idempotency-Key header (quoted as the draft has it, or bare). Raises `Problem` 400."""
    header = request.headers.get("Idempotency-Key", "").strip()
    if len(header) >= 2 and header[0] == header[-1] == '"':
        header = header[1:-1]
    if len(header) > LONGEST_KEY or any(not 32 <= ord(char) < 127 for char in header):
        raise Problem(400, f"Idempotency-Key must be at most {LONGEST_KEY} printable ASCII characters.")
    return header or None


def named(errors: list[dict[str, str]]) -> list[dict[str, str]]:
    """A pointer names a field; from a name on that no field could have, which may be content, it is cut off."""
    shown = []
    for error in errors[:_MOST_ERRORS]:
        steps = itertools.takewhile(_is_a_name, error["pointer"].split("/")[1:])
        shown.append({"pointer": "".join(f"/{step}" for step in steps), "detail": error["detail"]})
    return shown


def _is_a_name(step: str) -> bool:
    return 0 < len(step) <= 40 and all(char.isascii() and (char.isalnum() or char == "_") for char in step)


def _no_constant(name: str) -> None:
    raise ValueError(name)
