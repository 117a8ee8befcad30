"""Two files: data, of which one keeps as many as one likes, and keys, of which only the newest may exist.

What is sealed is in the data, what opens it in the keys. So an erasure is final as soon as the keys file is replaced:
no older copy of the data can be opened with the newer keys. Who may sign in and who looked at what are with the keys
for the same reason: older data bring nobody back who has left, and lose no row of the access log. And so is who must
not know of a case: what was told of that is a fact, and in the keys too, so that older data let nobody back in.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pymongo import ReturnDocument
from pyrage import x25519

from services.reporting import access_log
from services.reporting.documents import Store, case_keys, facts, translated
from services.reporting.keys import bundle
from services.reporting.keys.keyring import Keyring
from shared import sealing

FORM = 2
KEYS_FILE = "keys.age"
SERIAL = "backup serial"
CASE_KEYS = "case_keys"
EXCLUSION = "exclusion"
# What is true only of the machine that ran: signs of life, who typed a wrong code just now, and codes that were handed
# out: whoever holds one must not set a password with it after a restore. And who sits where, which notify tells anew
# when it starts: by an old list somebody would be taken for who he was.
FLEETING = frozenset({"heartbeats", "throttles", "enrolments", "rosters"})
# True only in its newest version. The log last: it then has whatever was done to the others.
NEWEST_ONLY = ("accounts", "delegations", "staff_sessions", "access_log")
_ERASED_AT_ONCE = 10_000


@dataclass(frozen=True)
class Places:
    """What is outside the database: `letters` are the large dead letters (with the data), the rest goes to the keys.

    `others`: further secrets without which restored documents are of no use, by name.
    """

    keyring: Keyring
    private_dir: Path
    letters: Path
    others: Mapping[str, Path]


@dataclass(frozen=True)
class Made:
    serial: int
    data: Path | None
    keys: Path
    records: int


def backup(
    store: Store, folder: Path, recipient: x25519.Recipient, places: Places, now: datetime, *, keys_only: bool = False
) -> Made:
    """Write both files; the keys last, so that they have everything that the data need. Raises `DependencyDown`.

    Every file has a number. Keys with a lower number than the data are refused when something is restored.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder), translated():
        serial = _next_serial(store)
        data, records = None, 0
        if not keys_only:
            data = folder / f"data-{serial:06d}.age"
            records = bundle.write(data, recipient, _data(store, places, serial, now))
        keys = folder / KEYS_FILE
        bundle.write(keys, recipient, _keys(store, places, serial, now))
    return Made(serial, data, keys, records)


def _data(store: Store, places: Places, serial: int, now: datetime) -> Iterator[dict[str, Any]]:
    head = {"kind": "head", "what": "data", "form": FORM, "serial": serial, "made_at": now}
    yield head | {"access_log": str(access_log.head(store))}
    erased = sorted(case_keys.erased(store.case_keys))
    for start in range(0, len(erased), _ERASED_AT_ONCE):
        yield {"kind": "erased", "cases": erased[start : start + _ERASED_AT_ONCE]}
    for name in _in_order(store):
        yield from _documents(store, name)
    for path in sorted(places.letters.glob("*.json")):
        yield {"kind": "file", "what": "dead-letter", "name": path.name, "content": path.read_bytes()}


def _documents(store: Store, name: str) -> Iterator[dict[str, Any]]:
    # In the order of the ids: what is appended meanwhile is missing at the end, never in the middle.
    for document in store.database[name].with_options(codec_options=bundle.RAW).find().sort("_id", 1):
        yield {"kind": "document", "collection": name, "document": document}


def _in_order(store: Store) -> list[str]:
    """Facts first: the parts of each fact in here are stored by then."""
    names = set(store.database.list_collection_names()) - FLEETING - {CASE_KEYS, *NEWEST_ONLY}
    found = [name for name in names if not name.startswith("system.")]
    return sorted(found, key=lambda name: (name != store.facts.name, name))


def _keys(store: Store, places: Places, serial: int, now: datetime) -> Iterator[dict[str, Any]]:
    yield {"kind": "head", "what": "keys", "form": FORM, "serial": serial, "made_at": now}
    yield {"kind": "file", "what": "case-key", "name": "case-key", "content": places.keyring.secret()}
    for file in sealing.private_files(places.private_dir):
        yield {"kind": "file", "what": "sealing-private", "name": file.path.name, "content": file.path.read_bytes()}
    for name, path in places.others.items():
        yield {"kind": "file", "what": "secret", "name": name, "content": path.read_bytes()}
    for document in case_keys.every(store.case_keys):
        yield {"kind": "document", "collection": CASE_KEYS, "document": document}
    for document in facts.of_exclusions(store.facts):
        yield {"kind": EXCLUSION, "document": document}
    for name in NEWEST_ONLY:
        yield from _documents(store, name)


def _next_serial(store: Store) -> int:
    found = store.state.find_one_and_update(
        {"_id": SERIAL}, {"$inc": {"number": 1}}, upsert=True, return_document=ReturnDocument.AFTER
    )
    return int(found["number"]) if found is not None else 1


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """An older keys file must not be written over a newer one by a slower command."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)
