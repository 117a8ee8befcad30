"""Any data file with the newest keys file, into a database that has no facts yet.

Both files are read to their ends before the first document is written. What the keys call erased is left out of the
data, and what a case's key is wrapped under becomes this installation's own key: no secret here is replaced by it. Who
has an account is what the keys say; every session of the time before is over, and the access log says what was done.
Who sits where is in neither: nobody sees a case before notify has told it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pyrage import x25519

from services.reporting.access_log import OPERATOR, append, head
from services.reporting.documents import Store, facts, translated
from services.reporting.keys import bundle
from services.reporting.keys.backup import CASE_KEYS, EXCLUSION, FLEETING, FORM, NEWEST_ONLY, SERIAL, Places
from services.reporting.keys.erasing import strip_again
from services.reporting.keys.keyring import Keyring, Unopened
from services.reporting.keys.refusal import Refused
from shared import sealing

_AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
_AT_ONCE, _BYTES_AT_ONCE = 1000, 8 * 1024 * 1024
AUDITOR = "auditor"
_WORDS = {"keys": "khóa", "data": "dữ liệu"}
# Documents that a service writes by being started, and that stand in no one's way.
_OWN = FLEETING | {"state"}


@dataclass
class _Seen:
    """What one reading of a file gathers."""

    head: dict[str, Any] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    files: list[dict[str, Any]] = field(default_factory=list)
    exclusions: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Restored:
    """`replaced`: secrets of this machine that were put aside for those that the documents need."""

    made_at: datetime
    documents: int
    erased: int
    replaced: tuple[str, ...]


def restore(
    store: Store,
    data: Path,
    keys: Path,
    identity: x25519.Identity,
    places: Places,
    at: datetime,
    tell: Callable[[str, int], None] = lambda _, __: None,
) -> Restored:
    """Load everything; cases and numbers have to be rebuilt afterwards. Raises `Refused` or `DependencyDown`."""
    found_keys, found_data = _read(keys, identity, "keys"), _read(data, identity, "data")
    _refuse_older(data, found_data, keys, found_keys)
    with translated():
        _refuse_occupied(store)
        store.ensure_indexes()
        # What a worker wrote by being started once: in the way of what the data have by the same ids.
        store.state.delete_many({})
        former = _former(found_keys)
        _put_files(places, [*found_keys.files, *found_data.files])
        _load(store, keys, identity, lambda name, document: _renewed(name, document, former, places.keyring, at))
        count = _load(store, data, identity, lambda name, document: _allowed(name, document, found_keys.erased))
        # Whoever was kept out after the data were written stays out.
        facts.put_missing(store.facts, found_keys.exclusions)
        tell("documents", count)
        for case in sorted(found_keys.erased):
            strip_again(store, case, letters=places.letters)
        serial = max(int(found_keys.head["serial"]), int(found_data.head["serial"]))
        store.state.update_one({"_id": SERIAL}, {"$set": {"number": serial}}, upsert=True)
    _log(store, found_data.head, found_keys.head, at)
    replaced = _put_back(found_keys.files, places.others)
    return Restored(found_data.head["made_at"], count, len(found_keys.erased), replaced)


def _read(path: Path, identity: x25519.Identity, what: str) -> _Seen:
    """The whole file, and what has to be known before anything is written."""
    seen = _Seen()

    def take(record: RawBSONDocument) -> None:
        kind = record["kind"]
        if kind == "document":
            if record["collection"] == CASE_KEYS:
                _key_seen(seen, record["document"])
            return
        known = bson.decode(record.raw, _AWARE)
        if kind == "head":
            seen.head = known
        elif kind == "erased":
            seen.erased.update(known["cases"])
        elif kind == "file":
            seen.files.append(known)
        elif kind == EXCLUSION:
            seen.exclusions.append(known["document"])

    bundle.read(path, identity, take)
    if seen.head.get("what") != what:
        raise Refused(
            f"{path.name} không phải là tệp {_WORDS[what]} của bản sao lưu. Xem lại tên hai tệp.",
            f"{path.name} is not the {what} file of a backup. Look at the two names again.",
        )
    if what == "keys" and seen.head["form"] < FORM:
        raise Refused(
            f"{path.name} do một phiên bản cũ ghi và chưa có tài khoản, nhật ký. Hãy phục hồi bằng phiên bản đó.",
            f"{path.name} was written by an older version, without accounts and access log. Restore with that one.",
        )
    if seen.head["form"] > FORM:
        raise Refused(
            f"{path.name} do một phiên bản mới hơn ghi. Hãy cài phiên bản đó rồi phục hồi.",
            f"{path.name} was written by a newer version. Install that one, then restore.",
        )
    return seen


def _key_seen(seen: _Seen, document: RawBSONDocument) -> None:
    if "erased_at" in document:
        seen.erased.add(document["_id"])
    if "wrapped" in document:
        try:
            _former(seen).unwrap(document)
        except (Unopened, StopIteration):
            raise Refused(
                "Tệp khóa không khớp với chính nó: khóa của một trường hợp không mở được. Hãy dùng bản sao khác.",
                "The keys file contradicts itself: the key of a case does not open. Use another copy of it.",
            ) from None


def _former(seen: _Seen) -> Keyring:
    """What the keys of the cases were wrapped under where the backup was made."""
    return Keyring(next(file["content"] for file in seen.files if file["what"] == "case-key"))


def _refuse_older(data: Path, in_data: _Seen, keys: Path, in_keys: _Seen) -> None:
    """Older keys would open what was erased after them, and could not open what was told after them."""
    serial = int(in_keys.head["serial"])
    newest = max([int(in_data.head["serial"]), *(_serial_of(file) for file in (*_siblings(data), *_siblings(keys)))])
    if serial < newest or not in_data.erased <= in_keys.erased:
        day = in_keys.head["made_at"].date().isoformat()
        raise Refused(
            f"{keys.name} (số {serial}, ngày {day}) cũ hơn dữ liệu (số {newest}) và thiếu các lần xóa sau đó. "
            "Hãy dùng tệp khóa mới nhất; các tệp khóa cũ phải hủy.",
            f"{keys.name} (no. {serial}, {day}) is older than the data (no. {newest}) and lacks later erasures. "
            "Use the newest keys file; destroy older ones.",
        )


def _siblings(path: Path) -> list[Path]:
    return list(path.parent.glob("data-*.age"))


def _serial_of(file: Path) -> int:
    digits = file.stem.removeprefix("data-")
    return int(digits) if digits.isdecimal() else 0


def _refuse_occupied(store: Store) -> None:
    names = sorted(set(store.database.list_collection_names()) - _OWN)
    occupied = [
        name for name in names if not name.startswith("system.") and store.database[name].find_one({}, {"_id": 1})
    ]
    if occupied:
        listed = ", ".join(occupied)
        raise Refused(
            f"Cơ sở dữ liệu {store.database.name} không trống ({listed}). Phục hồi chỉ ghi vào cơ sở dữ liệu trống: "
            "dừng các dịch vụ, đặt MONGO_DATABASE thành một tên mới rồi chạy lại.",
            f"The database {store.database.name} is not empty ({listed}). Stop the services, set MONGO_DATABASE to a "
            "new name and run this again: nothing is ever written over.",
        )


def _load(
    store: Store,
    path: Path,
    identity: x25519.Identity,
    change: Callable[[str, RawBSONDocument], Mapping[str, Any] | None],
) -> int:
    """Insert what `change` gives of each document. Returns how many."""
    count, size = 0, 0
    waiting: list[Mapping[str, Any]] = []
    into = ""

    def flush() -> None:
        nonlocal size
        if waiting:
            store.database[into].with_options(codec_options=bundle.RAW).insert_many(list(waiting), ordered=False)
        waiting.clear()
        size = 0

    def take(record: RawBSONDocument) -> None:
        nonlocal count, size, into
        if record["kind"] != "document":
            return
        name, document = record["collection"], record["document"]
        if name != into or len(waiting) >= _AT_ONCE or size >= _BYTES_AT_ONCE:
            flush()
            into = name
        changed = change(name, document)
        if changed is not None:
            waiting.append(changed)
            size += len(document.raw)
            count += 1

    bundle.read(path, identity, take)
    flush()
    return count


def _allowed(name: str, document: RawBSONDocument, erased: set[str]) -> RawBSONDocument | None:
    if name in NEWEST_ONLY or name in FLEETING:
        return None  # data of an older version have them
    if name == "sealed_parts" and document["case_id"] in erased:
        return None
    # The number of the next backup goes on from the newest of both files.
    return None if name == "state" and document["_id"] == SERIAL else document


def _renewed(
    name: str, document: RawBSONDocument, former: Keyring, keyring: Keyring, at: datetime
) -> Mapping[str, Any] | None:
    """A case's key under the key of this installation; of people all but their sessions."""
    if name == CASE_KEYS and "wrapped" in document:
        known = bson.decode(document.raw, _AWARE)
        return {**known, "wrapped": keyring.wrap(former.unwrap(known)), "under": keyring.id}
    if name == "accounts":
        known = bson.decode(document.raw, _AWARE)
        return {**known, "generation": int(known.get("generation") or 0) + 1}
    if name == "staff_sessions":
        known = bson.decode(document.raw, _AWARE)
        return {**known, "ended_at": known.get("ended_at") or at}
    return document


