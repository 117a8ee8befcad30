"""A dead message is a child nobody was told of: kept, and told within a minute from its headers alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from services.notify.escalation import FIRST
from services.notify.operator_notices import Notices
from services.notify.store import contacts, dead
from shared import crashpoints, logs, metrics
from shared.authority import Contact, ladder
from shared.authority.ladder import COMMITTEE
from shared.directory import Directory
from shared.events import Event
from shared.messaging.deadletters import DeadLetter

log = logs.get(__name__)
_DEAD = metrics.counter("notify_dead_letters_total", "Messages that could not be handled")


class DeadLetters:
    """Outside the sandbox a dead drill is told to the operator alone."""

    def __init__(
        self,
        directory: Callable[[], Directory],
        notices: Notices,
        *,
        sandbox: bool,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._directory, self._notices, self._sandbox, self._now = directory, notices, sandbox, now

    def take(self, letter: DeadLetter) -> None:
        """Keep it, then tell. Called until it returns, so each step may come again. Raises `DependencyDown`."""
        now = self._now()
        row = dead.keep(letter, now)
        crashpoints.reach("notify.dead_stored")
        _DEAD.inc()
        # Each death is told: sent again and dead again is a trouble of its own.
        about = f"{row['_id']}/{letter.at.isoformat()}"
        if letter.name == "incident.reported":
            also = self._unit_above(row.get("commune"), now) if self._sandbox or not row.get("drill") else ()
            self._notices.tell(
                "dead_report",
                about,
                "Có một tin báo về trẻ em mà hệ thống không đọc được, nên chưa cơ quan nào được báo. "
                "Hãy gọi ngay người vận hành.",
                also,
            )
        else:
            self._notices.tell("dead_letter", about, "Có một sự kiện không xử lý được (dead list).")

    def elsewhere(self, event: Event) -> None:
        """A message that died in a service that sends nothing itself (`projection.failed`). Raises `DependencyDown`.

        Told once for each time that it dies there; the event says no more than its headers did.
        """
        data = event.data
        about = f"{data['event_id']}/{data['at']}"
        log.error("dead elsewhere", event_id=data["event_id"], incident_id=data["incident_id"], name=data["name"])
        if data["name"] == "incident.reported":
            commune = data["commune"] or event.commune
            also = self._unit_above(commune, self._now()) if self._sandbox or not event.drill else ()
            self._notices.tell(
                "unprojected_report",
                about,
                "Có một tin báo về trẻ em chưa vào được sổ vụ việc, có thể chưa cơ quan nào được báo. "
                "Hãy gọi ngay người vận hành.",
                also,
            )
        else:
            self._notices.tell(
                "unprojected_event",
                about,
                "Có một sự kiện chưa vào được sổ vụ việc và số liệu (reporting: dead list).",
            )

    def _unit_above(self, commune: str | None, now: datetime) -> tuple[Contact, ...]:
        """The first contacts of the agency above the committee: a report that can't be read may be about its member."""
        directory = self._directory()
        everyone = contacts.everyone()
        for committee in directory.responsible(COMMITTEE, commune, (), now):
            for above in ladder(committee.code, directory, now):
                found = tuple(one for one in everyone if one.agency == above and one.order == FIRST)
                if found:
                    return found
        return ()
