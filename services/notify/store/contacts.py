"""Contacts as routing sees them, and the first load into an empty database."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from services.notify.contact_changes import Changes, compared
from services.notify.documents.connection import store
from services.notify.documents.contact import Contact as ContactDocument
from services.notify.store import collections
from shared.authority import Contact, normal_mailbox, normal_phone
from shared.failures import Permanent
from shared.settings import WrongSetting

_MARKER = "contacts.seed"


def everyone() -> tuple[Contact, ...]:
    """The contacts of every agency, in a stable order. Raises `DependencyDown`."""
    with store():
        return tuple(_contact(row) for row in collections.contacts().find().sort("_id", 1))


def load_seed(file: Path, now: datetime, *, again: bool = False) -> int:
    """Load the seed once in the life of a database; how many rows it has, or 0 if it was loaded before.

    `again` adds rows that are missing; one that exists is never changed, because people may have corrected it. Stopped
    halfway it goes on at the next start: the marker comes last. Raises `WrongSetting` for a file that can't be used.
    """
    with store():
        if collections.markers().find_one({"_id": _MARKER}) and not again:
            return 0
    content = _read(file)
    rows = _stored_rows(file, content)
    with store():
        for row in rows:
            fields = {name: value for name, value in row.items() if name != "_id"}
            collections.contacts().update_one({"_id": row["_id"]}, {"$setOnInsert": fields}, upsert=True)
        _mark(content, now)
    return len(rows)


def replace_all(file: Path, now: datetime, agencies: Collection[str], *, sure: bool) -> Changes:
    """What differs between the file and what is stored; with `sure` the file is what holds from now on.

    `agencies` are those of the directory. The worker sees it with its next alert, and tells the other services within
    seconds. Raises `WrongSetting` for a file that can't be used, also one that lists nobody.
    """
    content = _read(file)
    rows = _stored_rows(file, content)
    if not rows:
        raise WrongSetting(f"contacts file {file} lists nobody: then nobody could be told of anything")
    with store():
        changes = compared(collections.contacts().find(), rows, agencies)
        if not sure:
            return changes
        wanted = {row["_id"]: row for row in rows}
        # Those who go are last: a number that moves to another row is for a moment in both, never in none.
        for one in (*changes.added, *changes.changed):
            collections.contacts().replace_one({"_id": one}, dict(wanted[one]), upsert=True)
        collections.contacts().delete_many({"_id": {"$in": list(changes.removed)}})
        _mark(content, now)
    return changes


def _mark(content: bytes, now: datetime) -> None:
    marker = {"at": now, "sha256": hashlib.sha256(content).hexdigest()}
    collections.markers().update_one({"_id": _MARKER}, {"$set": marker}, upsert=True)


def _stored_rows(file: Path, content: bytes) -> list[dict[str, Any]]:
    rows = [_document(file, number, row).to_mongo().to_dict() for number, row in enumerate(_rows(file, content))]
    seen: set[str] = set()
    for number, row in enumerate(rows):
        if row["_id"] in seen:
            raise WrongSetting(f"contacts file {file}: contacts[{number}] has an id that is there already")
        seen.add(row["_id"])
    return rows


def _contact(row: Mapping[str, Any]) -> Contact:
    return Contact(
        id=row["_id"],
        agency=row["agency"],
        person=row.get("person"),
        phones=tuple(row.get("phones", ())),
        mailboxes=tuple(row.get("mailboxes", ())),
        name=row.get("name", ""),
        order=row.get("order", "first"),
        langs=tuple(row.get("langs", ("vi",))),
    )


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise WrongSetting(f"contacts file {file} cannot be read: {type(error).__name__}") from None


def _rows(file: Path, content: bytes) -> Sequence[Mapping[str, Any]]:
    try:
        found = yaml.safe_load(content.decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise WrongSetting(f"contacts file {file} is not readable YAML: {type(error).__name__}") from None
    rows = found.get("contacts") if isinstance(found, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise WrongSetting(f"contacts file {file} must have a list named contacts")
    return rows


def _document(file: Path, number: int, row: Mapping[str, Any]) -> ContactDocument:
    try:
        document = ContactDocument(
            id=str(row["id"]),
            agency=str(row["agency"]),
            person=str(row["person"]),
            name=str(row["name"]),
            phones=[normal_phone(str(phone)) for phone in row.get("phones") or []],
            mailboxes=[normal_mailbox(str(mailbox)) for mailbox in row.get("mailboxes") or []],
            order=str(row.get("order", "first")),
            langs=[str(lang) for lang in row.get("langs") or ["vi"]],
        )
        with store():
            document.validate()
    except KeyError as missing:
        raise WrongSetting(f"contacts file {file}: contacts[{number}] has no {missing}") from None
    except Permanent:
        # The reason quotes neither name nor number; the row's place is enough to put it right.
        raise WrongSetting(f"contacts file {file}: contacts[{number}] has a wrong number, mailbox or order") from None
    return document
