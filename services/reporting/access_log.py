"""The access log: who looked at what and why, each row bound to the one before it by a hash.

A row that was changed, taken out or slipped in breaks the chain at its place; that the end was cut off or everything
was written anew is seen by the heads that left the house with every published report and with a daily mail.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.reporting.documents import Store, notices, snapshots, translated
from services.reporting.documents import access_log as documents
from services.reporting.telling import noted, stored
from shared.calendar import whole_milliseconds
from shared.failures import Temporary

TOPIC = "ACCESS_LOG_HEAD"
# Who is no account: commands about accounts, and commands about keys and backups. No account may be called so.
CONSOLE, OPERATOR = "console", "operator"
START = "0" * 64
LONGEST_NOTE = 500
_TRIES = 200
_HASHED = ("at", "account", "role", "unit", "action", "incident", "case", "part", "reason", "note", "previous")
_SEALED = re.compile(r"sealed ([0-9a-f]{32}) ([0-9a-f]{64})")
# Of one process: its threads would otherwise take numbers from each other. Between processes the number itself decides.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Broken:
    """The first row that does not fit; `what` is a sentence."""

    number: int
    what: str


@dataclass(frozen=True)
class Head:
    """How many rows there are, and the hash of the last. `str` of it is what leaves the house."""

    count: int
    hash: str

    def __str__(self) -> str:
        return f"{self.count} {self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Raises `ValueError`."""
        count, _, found = text.strip().partition(" ")
        if len(found) != len(START) or set(found) - set("0123456789abcdef"):
            raise ValueError("a head is a number and 64 hex digits")
        return cls(int(count), found)


def append(
    store: Store,
    *,
    at: datetime,
    account: str,
    role: str,
    unit: str,
    action: str,
    incident: str | None = None,
    case: str | None = None,
    part: str | None = None,
    reason: str | None = None,
    note: str | None = None,
) -> int:
    """Write one row and return its number once it is durable. Show what it is about only after that.

    Raises `DependencyDown` or `Temporary`: whether the row is there is not known then.
    """
    row: dict[str, Any] = {
        "at": whole_milliseconds(at.astimezone(UTC)),
        "account": account,
        "role": role,
        "unit": unit,
        "action": action,
        "incident": incident,
        "case": case,
        "part": part,
        "reason": reason,
        "note": note[:LONGEST_NOTE] if note else None,
    }
    with _one_at_a_time, translated():
        for _ in range(_TRIES):
            newest = documents.last(store.access_log)
            row["_id"] = newest["_id"] + 1 if newest else 1
            row["previous"] = newest["hash"] if newest else START
            row["hash"] = hash_of(row)
            if documents.insert(store.access_log, row):
                return int(row["_id"])
    raise Temporary("rows of the access log are written faster than they can be chained")


def hash_of(row: Mapping[str, Any]) -> str:
    content = {name: row.get(name) for name in _HASHED}
    content |= {"number": row["_id"], "at": row["at"].astimezone(UTC).isoformat(timespec="milliseconds")}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def sealed(token: str, digest: str) -> str:
    """As the note of a row: the text itself is sealed with its case, and can be erased with it."""
    return f"sealed {token} {digest}"


def sealed_in(note: str | None) -> tuple[str, str] | None:
    """Token and SHA-256 of a sealed note; None of any other."""
    found = _SEALED.fullmatch(note or "")
    return None if found is None else (found[1], found[2])


def head(store: Store) -> Head:
    """Raises `DependencyDown`."""
    with translated():
        newest = documents.last(store.access_log)
    return Head(newest["_id"], newest["hash"]) if newest else Head(0, START)


def tell_head(store: Store, now: datetime) -> bool:
    """Have the operator told how far the log is, once a day. False where there is nothing to tell.

    Raises `DependencyDown`.
    """
    newest = head(store)
    if not newest.count:
        return False
    event = stored(noted(TOPIC, now.date().isoformat(), str(newest), now))
    with translated():
        return notices.put(store.operator_notices, event)


def heads_told(store: Store) -> list[Head]:
    """Those that left the house, with a report or by mail, as far as they are still kept here.

    Raises `DependencyDown`.
    """
    with translated():
        found = [*snapshots.heads_of_the_log(store.snapshots), *notices.details(store.operator_notices, TOPIC)]
    return [Head.parse(text) for text in found]


def verify(store: Store, heads: Iterable[Head] = ()) -> Head | Broken:
    """Read every row; `heads` are earlier ones that must be on the chain. Raises `DependencyDown`."""
    with translated():
        return checked(documents.rows(store.access_log), heads)


def checked(rows: Iterator[Mapping[str, Any]], heads: Iterable[Head]) -> Head | Broken:
    """The head of these rows, or the first that is broken (pure)."""
    known: dict[int, set[str]] = {}
    for one in heads:
        known.setdefault(one.count, set()).add(one.hash)
    number, previous = 0, START
    for row in rows:
        number += 1
        if row["_id"] != number:
            return Broken(number, f"row {number} is missing: the next one has the number {row['_id']}")
        if row.get("previous") != previous:
            return Broken(number, f"row {number} does not follow the row before it")
        if row.get("hash") != hash_of(row):
            return Broken(number, f"row {number} was changed after it was written")
        previous = row["hash"]
        if known.pop(number, {previous}) != {previous}:
            return Broken(number, f"row {number} is not the one whose hash was sent out: the log was written anew")
    known.pop(0, None)
    if known:
        return Broken(
            number + 1, f"row {number + 1} is missing: the log had {max(known)} rows when a head was sent out"
        )
    return Head(number, previous)
