"""Notify's parts moved by the test itself, on a real database and at the test's own time; no broker and no worker."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from services.notify.account_notices import AccountNotices
from services.notify.channels.email_smtp import EmailSmtp, MailServer
from services.notify.channels.sms_http import SmsHttp
from services.notify.clock_keeper import ClockRunner
from services.notify.composing import AlertComposer, ClockComposer, NoticeComposer
from services.notify.desks import AlertDesk, IncidentDesk, NoticeDesk
from services.notify.dispatcher import Dispatcher
from services.notify.handlers import Handler
from services.notify.ladder_runner import LadderRunner
from services.notify.operator_notes import OperatorNotes
from services.notify.operator_notices import Notices, Operator
from services.notify.settings import Settings
from services.notify.settling import Ports
from services.notify.store import collections
from shared.directory import DirectoryFolder
from shared.events import Event, decode, encode, validate
from shared.messaging.consumer import Delivery, Done
from shared.stopping import Stopping
from tests.integration.notify.system import OPERATOR, reported


@dataclass
class ByHand:
    settings: Settings
    at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __post_init__(self) -> None:
        folder = DirectoryFolder(self.settings.directory)
        self.directory = folder.current
        notices = Notices(Operator(OPERATOR, "operator@example.invalid"), lambda _: None, now=self.now)
        self.ports = Ports(
            directory=folder,
            link_key=self.settings.link_key,
            sandbox=self.settings.sandbox,
            wake=lambda _: None,
            told=lambda: None,
            dead_elsewhere=lambda _: None,
            noted=OperatorNotes(notices).take,
            account_changed=AccountNotices(notices).take,
            tell_operator=notices.tell,
            now=self.now,
        )
        self.handler = Handler(self.ports)
        self.clocks = ClockRunner(folder.current, self.ports, now=self.now)
        self.ladder = LadderRunner(
            folder.current,
            notices,
            link_key=self.settings.link_key,
            wake=lambda _: None,
            told=lambda: None,
            now=self.now,
        )
        self._channels = {
            "sms": SmsHttp(self.settings.sms_gateway_file),
            "email": EmailSmtp(MailServer(self.settings.smtp_host, self.settings.smtp_port, self.settings.smtp_from)),
        }
        desks = [
            AlertDesk(AlertComposer(self.settings.link_key, self.settings.link_base_url), lambda *_: None),
            IncidentDesk(ClockComposer(self.settings.staff_url)),
            NoticeDesk(NoticeComposer()),
        ]
        self.dispatcher = Dispatcher(
            desks, self._channels, Stopping(), threads=2, now=self.now, rand=random.Random(1).random
        )

    def now(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)

    def close(self) -> None:
        for channel in self._channels.values():
            channel.close()

    def handle(self, *events: Event) -> None:
        """As one batch, as it would come from the wire."""
        messages = [encode(event) for event in events]
        decoded = [decode(message) for message in messages]
        for event in decoded:
            validate(event)
        outcomes = self.handler(
            [Delivery(event, message, 0, 1) for event, message in zip(decoded, messages, strict=True)]
        )
        assert all(isinstance(outcome, Done) for outcome in outcomes), outcomes

    def report(self, **changed: Any) -> Event:
        return reported(**{"received_at": self.at.isoformat(), "accepted_at": self.at.isoformat(), **changed})

    def step(self, report: Event, name: str, *, number: int = 1, at: datetime | None = None, **data: Any) -> Event:
        """By the committee, for one child of the report."""
        return Event(
            id=str(uuid4()),
            name="case.step_recorded",
            source="/intake/a",
            time=self.at,
            subject=report.id,
            commune="binh-luong",
            data={
                "incident_id": report.id,
                "case_id": report.data["cases"][number - 1]["case_id"],
                "step": name,
                "at": (at or self.at).isoformat(),
                "recorded_at": self.at.isoformat(),
                "by": "bvte",
                "role": "committee",
                **data,
            },
        )

    def conflict(self, report: Event, *agencies: str, contacts: tuple[str, ...] = ()) -> Event:
        return self.step(report, "CONFLICT_DECLARED", withhold_from=list(agencies), withhold_contacts=list(contacts))

    # --- what is there ----------------------------------------------------------------------------------------------

    def incident(self, report: Event) -> dict[str, Any]:
        found = collections.incidents().find_one({"_id": report.id})
        assert found is not None
        return found

    def alerts(self, report: Event) -> list[dict[str, Any]]:
        return list(collections.alerts().find({"incident_id": report.id}))

    def alert(self, report: Event, agency: str) -> dict[str, Any]:
        [found] = [alert for alert in self.alerts(report) if alert["agency"] == agency]
        return found

    def living(self, report: Event) -> set[tuple[str, str]]:
        """(agency, duty) of every alert that is not withdrawn."""
        return {(one["agency"], one["duty"]) for one in self.alerts(report) if one["state"] != "withdrawn"}

    def clock(self, report: Event, code: str, number: int = 1) -> dict[str, Any]:
        [found] = [one for one in self.incident(report)["clocks"] if one["clock"] == code and one["number"] == number]
        return found

    def told(self, report: Event) -> list[str]:
        """Names of the events that wait to be told of this incident, its alerts' too."""
        rows = [*self.alerts(report), self.incident(report)]
        return [event["event"]["name"] for row in rows for event in row["outgoing"]]


def children(incident: str, count: int, *schools: str) -> list[dict[str, Any]]:
    return [
        {
            "case_id": f"{incident}-{number}",
            "number": number,
            "school": schools[0] if schools else None,
            "residence_commune": "binh-luong",
        }
        for number in range(1, count + 1)
    ]
