"""A report as intake understood it, whichever way it came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Report:
    """Times are aware. `immediate_danger` and `online` are None when unknown.

    `children`, `suspects` and `reporter` hold JSON values under the names of the HTTP contract; empty fields are left
    out. `extra` is what a lenient door could not place and keeps as text.
    """

    commune: str
    received_at: datetime
    occurred_at: datetime | None = None
    channel: str = "UNKNOWN"
    village: str | None = None
    place: str | None = None
    kinds: tuple[str, ...] = ()
    environment: str | None = None
    online: bool | None = None
    immediate_danger: bool | None = None
    description: str | None = None
    withhold_from: tuple[str, ...] = ()
    children: tuple[dict[str, Any], ...] = ()
    suspects: tuple[dict[str, Any], ...] = ()
    reporter: dict[str, Any] = field(default_factory=dict)
    external_id: str | None = None
    drill: bool = False
    backfill: bool = False
    extra: str | None = None
