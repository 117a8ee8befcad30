"""From duties to alert documents (pure but for the names it looks up): what is stored when an alert is raised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from services.notify import escalation, links, states, telling
from services.notify.routing import Duty, Routed
from shared.authority import Clear, Contact
from shared.directory import Directory
from shared.events import Event
from shared.events.incident import Reported
from shared.tokens import token_hash

FIRST_OCCASION = "first"
# Longer than any ladder: a message that nobody needed to read by then only confuses.
_EXPIRES = timedelta(hours=24)


def alert(
    duty: Duty,
    *,
    event: Event,
    reported: Reported,
    clear: Clear,
    routed: Routed,
    contacts: Sequence[Contact],
    directory: Directory,
    link_key: bytes,
    to_people: bool,
    now: datetime,
) -> dict[str, Any]:
    """The alert of one duty with its first deliveries and `alert.raised`, as it is stored.

    `to_people` False: a drill on a system with real providers. It is stored and told by events; nobody is written to.
    """
    identity = telling.alert_id(reported.incident_id, duty.agency, duty.duty, FIRST_OCCASION)
    agency = directory.agency(duty.agency)
    first: tuple[escalation.Target, ...] = ()
    if to_people:
        first = escalation.targets(contacts, duty.agency, escalation.FIRST, routed.barrier, ())
    wait = timedelta(seconds=escalation.patience(directory, clear.danger, 0))
    document: dict[str, Any] = {
        "_id": identity,
        "incident_id": reported.incident_id,
        "code": reported.code,
        "commune": reported.commune,
        "commune_name": _unit_name(directory, reported.commune),
        "village": reported.village,
        "village_name": _unit_name(directory, reported.village),
        "kind_groups": kind_groups(clear, directory),
        "urgency": urgency(clear.danger),
        "danger": clear.danger,
        "drill": event.drill,
        "facts": facts_of(clear),
        "directory": directory.version,
        "traceparent": event.traceparent,
        "agency": duty.agency,
        "agency_name": agency.vi if agency is not None else duty.agency,
        "agency_kind": duty.agency_kind,
        "duty": duty.duty,
        "duty_name": directory.code("duties", duty.duty).vi,
        "occasion": FIRST_OCCASION,
        "why": duty.why,
        "state": states.RAISED,
        "version": 1,
        "accepted_at": reported.accepted_at,
        "received_at": reported.received_at,
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
        rows.append(
            {
                "id": telling.identifier("delivery", alert_id, target.channel, target.to),
                "contact": contact.id,
                "person": contact.name,
                "agency": contact.agency,
                "channel": target.channel,
                "to": target.to,
                "level": level,
                "state": states.PENDING,
                "next_at": now,
                "expires_at": now + _EXPIRES,
                "generation": 0,
                "failures": 0,
                "attempts": [],
                "created_at": now,
                "updated_at": now,
            }
        )
    return {"deliveries": rows, "links": list(made.values()), "told": [target.to for target in found]}


def urgency(danger: bool | None) -> str:
    """A code of the table "urgencies"."""
    return "UNKNOWN" if danger is None else "NOW" if danger else "NOT_NOW"


def kind_groups(clear: Clear, directory: Directory) -> list[str]:
    """Names of the groups of kinds: all that an e-mail's body may say of what happened."""
    groups = (str(directory.code("kinds", code).attrs.get("group", "")) for code in clear.kinds)
    return list(dict.fromkeys(directory.code("kind_groups", group).vi for group in groups if group))


def facts_of(clear: Clear) -> dict[str, Any]:
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in asdict(clear).items()}


def clear_of(facts: Mapping[str, Any]) -> Clear:
    """The facts of a stored alert."""
    values: dict[str, Any] = dict(facts)
    for name in ("kinds", "schools", "residences", "relations"):
        values[name] = tuple(values.get(name) or ())
    for name in ("withhold_from", "released", "withheld_contacts"):
        values[name] = frozenset(values.get(name) or ())
    return Clear(**{name: value for name, value in values.items() if name in Clear.__dataclass_fields__})


def _unit_name(directory: Directory, code: str | None) -> str:
    """The unit's name; "" for a village that the directory lacks: what people typed may name a person."""
    unit = directory.unit(code) if code else None
    return unit.vi if unit is not None else ""
