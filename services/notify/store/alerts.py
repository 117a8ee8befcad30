"""Alerts: stored once, changed by one conditional update each, and every change carries its own event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError

from services.notify import states, telling
from services.notify.documents.alert import Alert
from services.notify.documents.connection import store
from services.notify.store import collections
from services.notify.store.collections import Row

_TRIES = 20
_DUPLICATE = 11000


def insert(documents: Sequence[Mapping[str, Any]]) -> int:
    """Store alerts, each with its deliveries and its event, in one round trip; how many were new.

    One that was there is left as it is, and that says nothing about what came after it: the caller goes on with every
    later step all the same. Raises `DependencyDown`, or `Permanent` for a document that is no alert.
    """
    upserts = []
    with store():
        for document in documents:
            fields = dict(document)
            identity = fields.pop("_id")
            Alert(id=identity, **fields).validate()
            upserts.append(UpdateOne({"_id": identity}, {"$setOnInsert": fields}, upsert=True))
        if not upserts:
            return 0
        try:
            return collections.alerts().bulk_write(upserts, ordered=False).upserted_count
        except BulkWriteError as error:
            # Two workers at the same moment: the other one stored it. Its text quotes documents and goes nowhere.
            failures = error.details.get("writeErrors", [])
            if not failures or any(failure.get("code") != _DUPLICATE for failure in failures):
                raise
            return int(error.details.get("nUpserted", 0))


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


def due(now: datetime, limit: int) -> list[Row]:
    """Alerts that nobody acknowledged in time, the longest waiting first."""
    with store():
        found = collections.alerts().find({"next_action_at": {"$lte": now}})
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


def acknowledge(token_sha256: str, now: datetime) -> Row | None:
    """Acknowledge by one contact's link: for this alert's agency alone, stopping what is pending for it.

    Idempotent: the first one stays. Answers the alert as it is then, or None if nobody has such a link.
    """
    for _ in range(_TRIES):
        alert = by_link(token_sha256)
        if alert is None or alert.get("acknowledged_at") is not None:
            return alert
        link = next(link for link in alert["links"] if link["token_sha256"] == token_sha256)
        fields = {
            "state": states.ACKNOWLEDGED,
            "acknowledged_at": now,
            "acknowledged_by": link.get("person") or link["contact"],
            "acknowledged_agency": link["agency"],
            "next_action_at": None,
        }
        operators = operators_of(alert, "acknowledged", now, fields)
        # What is being sent this moment is left to whoever sends it: its outcome is still worth knowing.
        operators["$set"].update(
            {
                "deliveries.$[open].state": states.EXPIRED,
                "deliveries.$[open].next_at": None,
                "deliveries.$[open].updated_at": now,
            }
        )
        waiting = [states.PENDING, states.UNKNOWN, states.FAILED_TEMPORARY]
        with store():
            done = collections.alerts().find_one_and_update(
                {"_id": alert["_id"], "version": alert["version"], "acknowledged_at": None},
                operators,
                array_filters=[{"open.state": {"$in": waiting}}],
                return_document=ReturnDocument.AFTER,
            )
        if done is not None:
            return done
    raise RuntimeError("an alert changed each time it was about to be acknowledged")


def hasten(alert_id: str, now: datetime) -> bool:
    """Climb now instead of waiting, if every delivery has failed for good: nobody can answer what nobody got."""
    alive = {"$elemMatch": {"state": {"$nin": [states.FAILED_PERMANENT, states.EXPIRED]}}}
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
        found = collections.alerts().find(
            {
                "$or": [
                    {"next_action_at": {"$lte": before}},
                    {"deliveries": {"$elemMatch": {"next_at": {"$lte": before}}}},
                ]
            }
        )
        return list(found.limit(limit))
