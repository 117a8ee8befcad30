"""The numbers of intake's events that were handled here, and the gaps between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from services.notify.documents.connection import store
from services.notify.gaps import Gap, updated
from services.notify.store import collections
from services.notify.store.collections import Row
from shared.sequences import missing, observe_all

_TRIES = 50


def observe(spool: str, seqs: Iterable[int], last_seq: int, now: datetime) -> None:
    """Note these numbers as handled and that the spool has given out `last_seq` (0: nothing said).

    Atomic against other workers: written only over the version that was read.
    """
    numbers = sorted(set(seqs))
    for _ in range(_TRIES):
        row = get(spool) or {"_id": spool, "intervals": [], "last_seq": 0, "version": 0, "gaps": []}
        intervals = observe_all(row["intervals"], numbers)
        last = max(row["last_seq"], last_seq, numbers[-1] if numbers else 0)
        if intervals == row["intervals"] and last == row["last_seq"] and row["version"]:
            return  # seen before: there is nothing to write
        fields = {
            "intervals": intervals,
            "last_seq": last,
            "seen_at": now,
            # The age of a gap begins when it is first known of.
            "gaps": [asdict(gap) for gap in updated(missing(intervals, last), gaps_of(row), now)],
        }
        if _written(row, fields):
            return
    raise RuntimeError("a spool changed each time a number was about to be noted")


def get(spool: str) -> Row | None:
    with store():
        return collections.spools().find_one({"_id": spool})


def everyone() -> list[Row]:
    with store():
        return list(collections.spools().find().sort("_id", 1))


def gaps_of(row: Row) -> list[Gap]:
    return [Gap(gap["low"], gap["high"], gap["since"], gap["told"]) for gap in row.get("gaps", [])]


def mark_told(row: Row, before: datetime) -> bool:
    """Mark the gaps older than `before` as told; False if the spool changed meanwhile."""
    marked = [asdict(gap) | {"told": gap.told or gap.since <= before} for gap in gaps_of(row)]
    return _written(row, {"gaps": marked})


def _written(row: Row, fields: Row) -> bool:
    version = row["version"]
    with store():
        if version == 0:
            try:
                collections.spools().insert_one({"_id": row["_id"], **fields, "version": 1})
            except DuplicateKeyError:
                return False
            return True
        result = collections.spools().update_one(
            {"_id": row["_id"], "version": version}, {"$set": fields, "$inc": {"version": 1}}
        )
    return result.modified_count == 1
