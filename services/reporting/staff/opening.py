"""Opens a sealed part for a person: first the reason, then a durable row in the access log, then what was asked for.

The form is answered with an address that shows the part once. So the telephone's way back leads past a page that was
read, and not to a form that asks to be sent again.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from services.reporting import access_log
from services.reporting.documents import Store, facts, openings, translated
from services.reporting.keys import Keyring, NotSealed, Unopened, names, open_part
from services.reporting.keys.notes import seal_note
from services.reporting.keys.parts import source_of
from services.reporting.staff.guard import Forbidden
from services.reporting.staff.part_view import Line, Section, sections_of
from services.reporting.staff.sight import STEP_PART, Sight
from shared import logs
from shared.authority.table import CHILD, PARTS, REPORTER
from shared.directory import Code, Directory

OPENED, SEARCHED, FOUND = "case.open", "case.search", "case.found"
OTHER, CONTACT_REPORTER = "OTHER", "CONTACT_REPORTER"
_LONGEST_NOTE = 300
_SHOWN_WITHIN = timedelta(minutes=2)
_LAST = datetime.max.replace(tzinfo=UTC)

log_ = logs.get(__name__)


class WrongReason(Exception):
    """No reason, or one that says nothing. `sentence` is for the person who was asked."""

    def __init__(self, sentence: str) -> None:
        super().__init__("no usable reason")
        self.sentence = sentence


@dataclass(frozen=True)
class Reason:
    code: str
    note: str | None


def reasons(directory: Directory, at: datetime, part: str = CHILD) -> list[Code]:
    """In the directory's order, so the usual ones come first; for a reporter's identity the one made for it."""
    found = directory.codes_in_force("open_reasons", at)
    return sorted(found, key=lambda code: (code.code == CONTACT_REPORTER) is not (part == REPORTER))


def reason_of(form: Mapping[str, str], directory: Directory, at: datetime) -> Reason:
    """Raises `WrongReason`."""
    code, note = form.get("reason", ""), " ".join(form.get("note", "").split())[:_LONGEST_NOTE]
    if code not in {one.code for one in reasons(directory, at)}:
        raise WrongReason("Xin chọn một lý do.")
    if code == OTHER and not note:
        raise WrongReason("Xin ghi lý do vào ô ghi thêm.")
    return Reason(code, note or None)


def is_part(part: str) -> bool:
    return part in PARTS or part.startswith(STEP_PART)


def opened_by(
    store: Store, keyring: Keyring, case: Mapping[str, Any], part: str, reason: Reason, sight: Sight, session: str
) -> str:
    """The access log has its one row when this returns; the key with which whoever asked is shown the part once.

    Raises `Forbidden` where this viewer may not open it.
    """
    if not is_part(part) or not sight.may_open(part, case):
        raise Forbidden
    # The log is for ever: the name of a step that nobody ever recorded does not get into it.
    if part.startswith(STEP_PART) and part not in names(store, case["_id"]):
        raise Forbidden
    note = seal_note(store, keyring, case["_id"], case["incident_id"], reason.note, sight.at)
    log(store, sight, OPENED, case=case, part=part, reason=reason, note=note)
    key = secrets.token_urlsafe(32)
    with translated():
        openings.insert(store.openings, _hashed(key), session, case["_id"], part, sight.at + _SHOWN_WITHIN)
    return key


def taken(store: Store, key: str, case: Mapping[str, Any], part: str, sight: Sight, session: str) -> bool:
    """Whether whoever is signed in may be shown the part now; the key is of no use any more."""
    with translated():
        return openings.take(store.openings, _hashed(key), session, case["_id"], part, sight.at)


def shown_to(
    store: Store, keyring: Keyring, case: Mapping[str, Any], part: str, sight: Sight, *, whole: bool
) -> list[Section]:
    """What the part holds, with what supplements added to it. `whole`: this viewer may see every child of the incident.

    `case` is as it is now. Raises `Forbidden` where this viewer may not open it any more: a conflict that was folded
    after the row was written counts, and that somebody tried is in the log all the same. And what `open_part` raises.
    """
    if not sight.may_open(part, case):
        raise Forbidden
    found: list[Section] = []
    opened, missing = False, None
    for name in [part, *supplements(store, case["_id"], part)]:
        try:
            content = open_part(store, keyring, case["_id"], name)
        except (NotSealed, Unopened) as failure:
            # What else was told is shown all the same; that something is there and does not open is said.
            missing = missing or failure
            found += [_unopened(name)] if isinstance(failure, Unopened) else []
            continue
        opened = True
        more = sections_of(part, content, sight.directory, case["suspect_relations"], whole=whole)
        found += more if name == part else [Section(f"Bổ sung: {one.title.lower()}", one.lines) for one in more]
    if missing is not None and not opened:
        raise missing
    return found


def _unopened(name: str) -> Section:
    log_.error("a part does not open", kind=name.partition(":")[0])
    title = "Bổ sung" if ":" in name.removeprefix(STEP_PART) else "Tin báo"
    return Section(title, [Line("Chưa mở được", "Phần này có nhưng không mở được. Xin báo người vận hành.")])


def _hashed(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def supplements(store: Store, case_id: str, part: str) -> list[str]:
    """The names of what was added to a part later, in the order in which it was told."""
    if part.startswith(STEP_PART):
        return []
    found = [name for name in names(store, case_id) if name.startswith(f"{part}:")]
    if len(found) < 2:
        return found
    with translated():
        told = facts.times(store.facts, [source_of(name) for name in found])
    return sorted(found, key=lambda name: (told.get(source_of(name), _LAST), name))


def log(
    store: Store,
    sight: Sight,
    action: str,
    *,
    case: Mapping[str, Any] | None = None,
    part: str | None = None,
    reason: Reason | None = None,
    note: str | None = None,
) -> None:
    """One row in this viewer's name; returns once it is durable. `note` is kept for ever: nothing that was typed."""
    viewer = sight.viewer
    access_log.append(
        store,
        at=sight.at,
        account=viewer.account,
        role=viewer.role,
        unit=viewer.unit,
        action=action,
        incident=case["incident_id"] if case is not None else None,
        case=case["code"] if case is not None else None,
        part=part,
        reason=reason.code if reason is not None else None,
        note=note,
    )
