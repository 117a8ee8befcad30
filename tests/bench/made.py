"""Reports as intake's own door makes them, without HTTP: for the benches behind intake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.intake.api import incidents
from services.intake.door import Door, Keys
from services.intake.schemas import IncidentSchema
from services.intake.spool import Entry, Kept
from shared.directory import DirectoryFolder
from shared.sealing import Sealer, load_public
from tests.bench.site import BODY, Site

_YEAR = datetime(2023, 1, 1, 5, tzinfo=UTC)


class _Caught:
    """Stands where the spool is, and keeps what the door hands over."""

    def __init__(self) -> None:
        self.entry: Entry | None = None

    def append(self, entry: Entry) -> Kept:
        self.entry = entry
        return Kept("bench", 0, again=False)


def entries(site: Site, count: int) -> Iterator[Entry]:
    """The contract's full body, `count` times, sealed, received on every day of 2023 in turn."""
    now = datetime.now(UTC)
    caught: Any = _Caught()
    door = Door(
        caught,
        Sealer(*load_public(site.public)),
        DirectoryFolder(site.directory),
        Keys(b"a" * 32, b"b" * 32, b"c" * 32),
        node="bench",
        staff_url="http://lentieng.test",
        clock=lambda: now,
    )
    report = incidents._report(IncidentSchema().load(json.loads(BODY.read_text())), now)
    for number in range(count):
        dated = replace(report, received_at=_YEAR + timedelta(days=number % 365), external_id=f"bench-{number}")
        door.accept(dated, client="bench", key=f"bench-{number}", digest=str(number))
        yield caught.entry
