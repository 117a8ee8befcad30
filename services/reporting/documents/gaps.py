"""Which numbers of each spool arrived: what is missing between them is a report that got lost on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from services.reporting.documents.store import Documents
from shared.events import Event
from shared.failures import Temporary
from shared.sequences import missing, observe_all

TALLY = "intake.tally"
_TRIES = 50


def observe(gaps: Documents, events: Iterable[Event], now: datetime) -> None:
    """Take note of every delivery, duplicates included: their numbers differ where two replicas accepted one report."""
    seqs: dict[str, set[int]] = {}
    lasts: dict[str, int] = {}
    for event in events:
        if event.spool is None:
            continue
        numbers = seqs.setdefault(event.spool, set())
        if event.seq is not None:
            numbers.add(event.seq)
        if event.name == TALLY:
            lasts[event.spool] = max(lasts.get(event.spool, 0), int(event.data["last_seq"]))
    for spool, numbers in seqs.items():
        _add(gaps, spool, numbers, lasts.get(spool, 0), now)


def _add(gaps: Documents, spool: str, numbers: Iterable[int], last: int, now: datetime) -> None:
    for _ in range(_TRIES):
        known = gaps.find_one({"_id": spool}) or {"seen": [], "last": 0, "version": 0}
        changed = {
            "seen": observe_all(known["seen"], numbers),
            "last": max(known["last"], last),
            "version": known["version"] + 1,
            "updated_at": now,
        }
        try:
            gaps.replace_one({"_id": spool, "version": known["version"]}, changed, upsert=True)
        except DuplicateKeyError:
            continue  # another projector wrote in between: read again
        return
    raise Temporary("the numbers of a spool change faster than they can be written")


def state(document: Mapping[str, Any]) -> dict[str, Any]:
    """`accepted`: the highest number known; `stored`: how many arrived; `gaps`: closed intervals of the missing."""
    seen = document["seen"]
    holes = missing(seen, document["last"])
    return {
        "spool": document["_id"],
        "accepted": max(document["last"], seen[-1][1] if seen else 0),
        "stored": sum(high - low + 1 for low, high in seen),
        "gaps": holes,
        "missing": sum(high - low + 1 for low, high in holes),
        "updated_at": document["updated_at"],
    }


def states(gaps: Documents) -> list[dict[str, Any]]:
    return [state(document) for document in gaps.find().sort("_id", 1)]
