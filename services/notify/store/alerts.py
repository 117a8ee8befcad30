"""Alerts: stored once, changed by one conditional update each, and every change carries its own event."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument

from services.notify import states, telling
from services.notify.documents.alert import Alert
from services.notify.documents.checking import check
from services.notify.documents.connection import store
from services.notify.store import collections
from services.notify.store.collections import Row
from services.notify.store.upserting import stored_now

_TRIES = 20
# A range of times, not $exists or $ne: only then does an index pass over the many that have none.
_EVER = datetime.fromtimestamp(0, UTC)
# Why an acknowledgement lapsed: no step followed it.
NO_STEP = "no_step"


def insert(documents: Sequence[Mapping[str, Any]]) -> int:
    """Store alerts, each with its deliveries and its event, in one round trip; how many were new.

    One that was there is left as it is, and that says nothing about what came after it: the caller goes on with every
    later step all the same. Raises `DependencyDown`, or `Permanent` for a document that is no alert.
    """
    by_id = {one["_id"]: {name: value for name, value in one.items() if name != "_id"} for one in documents}
    with store():
        for identity, fields in by_id.items():
            check(Alert, identity, fields)
        return len(stored_now(collections.alerts(), by_id))


def get(alert_id: str) -> Row | None:
    with store():
        return collections.alerts().find_one({"_id": alert_id})


def of_incident(incident_id: str) -> list[Row]:
    """Every alert of an incident, oldest first."""
    with store():
        return list(collections.alerts().find({"incident_id": incident_id}).sort([("raised_at", 1), ("_id", 1)]))


def by_link(token_sha256: str) -> Row | None:
    with store():
        return collections.alerts().find_one({"links.token_sha256": token_sha256})


def due(now: datetime, limit: int, *, but: Collection[str] = ()) -> list[Row]:
    """Alerts that nobody acknowledged in time, the longest waiting first. `but`: ids left out."""
    with store():
        found = collections.alerts().find({"next_action_at": {"$lte": now}, "_id": {"$nin": list(but)}})
        return list(found.sort("next_action_at", 1).limit(limit))


def change(
    alert: Row,
    name: str,
    now: datetime,
    fields: Mapping[str, Any],
    *,
    push: Mapping[str, Sequence[Any]] | None = None,
    channel: str | None = None,
    reason: str | None = None,
    unless_acknowledged: bool = True,
) -> Row | None:
    """Set `fields`, append `push`, raise the version and add `alert.<name>`, all in one update.

    Only if the alert is still as it was read: None otherwise, and the caller reads it again.
    """
    operators = operators_of(alert, name, now, fields, push=push, channel=channel, reason=reason)
    condition: dict[str, Any] = {"_id": alert["_id"], "version": alert["version"]}
    if unless_acknowledged:
        condition["acknowledged_at"] = None
    with store():
        return collections.alerts().find_one_and_update(condition, operators, return_document=ReturnDocument.AFTER)


def operators_of(
    alert: Row,
    name: str,
    now: datetime,
    fields: Mapping[str, Any],
    *,
    push: Mapping[str, Sequence[Any]] | None = None,
    channel: str | None = None,
    reason: str | None = None,
) -> dict[str, dict[str, Any]]:
    """The update operators of a change together with the event that tells of it."""
    after = {**alert, **fields, "version": alert["version"] + 1}
    event = telling.stored(telling.alert_event(name, after, now, channel=channel, reason=reason))
    appended = {key: {"$each": list(rows)} for key, rows in (push or {}).items()}
    return {
        "$set": dict(fields),
        "$inc": {"version": 1},
        "$push": {**appended, "outgoing": event},
    }


def acknowledge(alert: Row, token_sha256: str, now: datetime, *, next_action_at: datetime | None) -> Row | None:
    """Acknowledge by one contact's link: for this alert's agency alone, stopping what is pending for it.

    `alert` as it was read by its link, `next_action_at` when a step has to be there. Idempotent: the first one stays.
    Answers the alert as it is then, or None if the link is good for nothing any more.
    """
    current: Row | None = alert
    for _ in range(_TRIES):
        link = next((one for one in (current or {}).get("links", []) if one["token_sha256"] == token_sha256), None)
        if current is None or link is None or link.get("ended_at") or current["state"] == states.WITHDRAWN:
            return None
        if current.get("acknowledged_at") is not None:
            return current
        fields = {
            "state": states.ACKNOWLEDGED,
            "acknowledged_at": now,
            "acknowledged_by": link.get("person") or link["contact"],
            "acknowledged_agency": link["agency"],
            "acknowledged_contact": link["contact"],
            "next_action_at": next_action_at,
        }
        operators = operators_of(current, "acknowledged", now, fields)
        # What is being sent this moment is left to whoever sends it: its outcome is still worth knowing.
        operators["$set"].update(_settled("open", now))
        with store():
            done = collections.alerts().find_one_and_update(
                {"_id": current["_id"], "version": current["version"], "acknowledged_at": None},
                operators,
                array_filters=[{"open.state": {"$in": sorted(states.WAITING)}}],
                return_document=ReturnDocument.AFTER,
            )
        if done is not None:
            return done
        current = by_link(token_sha256)
    raise RuntimeError("an alert changed each time it was about to be acknowledged")


def withdraw(alert: Row, facts: Mapping[str, Any], reason: str, now: datetime) -> Row | None:
    """End all of it: its links, what is pending, its ladder. None if it changed since it was read."""
    fields = {"state": states.WITHDRAWN, "withdrawn_at": now, "next_action_at": None, "facts": facts}
    operators = operators_of(alert, "withdrawn", now, fields, reason=reason)
    operators["$set"].update(_settled("open", now))
    operators["$set"].update({"links.$[live].ended_at": now, "deliveries.$[unended].ended_at": now})
    return _changed(
        alert,
        operators,
        [{"open.state": {"$in": sorted(states.WAITING)}}, {"live.ended_at": None}, {"unended.ended_at": None}],
    )


def end_contacts(
    alert: Row, contacts: Collection[str], fields: Mapping[str, Any], now: datetime, *, lapse: str | None
) -> Row | None:
    """End the links of these contacts and what is pending for them, and set `fields`. None if it changed since.

    `lapse`: why the acknowledgement counts no more; then it is told that the alert is open again.
    """
    operators: dict[str, dict[str, Any]] = {"$set": dict(fields), "$inc": {"version": 1}}
    if lapse is not None:
        operators = lapsed(alert, now, fields, lapse)
    filters: list[dict[str, Any]] = []
    if contacts:
        theirs = {"$in": sorted(contacts)}
        operators["$set"].update(_settled("open", now))
        operators["$set"].update({"links.$[live].ended_at": now, "deliveries.$[unended].ended_at": now})
        filters = [
            {"open.contact": theirs, "open.state": {"$in": sorted(states.WAITING)}},
            {"live.contact": theirs, "live.ended_at": None},
            {"unended.contact": theirs, "unended.ended_at": None},
        ]
    return _changed(alert, operators, filters)


def lapsed(
    alert: Row,
    now: datetime,
    fields: Mapping[str, Any],
    why: str,
    *,
    name: str = "escalated",
    push: Mapping[str, Sequence[Any]] | None = None,
    reason: str | None = None,
) -> dict[str, dict[str, Any]]:
    """The operators by which an acknowledgement counts no more: the alert is open again, and says so."""
    lapse = {
        "at": now,
        "acknowledged_at": alert["acknowledged_at"],
        "contact": alert.get("acknowledged_contact"),
        "why": why,
    }
    cleared = {"acknowledged_at": None, "acknowledged_by": None, "acknowledged_contact": None}
    return operators_of(
        alert,
        name,
        now,
        {"state": states.ESCALATED, **fields, **cleared, "acknowledged_agency": None},
        push={**(push or {}), "lapses": [lapse]},
        reason=reason or why,
    )


def reopen(
    alert: Row, now: datetime, fields: Mapping[str, Any], push: Mapping[str, Sequence[Any]], reason: str
) -> bool:
    """Climb although somebody acknowledged: no step followed. False if the alert changed since it was read."""
    return _changed(alert, lapsed(alert, now, fields, NO_STEP, push=push, reason=reason), []) is not None


def exhaust(alert: Row, now: datetime, fields: Mapping[str, Any]) -> bool:
    """Nobody is left to tell; an acknowledgement that no step followed counts no more. False if it changed since."""
    if alert.get("acknowledged_at") is None:
        return change(alert, "exhausted", now, fields) is not None
    return _changed(alert, lapsed(alert, now, fields, NO_STEP, name="exhausted"), []) is not None


def rest(alert: Row, now: datetime | None = None) -> bool:
    """Nothing is due of this alert any more, and nobody needs to be told so. `now`: because it is over (`over_at`).

    False if it changed since it was read.
    """
    fields = {"next_action_at": None, **({"over_at": now} if now is not None else {})}
    operators = {"$set": fields, "$inc": {"version": 1}}
    return _changed(alert, operators, []) is not None


def _settled(name: str, now: datetime) -> dict[str, Any]:
    """Fields of deliveries that wait for nothing any more; `name` is the array filter's."""
    row = f"deliveries.$[{name}]"
    return {f"{row}.state": states.EXPIRED, f"{row}.next_at": None, f"{row}.updated_at": now}


