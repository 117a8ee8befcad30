"""The fields of a form as a browser sent them, within bounds: whoever sends more than this is not filling it in."""

from __future__ import annotations

from collections.abc import Iterable

from flask import request

from services.intake.door import TooLarge

_MOST_VALUES = 200
# Of all fields together, in UTF-8: some thousand pages. A browser sends up to three bytes for each, so the request may
# have more.
_MOST_TEXT = 3 * 1024 * 1024

Sent = dict[str, list[str]]


def read(names: Iterable[str] | None = None) -> Sent:
    """Those that were sent of these names, or all of them. Raises `TooLarge`."""
    fields = {
        name: request.form.getlist(name)[:_MOST_VALUES]
        for name in (request.form if names is None else names)
        if name in request.form
    }
    if _length(fields) > _MOST_TEXT:
        raise TooLarge
    return fields


def _length(fields: Sent) -> int:
    return sum(len(value.encode("utf-8", "surrogatepass")) for sent in fields.values() for value in sent)
