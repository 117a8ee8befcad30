"""How every client of MongoDB is set here: options for `mongoengine.connect`, beside its address and database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LIMIT_MS = 5000

CLIENT: Mapping[str, Any] = {
    # A stopped engine answers nothing at all, so every operation has 5 s in all, and no part of it has longer.
    "timeoutMS": _LIMIT_MS,
    "serverSelectionTimeoutMS": _LIMIT_MS,
    "connectTimeoutMS": _LIMIT_MS,
    # An operation is refused at once where less time is left than the shortest of the last round trips. Streaming, two
    # are measured side by side, and after an engine stood still both had to wait for it: a client then refused
    # everything for another 20 s (measured), though the engine answered. Polling, there is one at a time.
    "serverMonitoringMode": "poll",
    # On a majority's disks before it counts as done.
    "w": "majority",
    "journal": True,
    "tz_aware": True,
    "uuidRepresentation": "standard",
}
