"""What notify does with each event: plain functions of event and ports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.notify import clock_keeper, raising
from services.notify.incident import FIRST_OCCASION, Incident
from services.notify.incident_events import fact_of, from_reported
from services.notify.incident_rows import as_row
from services.notify.routing import has_unknown_codes, route
from services.notify.settling import Ports, settle, store_raised
from services.notify.store import contacts, incidents, spools
from shared import crashpoints, logs, metrics
from shared.authority import Clear, Contact
from shared.directory import Directory, is_older
from shared.events import Event
from shared.events.incident import Reported
from shared.failures import DependencyDown, Permanent, Temporary
from shared.messaging.consumer import Dead, Delivery, Done, Later, Outcome

# Waiting for a newer directory must not keep a report from people: two rounds of the retry queue are a minute.
_PATIENCE_ATTEMPTS = 2
_FACTS = frozenset({"case.step_recorded", "incident.supplemented"})

Document = dict[str, Any]

log = logs.get(__name__)
_REPORTS = metrics.counter("notify_reports_total", "Reports handled, by what became of them", ("result",))


class Handler:
    """The consumer's handler: all new reports of a batch together, the numbers of all noted before any is settled."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def __call__(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Raises `DependencyDown`: everything is done again, which changes nothing that was done."""
        ports, outcomes, reports = self._ports, list[Outcome](), list[tuple[Incident, Directory]]()
        everyone = contacts.everyone()
        for delivery in deliveries:
            outcome, report = self._one(delivery, everyone)
            outcomes.append(outcome)
            reports += [report] if report is not None else []
        take_reports(reports, ports, everyone)
        done = [one.event for one, outcome in zip(deliveries, outcomes, strict=True) if isinstance(outcome, Done)]
        note_numbers(done, ports.now())
        return outcomes

    def _one(
        self, delivery: Delivery, everyone: Sequence[Contact]
    ) -> tuple[Outcome, tuple[Incident, Directory] | None]:
        event = delivery.event
        try:
            if event.name == "projection.failed":
                self._ports.dead_elsewhere(event)
            elif event.name == "operator.noted":
                self._ports.noted(event)
            elif event.name == "account.changed":
                self._ports.account_changed(event)
            elif event.name in _FACTS:
                take_fact(event, self._ports, everyone)
            elif event.name == "incident.reported":
                wait = delivery.attempt <= _PATIENCE_ATTEMPTS
                return Done(), report_of(event, self._ports, wait_for_directory=wait)
        except DependencyDown:
            raise
        except Permanent as error:
            log.error("event refused", event_id=event.id, reason=error.reason)
            return Dead(error.reason), None
        except Temporary as error:
            log.warning("event waits", event_id=event.id, reason=str(error))
            return Later(str(error)), None
        return Done(), None


def report_of(event: Event, ports: Ports, *, wait_for_directory: bool) -> tuple[Incident, Directory]:
    """The incident of a report, and the directory to judge it by.

    Raises `Temporary` while the directory is older than the report and lacks one of its codes.
    """
    incident = from_reported(event, Reported.from_data(event.data))
    return incident, _directory(event, incident.reported, ports, wait=wait_for_directory)


def take_reports(reports: Sequence[tuple[Incident, Directory]], ports: Ports, everyone: Sequence[Contact]) -> None:
    """Alerts and clocks of new reports, all in two writes; what is known already is settled one by one.

    The alerts come first, because people wait for them. An incident that is stored by this very call had no fact
    before, and whoever adds one from now on sees it and its alerts; any other one is looked at again as a whole.
    """
    stored = incidents.known([incident.id for incident, _ in reports])
    # Of two copies the earlier reception counts: it comes last here, and stays.
    latest_first = sorted(reports, key=lambda one: one[0].received_at, reverse=True)
    new = {incident.id: (incident, directory) for incident, directory in latest_first if incident.id not in stored}
    now = ports.now()
    alerts = [
        document
        for incident, directory in new.values()
        for document in alerts_of(incident, directory, ports, everyone, now)
    ]
    store_raised(alerts, ports)
    born = {id_: clock_keeper.born(incident, directory, now) for id_, (incident, directory) in new.items()}
    begun = incidents.insert(born)
    crashpoints.reach("notify.incidents_stored")
    if any(born[id_]["outgoing"] for id_ in begun):
        ports.told_of_incident()
    for incident, _ in reports:
        if incident.id not in begun:
            incidents.report(incident.id, as_row(incident))
            settle(incident.id, ports, everyone)
    # A case that was merged into one of these before it was here.
    for incident_id in incidents.merged_into([incident for incident, _ in reports]):
        settle(incident_id, ports, everyone)


def alerts_of(
    incident: Incident, directory: Directory, ports: Ports, everyone: Sequence[Contact], now: datetime
) -> list[Document]:
    """One alert per duty of a report. `everyone`: the contacts of every agency."""
    if incident.backfill:
        # Entered long after the fact, for the figures: nobody is woken and no clock starts.
        _REPORTS.labels("backfill").inc()
        return []
    routed = route(incident.reported, directory, everyone, at=now, received_at=incident.received_at)
    _REPORTS.labels("routed").inc()
    log.info("report routed", incident_id=incident.id, alerts=len(routed.duties))
    return [
        raising.alert(
            duty,
            occasion=FIRST_OCCASION,
            incident=incident,
            routed=routed,
            contacts=everyone,
            directory=directory,
            link_key=ports.link_key,
            to_people=ports.to_people(incident),
            now=now,
        )
        for duty in routed.duties
    ]


def take_fact(event: Event, ports: Ports, everyone: Sequence[Contact]) -> None:
    """A step or a supplement: kept, then everything is brought to what it demands. A second time does that again."""
    found = fact_of(event)
    if found is None:
        return
    incident_id, fact = found
    incidents.add_fact(incident_id, fact.as_row())
    crashpoints.reach("notify.fact_stored")
    settle(incident_id, ports, everyone)


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
