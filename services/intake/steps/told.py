"""A step as intake understood it, whichever way it came in (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

_CASE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# As `identity.incident_code` makes them, with the child's number.
_CASE_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{10}-[1-9][0-9]{0,2}")
# What is written by hand for what was read: Crockford's own rule.
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


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
    plain = "".join(text.split())
    if _CASE_ID.fullmatch(plain.lower()):
        return plain.lower()
    code, _, number = plain.upper().partition("-")
    code = f"{code.translate(_MISREAD)}-{number or 1}"
    return code if _CASE_CODE.fullmatch(code) else None
