"""Brings an incident's alerts, links, messages and clocks to what its facts demand now.

It looks at what is stored and makes what is missing, so it may be called at any time, by several workers, and again
after a crash between any two steps: what must not be known ends first, then whoever acts instead is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from services.notify import clock_keeper, clocks, merging, raising, standing, states
from services.notify.incident import STEP, Incident
from services.notify.incident_rows import facts_of
from services.notify.routing import Routed, route
from services.notify.store import alerts, incidents
from services.notify.store.collections import Row
from services.notify.stored_incidents import judged, of_case
from shared import crashpoints, logs, metrics
from shared.authority import Contact
from shared.case_steps import MERGED
from shared.directory import Directory, DirectoryFolder
from shared.events import Event

_TRIES = 30
CONFLICT = "conflict"

log = logs.get(__name__)
_ENDED = metrics.counter("notify_authority_total", "What a conflict or a release changed, by kind", ("what",))


@dataclass(frozen=True)
class Ports:
    """What the handlers reach the world through.

    `wake`: an alert's id to send at once; `wake_incident`: an incident's, for messages on its clocks; `told`: an event
    of an alert waits; `told_of_incident`: one of an incident. `dead_elsewhere` takes an event that says a message died
    in another service, `noted` one that says what the operator should have in his mailbox, `account_changed` one that
    the owner of an account must hear of. `tell_operator`: a kind, what it is about and a sentence, for what only the
    operator can still do something about.
    """

    directory: DirectoryFolder
    link_key: bytes = field(repr=False)
    sandbox: bool
    wake: Callable[[str], None]
    told: Callable[[], None]
    dead_elsewhere: Callable[[Event], None]
    wake_incident: Callable[[str], None] = lambda _: None
    told_of_incident: Callable[[], None] = lambda: None
    noted: Callable[[Event], None] = lambda _: None
    account_changed: Callable[[Event], None] = lambda _: None
    tell_operator: Callable[[str, str, str], object] = lambda *_: None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def to_people(self, incident: Incident) -> bool:
        """A drill on a system with real providers is stored and told by events; nobody is written to."""
        return self.sandbox or not incident.drill


def settle(incident_id: str, ports: Ports, everyone: Sequence[Contact], seen: frozenset[str] = frozenset()) -> None:
    """`everyone`: the contacts of every agency. Without the report nothing is settled: it does so when it comes.

    `seen`: the incidents on whose behalf it is called. Raises `DependencyDown`.
    """
    for _ in range(_TRIES):
        row = incidents.get(incident_id)
        incident = judged(row)
        if row is None or incident is None:
            return
        directory = ports.directory.current()
        _alerts(incident, ports, directory, everyone)
        clock_keeper.advance(row, incident, ports, directory, everyone)
        _merged(incident, ports, directory, everyone, seen | {incident_id})
        # A fact that another worker added meanwhile was not seen here, and what was raised here not there.
        if incidents.facts_version(incident_id) == row["facts_version"]:
            return
    raise RuntimeError("an incident changed each time it was about to be settled")


def store_raised(documents: Sequence[Row], ports: Ports) -> int:
    """Store alerts and wake whoever acts on them; how many were new. Those that were there go through it again."""
    new = alerts.insert(documents)
    for document in documents:
        crashpoints.reach("notify.alert_stored")
        ports.wake(document["_id"])
    if documents:
        ports.told()
    return new


def _alerts(incident: Incident, ports: Ports, directory: Directory, everyone: Sequence[Contact]) -> None:
    now, clear = ports.now(), incident.clear
    again, received = incident.reopened, incident.received_at
    start = again.at if again is not None else received
    urgent_at = clocks.urgent_since(incident, received, directory)
    urgent_at = max(start, urgent_at) if urgent_at is not None else None
    routed = route(clear, directory, everyone, at=now, received_at=start, urgent_at=urgent_at)
    facts = facts_of(clear)
    stored = [_judged(alert, incident, routed, facts, ports, everyone) for alert in alerts.of_incident(incident.id)]
    _end_messages(incident, routed, everyone, now)
    crashpoints.reach("notify.revoked")
    owed = standing.lacking(incident, stored, routed, directory, everyone, now)
    if owed:
        log.info("duties raised", incident_id=incident.id, alerts=len(owed))
        _ENDED.labels("raised").inc(len(owed))
    documents = [
        raising.alert(
            one.duty,
            occasion=one.occasion,
            incident=incident,
            routed=routed,
            contacts=everyone,
            directory=directory,
            link_key=ports.link_key,
            to_people=ports.to_people(incident),
            now=now,
        )
        for one in owed
    ]
    for document in documents:
        if not standing.chased(incident, document):
            document["next_action_at"] = None
    store_raised(documents, ports)


def _judged(
    alert: Row, incident: Incident, routed: Routed, facts: Row, ports: Ports, everyone: Sequence[Contact]
) -> Row:
    """The alert as it is after what had to end in it has ended."""
    current: Row | None = alert
    for _ in range(_TRIES):
        if current is None:
            return alert
        now = ports.now()
        verdict = standing.judge(current, routed.barrier, everyone)
        chase = standing.chase_changed(incident, current)
        if not verdict and chase is None and (current.get("facts") == facts or current["state"] == states.WITHDRAWN):
            return current
        done = _change(current, verdict, facts, ports.to_people(incident), now, chase=chase)
        if done is not None:
            _say(done, verdict)
            ports.told()
            return done
        # An outcome, an acknowledgement or a climb came between: judge anew.
        current = alerts.get(alert["_id"])
    raise RuntimeError("an alert changed each time it was about to be settled")


def _change(
    alert: Row, verdict: standing.Verdict, facts: Row, to_people: bool, now: datetime, *, chase: bool | None
) -> Row | None:
    """`chase`: False, nobody is asked any more; True, somebody is asked again; None, as it was."""
    if verdict.withdrawn:
        return alerts.withdraw(alert, facts, CONFLICT, now)
    fields: dict[str, Any] = {"facts": facts}
    if chase is False:
        fields |= {"next_action_at": None, "over_at": now}
    elif chase:
        fields["over_at"] = None
    if chase is not False and to_people and (verdict.climbs or (chase and alert["state"] != states.EXHAUSTED)):
        fields["next_action_at"] = now
    lapse = CONFLICT if verdict.lapsed else None
    return alerts.end_contacts(alert, verdict.ended, fields, now, lapse=lapse)


def _say(alert: Row, verdict: standing.Verdict) -> None:
    if verdict.withdrawn:
        _ENDED.labels("withdrawn").inc()
        log.warning("alert withdrawn", alert_id=alert["_id"], agency=alert["agency"])
    elif verdict:
        _ENDED.labels("contacts_ended").inc(len(verdict.ended))
        log.warning(
            "contacts of an alert ended", alert_id=alert["_id"], agency=alert["agency"], rows=len(verdict.ended)
        )


def _end_messages(incident: Incident, routed: Routed, everyone: Sequence[Contact], now: datetime) -> None:
    """What is pending about the clocks, for those who must not know any more."""
    row = incidents.get(incident.id) or {}
    by_id = {contact.id: contact for contact in everyone}
    barred = {
        one["contact"]
        for one in row.get("deliveries", [])
        if one.get("ended_at") is None and standing.barred(one, routed.barrier, by_id)
    }
    incidents.end_deliveries(incident.id, barred, now)


def _merged(
    incident: Incident, ports: Ports, directory: Directory, everyone: Sequence[Contact], seen: frozenset[str]
) -> None:
    """A case that was merged into another gives it the earlier of both receptions: its clocks run from then.

    The other one is settled whether that was new or not: "known before" may mean that somebody died over it, and what
    a merge is worth may have changed for it. Those of `seen` are being settled already.
    """
    for fact in incident.deciding:
        if fact.kind != STEP or fact.step != MERGED or not fact.by_staff:
            continue
        found = merging.target(fact, of_case)
        if found is None:
            continue
        into, child = found
        earlier = merging.earlier(incident, fact, into, child, directory, everyone)
        if earlier is not None and into.id != incident.id:
            incidents.add_fact(into.id, earlier.as_row())
            crashpoints.reach("notify.merged")
        if into.id not in seen:
            settle(into.id, ports, everyone, seen)
