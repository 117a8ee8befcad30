"""From the events of one incident to its cases, one per child (pure).

Any order and any duplication of the events gives the same cases. Nothing here holds a name: a case has the clear facts
of the report and the counting values (sex, age, ethnic group, groups), which the caller has opened.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from services.reporting import lifecycle
from services.reporting.moments import moment
from shared.authority import Declared
from shared.calendar import local_date, segment_of
from shared.case_steps import ENDS
from shared.events.event import Event
from shared.failures import Permanent

REPORTED = "incident.reported"
# A fact of these families belongs to an incident and changes its cases; the others are kept and change none.
FOLDED = ("incident.", "case.", "alert.", "deadline.")
UNKNOWN = "UNKNOWN"

_UNREAD: dict[str, Any] = {
    "read": False,
    "sex": None,
    "age_received": None,
    "age_occurred": None,
    "ethnic_group": None,
    "groups": [],
}


@dataclass(frozen=True)
class Fact:
    """An event and its `counting` part by case id; None when the event has none or it does not open."""

    event: Event
    counting: Mapping[str, Mapping[str, Any]] | None = None


def incident_of(event: Event) -> str | None:
    """The incident whose cases the event changes; None when it changes none (or does not say which)."""
    if not event.name.startswith(FOLDED):
        return None
    named = event.data.get("incident_id") or event.subject
    return str(named) if named else None


def order_of(event: Event) -> str:
    """Sorts copies of one event: the earliest reception first, then anything that tells copies apart.

    Two replicas may accept the same report, each with a clock and a spool of its own. Ages are counted on the day of
    reception, so the whole copy goes with its `received_at`.
    """
    data = event.data
    accepted = moment(data.get("accepted_at")) or event.time
    received = moment(data.get("received_at")) or accepted
    content = json.dumps(data, sort_keys=True, ensure_ascii=False).encode()
    return "|".join(
        [_sortable(received), _sortable(accepted), _sortable(event.time), event.source, sha256(content).hexdigest()]
    )


def fold(facts: Iterable[Fact], counted_in: Callable[[str], str]) -> list[dict[str, Any]]:
    """The cases of one incident as documents, by number; none while its report has not arrived.

    `counted_in` gives the unit that counts a commune's cases (the home commune's for a code that nobody knows). Times
    are aware, UTC; half-months are those of the local day. Raises `Permanent` for a report without a usable time.
    """
    kept: dict[str, Fact] = {}
    for fact in facts:
        other = kept.setdefault(fact.event.id, fact)
        if other is not fact and order_of(fact.event) < order_of(other.event):
            kept[fact.event.id] = fact
    events = [fact.event for fact in kept.values()]
    reports = [fact for fact in kept.values() if fact.event.name == REPORTED]
    if not reports:
        return []
    reported = min(reports, key=lambda fact: order_of(fact.event)) if len(reports) > 1 else reports[0]
    steps, said = lifecycle.steps_of(events, reported.event.data.get("withhold_from") or ())
    common = _common(reported.event, events, said, counted_in)
    children = sorted(reported.event.data["cases"], key=lambda child: (child["number"], child["case_id"]))
    schools = {child["school"] for child in children if child.get("school")}
    told = lifecycle.involved(events)
    alerts = _newest(event for event in events if event.name.startswith("alert."))
    return [
        {
            "_id": child["case_id"],
            "number": child["number"],
            "code": f"{common['incident_code']}-{child['number']}",
            "siblings": len(children) - 1,
            **common,
            "school": child.get("school"),
            "residence_commune": child.get("residence_commune"),
            "counting": _counting(reported, child["case_id"]),
            "refold": reported.counting is None or common["counted_in"] != common["commune"],
            **_reach(common["counted_in"], child.get("school"), told, schools),
            "alerts": [one for one in alerts if one.get("agency") not in schools - {child.get("school")}],
            "deadlines": _newest(event for event in events if _is_deadline_of(event, child["case_id"])),
            **_handled([step for step in steps if step["case_id"] == child["case_id"]]),
        }
        for child in children
    ]


def places(case: Mapping[str, Any]) -> set[str]:
    """Where the case counts now, as "<unit>|<half-month>"; a drill counts nowhere."""
    if case["drill"]:
        return set()
    return {f"{case['counted_in']}|{segment}" for segment in case["segments"].values()}


def _reach(counted_in: str, school: str | None, told: list[str], schools: set[str]) -> dict[str, list[str]]:
    """The school of one child was told of that child, and is nobody in the case of another."""
    involved = [agency for agency in told if agency not in schools - {school}]
    return {"involved": involved, "reach": sorted({counted_in, *involved, *([school] if school else [])})}


def _handled(steps: list[dict[str, Any]]) -> dict[str, Any]:
    """What was done for one child, and where that leaves the case."""
    state, since = lifecycle.state_of(steps)
    return {
        "steps": steps,
        "state": state,
        "state_since": since,
        "open": state not in ENDS,
        "merged_into": lifecycle.merged_into(steps, state),
    }


def _common(event: Event, events: list[Event], said: Declared, counted_in: Callable[[str], str]) -> dict[str, Any]:
    data = event.data
    accepted = moment(data.get("accepted_at"))
    # A reception that no calendar has a day for is as good as none: the report came when it was accepted.
    received = moment(data.get("received_at")) or accepted
    if received is None:
        raise Permanent("no usable time of reception")
    occurred = moment(data.get("occurred_at"))
    more = [one.data for one in events if one.name == lifecycle.SUPPLEMENT]
    danger = data.get("immediate_danger")
    return {
        "incident_id": data["incident_id"],
        "incident_code": data["code"],
        "received_at": received,
        "accepted_at": accepted,
        "occurred_at": occurred,
        "segments": {
            "received_at": segment_of(local_date(received)),
            "occurred_at": segment_of(local_date(occurred or received)),
        },
        "channel": data.get("channel"),
        "commune": data["commune"],
        "counted_in": counted_in(data["commune"]),
        "village": data.get("village"),
        "kinds": _union(data, more, "kinds"),
        "environment": data.get("environment"),
        "online": data.get("online"),
        # A supplement may raise the danger, never lower it.
        "immediate_danger": True if any(one.get("immediate_danger") is True for one in more) else danger,
        "young_child": bool(data.get("young_child")),
        "backfill": bool(data.get("backfill")),
        "drill": event.drill,
        "client": data["client"],
        "suspect_relations": sorted(set(data.get("suspect_relations") or ())),
        "withhold_from": sorted(said.withhold_from),
        "withhold_contacts": sorted(said.withhold_contacts),
        "released": sorted(said.released),
        "liftable": sorted(said.liftable),
    }


def _union(data: Mapping[str, Any], more: list[dict[str, Any]], name: str) -> list[str]:
    return sorted({code for one in (data, *more) for code in one.get(name) or ()})


def _counting(reported: Fact, case_id: str) -> dict[str, Any]:
    """Unknown values when the part did not open: the child counts all the same, and `read` says what is missing."""
    if reported.counting is None:
        return dict(_UNREAD)
    values = reported.counting.get(case_id, {})
    found = {name: values.get(name) for name in _UNREAD if name not in {"read", "groups"}}
    return {"read": True, **found, "groups": sorted(set(values.get("groups") or ()))}


def _newest(events: Iterable[Event]) -> list[dict[str, Any]]:
    """The state with the highest `version` of each alert, or of each clock of a case."""
    newest: dict[str, Event] = {}
    for event in events:
        key = str(event.data.get("alert_id") or f"{event.data.get('case_id')}/{event.data.get('clock')}")
        other = newest.setdefault(key, event)
        if other is not event and _newer(event, other):
            newest[key] = event
    return [
        {name: value for name, value in sorted(newest[key].data.items()) if name != "incident_id"}
        for key in sorted(newest)
    ]


def _newer(event: Event, other: Event) -> bool:
    """Two events of one version would be a mistake of the sender; even then the order of arrival must not decide."""
    version, others = int(event.data["version"]), int(other.data["version"])
    return version > others or (version == others and order_of(event) > order_of(other))


def _is_deadline_of(event: Event, case_id: str) -> bool:
    return event.name.startswith("deadline.") and event.data.get("case_id") in {None, case_id}


def _sortable(instant: datetime) -> str:
    try:
        return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    except OverflowError:
        return instant.isoformat()  # the first or last day there is: not worth a report