def _changed(alert: Row, operators: Mapping[str, Any], filters: list[dict[str, Any]]) -> Row | None:
    with store():
        return collections.alerts().find_one_and_update(
            {"_id": alert["_id"], "version": alert["version"]},
            operators,
            array_filters=filters or None,
            return_document=ReturnDocument.AFTER,
        )


def hasten(alert_id: str, now: datetime) -> bool:
    """Climb now instead of waiting, if every delivery has failed for good: nobody can answer what nobody got."""
    alive = {"$elemMatch": {"state": {"$nin": [states.FAILED_PERMANENT, states.EXPIRED]}, "ended_at": None}}
    with store():
        result = collections.alerts().update_one(
            {
                "_id": alert_id,
                "acknowledged_at": None,
                "next_action_at": {"$gt": now},
                "deliveries": {"$not": alive},
            },
            {"$set": {"next_action_at": now}},
        )
    return result.modified_count == 1


def late(before: datetime, limit: int) -> list[Row]:
    """Alerts with something that should have been done before then: a climb, or a delivery."""
    with store():
        return list(collections.alerts().find(_late(before)).limit(limit))


def count_late(before: datetime) -> int:
    with store():
        return collections.alerts().count_documents(_late(before))


def count_open() -> int:
    """Alerts that somebody is asked by and nobody has answered, those that nobody is left to be told of among them."""
    exhausted = {"state": states.EXHAUSTED, "exhausted_at": {"$gt": _EVER}, "over_at": None}
    with store():
        return collections.alerts().count_documents(
            {
                "acknowledged_at": None,
                "drill": {"$ne": True},
                "$or": [{"next_action_at": {"$gt": _EVER}}, exhausted],
            }
        )


def count_waiting() -> int:
    """Alerts with a delivery that is not settled."""
    with store():
        return collections.alerts().count_documents({"deliveries": {"$elemMatch": {"next_at": {"$gt": _EVER}}}})


def _late(before: datetime) -> dict[str, Any]:
    return {
        "$or": [
            {"next_action_at": {"$lte": before}},
            {"deliveries": {"$elemMatch": {"next_at": {"$lte": before}}}},
        ]
    }
