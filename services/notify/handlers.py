"""What notify does with each event: plain functions of event and ports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from services.notify import raising
from services.notify.routing import has_unknown_codes, route
from services.notify.store import alerts, contacts, spools
from shared import crashpoints, logs, metrics
from shared.authority import Clear, Contact
from shared.directory import Directory, DirectoryFolder, is_older
from shared.events import Event
from shared.events.incident import Reported
from shared.failures import DependencyDown, Permanent, Temporary
from shared.messaging.consumer import Dead, Delivery, Done, Later, Outcome

# Waiting for a newer directory must not keep a report from people: two rounds of the retry queue are a minute.
_PATIENCE_ATTEMPTS = 2

Document = dict[str, Any]

log = logs.get(__name__)
_REPORTS = metrics.counter("notify_reports_total", "Reports handled, by what became of them", ("result",))


@dataclass(frozen=True)
class Ports:
    """What the handlers reach the world through. `wake`: an alert's id to send at once; `told`: an event waits.

    `dead_elsewhere` takes an event that says a message died in another service.
    """

    directory: DirectoryFolder
    link_key: bytes = field(repr=False)
    sandbox: bool
    wake: Callable[[str], None]
    told: Callable[[], None]
    dead_elsewhere: Callable[[Event], None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class Handler:
    """The consumer's handler: all alerts of a batch in one write, the numbers of all noted before any is settled."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def __call__(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Raises `DependencyDown`: everything is done again, which changes nothing that was done."""
        ports, outcomes, documents = self._ports, list[Outcome](), list[Document]()
        everyone = contacts.everyone()
        for delivery in deliveries:
            outcome, raised = self._one(delivery, everyone)
            outcomes.append(outcome)
            documents += raised
        raise_alerts(documents, ports)
        done = [one.event for one, outcome in zip(deliveries, outcomes, strict=True) if isinstance(outcome, Done)]
        note_numbers(done, ports.now())
        return outcomes

    def _one(self, delivery: Delivery, everyone: Sequence[Contact]) -> tuple[Outcome, list[Document]]:
        event = delivery.event
        if event.name == "projection.failed":
            self._ports.dead_elsewhere(event)
        if event.name != "incident.reported":
            return Done(), []
        try:
            wait = delivery.attempt <= _PATIENCE_ATTEMPTS
            return Done(), alerts_of(event, self._ports, everyone, wait_for_directory=wait)
        except DependencyDown:
            raise
        except Permanent as error:
            log.error("event refused", event_id=event.id, reason=error.reason)
            return Dead(error.reason), []
        except Temporary as error:
            log.warning("event waits", event_id=event.id, reason=str(error))
            return Later(str(error)), []


def alerts_of(event: Event, ports: Ports, everyone: Sequence[Contact], *, wait_for_directory: bool) -> list[Document]:
    """One alert per duty of a report. `everyone`: the contacts of every agency.

    Raises `Temporary` while the directory is older than the report and lacks one of its codes.
    """
    report = Reported.from_data(event.data)
    if report.backfill:
        # Entered long after the fact, for the figures: nobody is woken and no clock starts.
        _REPORTS.labels("backfill").inc()
        return []
    now = ports.now()
    clear = Clear.from_reported(event.data)
    directory = _directory(event, clear, ports, wait=wait_for_directory)
    routed = route(clear, directory, everyone, at=now, received_at=report.received_at)
    _REPORTS.labels("routed").inc()
    log.info("report routed", incident_id=report.incident_id, alerts=len(routed.duties))
    return [
        raising.alert(
            duty,
            event=event,
            reported=report,
            clear=clear,
            routed=routed,
            contacts=everyone,
            directory=directory,
            link_key=ports.link_key,
            to_people=ports.sandbox or not event.drill,
            now=now,
        )
        for duty in routed.duties
    ]


def raise_alerts(documents: Sequence[Document], ports: Ports) -> int:
    """Store them and wake whoever acts on them; how many were new. One that was there goes through every step again."""
    new = alerts.insert(documents)
    for document in documents:
        crashpoints.reach("notify.alert_stored")
        ports.wake(document["_id"])
    if documents:
        ports.told()
    return new


def note_numbers(events: Sequence[Event], now: datetime) -> None:
    """Note the place of every event in its spool's sequence; a tally says how far the sequence goes."""
    numbers: dict[str, set[int]] = {}
    lasts: dict[str, int] = {}
    for event in events:
        if event.name == "intake.tally":
            spool = str(event.data["spool"])
            numbers.setdefault(spool, set())
            lasts[spool] = max(lasts.get(spool, 0), int(event.data["last_seq"]))
        elif event.spool is not None and event.seq is not None:
            numbers.setdefault(event.spool, set()).add(event.seq)
    for spool, seqs in numbers.items():
        spools.observe(spool, seqs, lasts.get(spool, 0), now)


def _directory(event: Event, clear: Clear, ports: Ports, *, wait: bool) -> Directory:
    directory = ports.directory.at_least(event.directory)
    if wait and is_older(directory.version, event.directory) and has_unknown_codes(clear, directory):
        raise Temporary("the directory here is older than the report")
    return directory
