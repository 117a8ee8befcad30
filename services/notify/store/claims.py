"""Deliveries are claimed before the call and recorded after it, so that two dispatchers never send one twice.

A claim is one update that takes every due delivery of a document on one channel: it sets *sending*, a lease and a new
generation, and notes the attempt. Whoever comes second finds nothing due. A claim without a record (the process died)
becomes due again when the lease ends; its attempt has no outcome, which is how *unknown* is told from *refused*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument, UpdateOne

from services.notify import states
from services.notify.documents.connection import store
from services.notify.store.collections import Row, Rows

# Longer than the slowest call and the wait for a free thread before it; short enough to repeat an urgent message soon.
LEASE = timedelta(seconds=40)


@dataclass(frozen=True)
class Held:
    """One claimed delivery, ours until `lease_ends`.

    `doubtful` counts earlier attempts that may have arrived, `failures` those that were refused.
    """

    id: str
    contact: str
    channel: str
    to: str
    generation: int
    claim: str
    doubtful: int
    failures: int
    expires_at: datetime
    lease_ends: datetime

    @property
    def claimed_at(self) -> datetime:
        return self.lease_ends - LEASE


@dataclass(frozen=True)
class Claimed:
    """`document` as it was after the claim; `held` are the deliveries that are ours now."""

    document: Row
    held: tuple[Held, ...]


@dataclass(frozen=True)
class Finished:
    """What became of a claimed delivery: `changes` of its fields, `attempt` of the attempt's."""

    document_id: str
    held: Held
    changes: Mapping[str, Any]
    attempt: Mapping[str, Any]


def due(rows: Rows, channel: str, now: datetime, limit: int) -> list[str]:
    """Ids of documents with a delivery on this channel that somebody has to look at."""
    waiting = {"next_at": {"$lte": now}, "channel": channel}
    with store():
        found = rows.find({"deliveries": {"$elemMatch": waiting}}, {"_id": 1}).limit(limit)
        return [row["_id"] for row in found]


def claim(rows: Rows, document_id: str, channel: str, name: str, now: datetime) -> Claimed | None:
    """Take every due delivery of the document on this channel, or None if there is none. `name` is new each time."""
    with store():
        document = rows.find_one_and_update(
            {"_id": document_id, "deliveries": {"$elemMatch": {"next_at": {"$lte": now}, "channel": channel}}},
            {
                "$set": {
                    "deliveries.$[row].state": states.SENDING,
                    "deliveries.$[row].claim": name,
                    "deliveries.$[row].next_at": now + LEASE,
                    "deliveries.$[row].updated_at": now,
                },
                "$inc": {"deliveries.$[row].generation": 1},
                "$push": {"deliveries.$[row].attempts": {"claim": name, "started_at": now}},
            },
            array_filters=[{"row.next_at": {"$lte": now}, "row.channel": channel}],
            return_document=ReturnDocument.AFTER,
        )
    if document is None:
        return None
    return Claimed(document, tuple(_held(row) for row in document["deliveries"] if row.get("claim") == name))


def read(rows: Rows, document_id: str) -> Row | None:
    with store():
        return rows.find_one({"_id": document_id})


def record(
    rows: Rows,
    document_id: str,
    held: Held,
    changes: Mapping[str, Any],
    attempt: Mapping[str, Any],
    *,
    where: Mapping[str, Any] | None = None,
    also: Mapping[str, Mapping[str, Any]] | None = None,
) -> bool:
    """Write what became of a claimed delivery: `changes` of its fields, `attempt` of the attempt's.

    `also` are further operators on the document (its state, an event) under the further condition `where`. False if the
    claim is not ours any more or `where` does not hold: nothing was written.
    """
    operators: dict[str, dict[str, Any]] = {name: dict(fields) for name, fields in (also or {}).items()}
    written = operators.setdefault("$set", {})
    written.update({f"deliveries.$[row].{name}": value for name, value in changes.items()})
    written.update({f"deliveries.$[row].attempts.$[try].{name}": value for name, value in attempt.items()})
    mine = {"id": held.id, "generation": held.generation}
    with store():
        result = rows.update_one(
            {"_id": document_id, "deliveries": {"$elemMatch": mine}, **(where or {})},
            operators,
            array_filters=[
                {"row.id": held.id, "row.generation": held.generation},
                {"try.claim": held.claim},
            ],
        )
    return result.matched_count == 1


def record_all(rows: Rows, finished: Sequence[Finished]) -> int:
    """Write outcomes that change nothing but their own deliveries, in one round trip, each document once.

    How many documents of these had none left that was ours. A delivery that is not ours any more stays as it is.
    """
    groups: dict[tuple[str, str], list[Finished]] = {}
    for one in finished:
        groups.setdefault((one.document_id, one.held.claim), []).append(one)
    updates = [_together(document_id, claim, group) for (document_id, claim), group in groups.items()]
    with store():
        return len(updates) - rows.bulk_write(updates, ordered=False).modified_count


def _together(document_id: str, claim: str, group: Sequence[Finished]) -> UpdateOne:
    written: dict[str, Any] = {}
    filters: list[Mapping[str, Any]] = [{"try.claim": claim}]
    for number, one in enumerate(group):
        row = f"row{number}"
        written.update({f"deliveries.$[{row}].{name}": value for name, value in one.changes.items()})
        written.update({f"deliveries.$[{row}].attempts.$[try].{name}": value for name, value in one.attempt.items()})
        filters.append({f"{row}.id": one.held.id, f"{row}.generation": one.held.generation})
    return UpdateOne({"_id": document_id}, {"$set": written}, array_filters=filters)


def _held(row: Row) -> Held:
    attempts: Sequence[Mapping[str, Any]] = row.get("attempts", [])
    earlier = [attempt.get("outcome") for attempt in attempts[:-1]]
    return Held(
        id=row["id"],
        contact=row["contact"],
        channel=row["channel"],
        to=row["to"],
        generation=row["generation"],
        claim=row["claim"],
        doubtful=sum(1 for outcome in earlier if outcome in {None, states.UNKNOWN}),
        failures=row.get("failures", 0),
        expires_at=row["expires_at"],
        lease_ends=row["next_at"],
    )
