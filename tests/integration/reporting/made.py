"""Events and directories for the tests of reporting."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from shared.events import Event, encode
from shared.messaging.outcomes import Delivery
from shared.sealing import Sealer


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


class Reports:
    """Makes `incident.reported` events as intake does: clear facts, and the rest sealed."""

    def __init__(self, sealer: Sealer, directory: str = "1-00000000", spool: str = "node-1/a") -> None:
        self.sealer, self.directory, self.spool = sealer, directory, spool
        self.seq = 0

    def report(
        self,
        *,
        received: str = "2023-06-01T08:00:00+07:00",
        children: list[dict[str, Any]] | None = None,
        incident: str | None = None,
        drill: bool = False,
        sealer: Sealer | None = None,
        told: dict[str, Any] | None = None,
        **facts: Any,
    ) -> Event:
        """`told`: sealed parts beside the counting values."""
        incident = incident or str(uuid.uuid4())
        given = children if children is not None else [{}]
        cases = [{"case_id": f"{incident}-{number}", "number": number} for number in range(1, len(given) + 1)]
        counting = [
            {"case_id": case["case_id"], "sex": None, "age_received": None, "age_occurred": None, "groups": [], **child}
            for case, child in zip(cases, given, strict=True)
        ]
        self.seq += 1
        data: dict[str, Any] = {
            "incident_id": incident,
            "code": "7K3M9QX2AB",
            "received_at": received,
            "accepted_at": "2023-12-20T01:00:00+00:00",
            "occurred_at": None,
            "channel": "PHONE",
            "commune": "binh-luong",
            "village": None,
            "kinds": ["VIOLENCE"],
            "environment": "FAMILY",
            "online": False,
            "immediate_danger": False,
            "young_child": False,
            "backfill": False,
            "client": "partner",
            "cases": cases,
            "suspect_relations": [],
            "withhold_from": [],
            "warnings": [],
            **facts,
        }
        data["sealed"] = (sealer or self.sealer).seal(
            incident, {"counting": {"cases": counting}, **(told or {"child": {}})}
        )
        return Event(
            id=incident,
            name="incident.reported",
            source="/intake/node-1",
            time=datetime(2023, 12, 20, 1, tzinfo=UTC),
            data=data,
            subject=incident,
            commune=data["commune"],
            directory=self.directory,
            spool=self.spool,
            seq=self.seq,
            drill=drill,
        )

    def tally(self, last: int) -> Event:
        return Event(
            id=str(uuid.uuid4()),
            name="intake.tally",
            source="/intake/node-1",
            time=datetime(2023, 12, 20, 1, tzinfo=UTC),
            data={"spool": self.spool, "last_seq": last},
            directory=self.directory,
            spool=self.spool,
        )


def alert(incident: str, name: str, version: int, alert_id: str = "alert-1") -> Event:
    return Event(
        id=str(uuid.uuid4()),
        name=f"alert.{name}",
        source="/notify",
        time=datetime(2023, 12, 20, 2, tzinfo=UTC),
        data={
            "alert_id": alert_id,
            "incident_id": incident,
            "case_code": "7K3M9QX2AB-1",
            "agency": "bvte-binh-luong",
            "agency_kind": "committee",
            "duty": "COORDINATE",
            "occasion": "first",
            "state": name,
            "version": version,
            "raised_at": "2023-12-20T01:00:00+00:00",
            "due_at": "2023-12-20T02:00:00+00:00",
            "acknowledged_at": None,
            "escalation_level": 0,
            "channel": None,
            "reason": None,
        },
        subject=incident,
        directory="1-00000000",
    )


def case_id(report: Event, number: int = 1) -> str:
    found: str = report.data["cases"][number - 1]["case_id"]
    return found


def step(
    report: Event, number: int = 1, *, sealer: Sealer | None = None, note: str | None = None, **fields: Any
) -> Event:
    """`case.step_recorded` as intake tells it; with a note it is sealed."""
    sealed = sealer and sealer.seal(report.id, {"step": {"note": note, "fields": {}}})
    return Event(
        id=str(uuid.uuid4()),
        name="case.step_recorded",
        source="/intake/node-1",
        time=datetime(2023, 12, 20, 3, tzinfo=UTC),
        data={
            "incident_id": report.id,
            "case_id": case_id(report, number),
            "step": "INITIAL_ASSESSED",
            "at": "2023-12-20T02:30:00+00:00",
            "recorded_at": "2023-12-20T03:00:00+00:00",
            "by": "account-1",
            "sealed": sealed,
            **fields,
        },
        subject=report.id,
        directory="1-00000000",
    )


def supplement(report: Event, sealer: Sealer, parts: dict[str, Any]) -> Event:
    return Event(
        id=str(uuid.uuid4()),
        name="incident.supplemented",
        source="/intake/node-1",
        time=datetime(2023, 12, 20, 3, tzinfo=UTC),
        data={
            "incident_id": report.id,
            "accepted_at": "2023-12-20T03:00:00+00:00",
            "kinds": [],
            "withhold_from": [],
            "sealed": sealer.seal(report.id, parts),
        },
        subject=report.id,
        directory="1-00000000",
    )


def accepted_elsewhere(event: Event, received: str) -> Event:
    """The same report on a second replica: same id and content, a time, a place in a spool of its own."""
    return replace(
        event, source="/intake/node-2", spool="node-2/b", seq=1, data={**event.data, "received_at": received}
    )


def delivered(event: Event) -> Delivery:
    return Delivery(event, encode(event), 0, 1)
