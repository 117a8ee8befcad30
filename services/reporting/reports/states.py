"""Draft, approved, locked (pure): what may follow what, and who said so.

Nobody approves yet: a draft is approved at once, by the word "automatic". Readers above get what is approved or locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

DRAFT, APPROVED, LOCKED = "draft", "approved", "locked"
PUBLISHED = (APPROVED, LOCKED)
AUTOMATIC = "automatic"
_NEXT: dict[str | None, tuple[str, ...]] = {None: (DRAFT,), DRAFT: (APPROVED,), APPROVED: (LOCKED,), LOCKED: ()}


class WrongStep(ValueError):
    """A state that can't follow the one there is."""


def stepped(states: Sequence[dict[str, Any]], to: str, by: str, at: datetime) -> list[dict[str, Any]]:
    """The states so far and the next, each {"state", "by", "at"}. Raises `WrongStep`."""
    current = states[-1]["state"] if states else None
    if to not in _NEXT[current]:
        raise WrongStep(f"{to} cannot follow {current or 'nothing'}")
    return [*states, {"state": to, "by": by, "at": at}]
