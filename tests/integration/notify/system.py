"""A running worker as a test sees it, and the reports that go in."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from services.notify.store import collections
from shared.events import Event, encode
from shared.messaging.publisher import Publisher
from shared.sealing import Sealer
from tests.integration.notify.providers import FakeGateway, FakeMail

ROOT = Path(__file__).resolve().parents[3]
MARKER = "Nguyễn Thị Không Được Lộ"

COMMITTEE_FIRST = ("+84000000101", "+84000000102", "+84000000121")
COMMITTEE_SECOND = "+84000000103"
POLICE_FIRST = ("+84000000111", "+84000000112")
SCHOOL_HEAD = "+84000000121"
SUPERIOR = "+84000000161"
EDUCATION_SUPERIOR = "+84000000163"
OPERATOR = "+84000000900"

_SEALER = Sealer(X25519PrivateKey.generate().public_key(), "test")


@dataclass
class System:
    publisher: Publisher
    gateway: FakeGateway
    mail: FakeMail
    sent: list[Event] = field(default_factory=list)

    def publish(self, event: Event) -> Event:
        self.publisher.publish("events", encode(event)).result(10)
        self.sent.append(event)
        return event

    def report(self, **changed: Any) -> Event:
        return self.publish(reported(**changed))

    def alerts(self, incident: str) -> list[dict[str, Any]]:
        return list(collections.alerts().find({"incident_id": incident}))


def reported(
    *,
    incident: str | None = None,
    spool: str | None = "intake-1",
    seq: int | None = None,
    drill: bool = False,
    directory: str = "",
    **data: Any,
) -> Event:
    """`incident.reported` of a child beaten at home, in danger now, with sealed parts that hold a marker."""
    incident = incident or str(uuid4())
    now = datetime.now(UTC)
    fields: dict[str, Any] = {
        "incident_id": incident,
        "code": incident.replace("-", "")[:10].upper(),
        "received_at": now.isoformat(),
        "accepted_at": now.isoformat(),
        "occurred_at": None,
        "channel": "PHONE",
        "commune": "binh-luong",
        "village": "thon-3",
        "kinds": ["VIOLENCE"],
        "environment": "FAMILY",
        "online": False,
        "immediate_danger": True,
        "young_child": False,
        "backfill": False,
        "client": "public",
        "cases": [{"case_id": f"{incident}-1", "number": 1, "school": None, "residence_commune": "binh-luong"}],
        "suspect_relations": ["PARENT"],
        "withhold_from": [],
        "warnings": [],
        "sealed": _SEALER.seal(
            incident,
            {
                "counting": {"cases": [{"case_id": f"{incident}-1", "sex": "FEMALE"}]},
                "child": {"description": MARKER, "children": [{"full_name": MARKER}]},
                "suspect": {"suspects": []},
                "reporter": {"full_name": MARKER},
            },
        ),
    }
    fields.update(data)
    return Event(
        id=incident,
        name="incident.reported",
        source="/intake/intake-1",
        time=now,
        subject=incident,
        commune=fields["commune"],
        directory=directory,
        spool=spool if seq is not None else None,
        seq=seq,
        drill=drill,
        data=fields,
    )


def copy_directory(tmp_path: Path) -> Path:
    target = tmp_path / "directory"
    shutil.copytree(ROOT / "deploy/directory/binh-luong", target)
    return target


def hurry(directory: Path, *, seconds: int = 1) -> None:
    """Acknowledge within seconds instead of minutes; a step may still take its time."""
    clocks = directory / "clocks.yaml"
    acknowledging, step, rest = clocks.read_text().partition("  - code: STEP_AFTER_ACKNOWLEDGED")
    for minutes in (5, 30):
        acknowledging = acknowledging.replace(f"{{minutes: {minutes}}}", f"{{seconds: {seconds}}}")
    clocks.write_text(acknowledging + step + rest)