def _log(store: Store, in_data: Mapping[str, Any], in_keys: Mapping[str, Any], at: datetime) -> None:
    """One row for each unit that has an auditor: how far the log was in each of the two files.

    A mail with a later head shows that rows were lost between the keys file and the restore, and how many.
    """
    heads = f"data {in_data['serial']}: {in_data.get('access_log', '-')}; keys {in_keys['serial']}: {head(store)}"
    with translated():
        units = sorted(filter(None, store.accounts.distinct("unit", {"role": AUDITOR})))
    for unit in units or ["-"]:
        append(store, at=at, account=OPERATOR, role=OPERATOR, unit=unit, action="RESTORED", note=heads)


def _put_files(places: Places, files: list[dict[str, Any]]) -> None:
    folders = {"sealing-private": places.private_dir, "dead-letter": places.letters}
    for file in files:
        if file["what"] in folders:
            sealing.keep_private(folders[file["what"]], file["name"], file["content"])


def _put_back(files: list[dict[str, Any]], others: Mapping[str, Path]) -> tuple[str, ...]:
    """Secrets that restored documents were made with. What was here before stays beside them."""
    replaced = []
    for file in files:
        path = others.get(file["name"]) if file["what"] == "secret" else None
        if path is None or (path.exists() and path.read_bytes() == file["content"]):
            continue
        if path.exists():
            sealing.keep_private(path.parent, f"{path.name}.before-restore", path.read_bytes())
        sealing.keep_private(path.parent, path.name, file["content"])
        replaced.append(file["name"])
    return tuple(replaced)
