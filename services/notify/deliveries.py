"""A delivery as it is first stored, waiting to be sent (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.notify import states

# Longer than any ladder: a message that nobody needed to read by then only confuses.
_EXPIRES = timedelta(hours=24)


def waiting(identity: str, contact: str, channel: str, to: str, now: datetime, *, level: int = 0) -> dict[str, Any]:
    """`contact` is its id, `to` a number or a mailbox in its normal form, `level` the rung of the ladder."""
    return {
        "id": identity,
        "contact": contact,
        "channel": channel,
        "to": to,
        "level": level,
        "state": states.PENDING,
        "next_at": now,
        "expires_at": now + _EXPIRES,
        "generation": 0,
        "failures": 0,
        "attempts": [],
        "created_at": now,
        "updated_at": now,
    }
