"""From duties to alert documents (pure but for the names it looks up): what is stored when an alert is raised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from services.notify import escalation, links, states, telling
from services.notify.deliveries import waiting
from services.notify.incident import Incident
from services.notify.incident_rows import facts_of
from services.notify.routing import Duty, Routed
from shared.authority import Clear, Contact
from shared.directory import Directory
from shared.tokens import token_hash


def alert(
    duty: Duty,
    *,
    occasion: str,
    incident: Incident,
    routed: Routed,
    contacts: Sequence[Contact],
    directory: Directory,
    link_key: bytes,
    to_people: bool,
    now: datetime,
) -> dict[str, Any]:
    """The alert of one duty with its first deliveries and `alert.raised`, as it is stored.

    `occasion`: the event that gave rise to it. `to_people` False: a drill on a system with real providers. It is stored
    and told by events; nobody is written to.
    """
    clear = incident.clear
    identity = telling.alert_id(incident.id, duty.agency, duty.duty, occasion)
    agency = directory.agency(duty.agency)
    first: tuple[escalation.Target, ...] = ()
    if to_people:
        first = escalation.targets(contacts, duty.agency, escalation.FIRST, routed.barrier, ())
    wait = timedelta(seconds=escalation.patience(directory, clear.danger, 0))
    document: dict[str, Any] = {
        "_id": identity,
        "incident_id": incident.id,
        "code": incident.code,
        "commune": incident.commune,
        "commune_name": unit_name(directory, incident.commune),
        "village": incident.village,
        "village_name": unit_name(directory, incident.village),
        "kind_groups": kind_groups(clear, directory),
        "urgency": urgency(clear.danger),
        "danger": clear.danger,
        "drill": incident.drill,
        "facts": facts_of(clear),
        "directory": directory.version,
        "traceparent": incident.traceparent,
        "agency": duty.agency,
        "agency_name": agency.vi if agency is not None else duty.agency,
        "agency_kind": duty.agency_kind,
        "duty": duty.duty,
        "duty_name": directory.code("duties", duty.duty).vi,
        "occasion": occasion,
        "why": duty.why,
        "state": states.RAISED,
        "version": 1,
        "accepted_at": incident.accepted_at,
        "received_at": incident.received_at,
        "raised_at": now,
        "due_at": duty.due_at,
        "escalation_level": 0,
        "told": [],
        "links": [],
        "deliveries": [],
        # Nobody of the agency can be told: up the ladder at once. A drill that tells nobody has no ladder.
        "next_action_at": (now + wait if first else now) if to_people else None,
    }
    extension = deliveries(identity, first, level=0, link_key=link_key, now=now, known=())
    document.update({name: list(rows) for name, rows in extension.items()})
    document["outgoing"] = [telling.stored(telling.alert_event("raised", document, now, reason=duty.why))]
    return document


def deliveries(
    alert_id: str,
    found: Sequence[escalation.Target],
    *,
    level: int,
    link_key: bytes,
    now: datetime,
    known: Sequence[str],
) -> dict[str, list[Any]]:
    """New `deliveries`, `links` and `told` of an alert. `known` are hashes of links that it has already."""
    rows, made = [], {}
    for target in found:
        contact = target.contact
        token = token_hash(links.token(link_key, alert_id, contact.id))
        if token not in known:
            made[token] = {
                "token_sha256": token,
                "contact": contact.id,
                "person": contact.name,
                "agency": contact.agency,
            }
        rows.append(delivery(telling.identifier("delivery", alert_id, target.channel, target.to), target, level, now))
    return {"deliveries": rows, "links": list(made.values()), "told": [target.to for target in found]}


def delivery(identity: str, target: escalation.Target, level: int, now: datetime) -> dict[str, Any]:
    """One message to one contact, waiting to be sent."""
    contact = target.contact
    return {
        **waiting(identity, contact.id, target.channel, target.to, now, level=level),
        "person": contact.name,
        "agency": contact.agency,
    }


def urgency(danger: bool | None) -> str:
    """A code of the table "urgencies"."""
    return "UNKNOWN" if danger is None else "NOW" if danger else "NOT_NOW"


def kind_groups(clear: Clear, directory: Directory) -> list[str]:
    """Names of the groups of kinds: all that an e-mail's body may say of what happened."""
    groups = (str(directory.code("kinds", code).attrs.get("group", "")) for code in clear.kinds)
    return list(dict.fromkeys(directory.code("kind_groups", group).vi for group in groups if group))


def unit_name(directory: Directory, code: str | None) -> str:
    """The unit's name; "" for a village that the directory lacks: what people typed may name a person."""
    unit = directory.unit(code) if code else None
    return unit.vi if unit is not None else ""
