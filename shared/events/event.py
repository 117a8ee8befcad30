"""An event: something that happened, with the CloudEvents 1.0 attributes this system uses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Event:
    """`id` alone is identity: two replicas may be two sources of one event.

    `name` is the catalogue's name ("incident.reported"), `time` is aware, `subject` the incident id, `directory` the
    version that the emitter read, `spool` and `seq` the place in intake's gapless sequence, `data` JSON values only.
    """

    id: str
    name: str
    source: str
    time: datetime
    data: dict[str, Any] = field(default_factory=dict)
    subject: str | None = None
    version: int = 1
    commune: str | None = None
    directory: str = ""
    spool: str | None = None
    seq: int | None = None
    drill: bool = False
    traceparent: str | None = None
