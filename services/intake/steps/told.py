"""A step as intake understood it, whichever way it came in (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared import case_codes

_CASE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Told:
    """Times are aware. `note` and `fields` are what was written: they are sealed, everything else is codes and times.

    `merged_into` is the id of a case or its code with the child's number.
    """

    step: str
    at: datetime
    risk: str | None = None
    until: datetime | None = None
    withhold_from: tuple[str, ...] = ()
    withhold_contacts: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    released_contacts: tuple[str, ...] = ()
    merged_into: str | None = None
    note: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


def case_called(text: str) -> str | None:
    """A case by its id or its code, however it is typed; None for what is neither. A bare code is its first child's."""
    plain = "".join(text.split()).lower()
    if _CASE_ID.fullmatch(plain):
        return plain
    found = case_codes.read(text)
    return f"{found[0]}-{found[1] or 1}" if found is not None else None
