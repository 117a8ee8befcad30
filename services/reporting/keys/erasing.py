"""Destroys the key of one case: its identity is gone wherever a copy of it lies, and every number stays.

The row in the access log comes first, then the stone in the place of the key, then what the key would have opened. What
a crash leaves undone is done by asking again; from the stone on nothing opens any more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from services.reporting import access_log
from services.reporting.documents import Store, case_keys, dead_letters, facts, sealed_parts, translated
from services.reporting.keys.keyring import Keyring
from services.reporting.keys.notes import seal_note
from services.reporting.keys.parts import Erased
from services.reporting.keys.rewrap import is_sealed, without_parts
from services.reporting.lifecycle import STEP, SUPPLEMENT
from shared import crashpoints, logs
from shared.events import decode
from shared.sealing import stripped

log = logs.get(__name__)


class Held(Exception):
    """A legal hold forbids that the identity of this case be erased."""


class NoSuchCase(Exception):
    """There is no case of this id."""


@dataclass(frozen=True)
class Who:
    """In whose name it is done, for the access log."""

    account: str
    role: str
    unit: str


def erase(
    store: Store, keyring: Keyring, case_id: str, who: Who, reason: str, at: datetime, *, letters: Path | None = None
) -> bool:
    """Erase the identity of one case for ever. False when it was erased before; then what was left is done again.

    The words of `reason` are sealed with the case and go with it; that it was done, by whom and when stays in the log.
    `letters` is the folder of large dead letters. Raises `Held`, `NoSuchCase` or `DependencyDown`.
    """
    incident = _incident_of(store, case_id)
    with translated():
        found = case_keys.get(store.case_keys, [case_id]).get(case_id, {})
    if "hold" in found:
        raise Held("a legal hold forbids it")
    if "erased_at" not in found:
        _logged(store, keyring, "case.erase", case_id, incident, who, reason, at)
    with translated():
        if not case_keys.destroy(store.case_keys, case_id, incident, at, who.account):
            raise Held("a legal hold forbids it")
        crashpoints.reach("reporting.key_destroyed")
        _strip(store, case_id, incident, letters)
    log.info("identity erased", incident_id=incident)
    return "erased_at" not in found


def strip_again(store: Store, case_id: str, *, letters: Path | None = None) -> None:
    """Take out what an older copy of the data has of an erased case. Raises `DependencyDown`."""
    with translated():
        found = case_keys.get(store.case_keys, [case_id]).get(case_id)
        if found is not None and "erased_at" in found:
            _strip(store, case_id, str(found["incident_id"]), letters)


def hold(store: Store, keyring: Keyring, case_id: str, who: Who, reason: str, at: datetime) -> None:
    """Forbid the erasure. Raises `Erased`, `NoSuchCase` or `DependencyDown`."""
    incident = _incident_of(store, case_id)
    with translated():
        if case_keys.erased(store.case_keys, [case_id]):
            raise Erased("the identity of this case was erased")
    _logged(store, keyring, "case.hold", case_id, incident, who, reason, at)
    with translated():
        if not case_keys.hold(store.case_keys, case_id, incident, at, who.account):
            raise Erased("the identity of this case was erased")


def release(store: Store, keyring: Keyring, case_id: str, who: Who, reason: str, at: datetime) -> bool:
    """Allow the erasure again; false when nothing forbade it. Raises `NoSuchCase` or `DependencyDown`."""
    incident = _incident_of(store, case_id)
    with translated():
        if "hold" not in case_keys.get(store.case_keys, [case_id]).get(case_id, {}):
            return False
    _logged(store, keyring, "case.release", case_id, incident, who, reason, at)
    with translated():
        return case_keys.release(store.case_keys, case_id)


def _incident_of(store: Store, case_id: str) -> str:
    with translated():
        found = store.cases.find_one({"_id": case_id}, {"incident_id": 1}) or store.case_keys.find_one({"_id": case_id})
    if found is None:
        raise NoSuchCase("there is no case of this id")
    return str(found["incident_id"])


def _logged(
    store: Store, keyring: Keyring, action: str, case_id: str, incident: str, who: Who, reason: str, at: datetime
) -> None:
    access_log.append(
        store,
        at=at,
        account=who.account,
        role=who.role,
        unit=who.unit,
        action=action,
        incident=incident,
        case=case_id,
        note=seal_note(store, keyring, case_id, incident, reason, at),
    )


def _strip(store: Store, case_id: str, incident: str, letters: Path | None) -> None:
    alone = _all_erased(store, incident)
    # What all children share goes with the last of them.
    sealed_parts.remove(store.sealed_parts, [case_id, incident] if alone else [case_id])
    _strip_facts(store, case_id, incident, alone)
    _strip_letters(store, case_id, incident, alone, letters)


def _strip_facts(store: Store, case_id: str, incident: str, alone: bool) -> None:
    """Originals that could not be opened: a step of this case at once, what all cases share with the last of them."""
    late = []
    for _, stored in facts.of_incidents(store.facts, [incident]):
        if stored.sealed_under is None:
            continue
        event = decode(stored.message)
        if is_sealed(event) and (alone or _is_step_of(event.name, event.data, case_id)):
            late.append((without_parts(event, stored.message, stored.counting), stored.order))
    facts.strip(store.facts, late)


def _all_erased(store: Store, incident: str) -> bool:
    cases = {case["_id"] for case in store.cases.find({"incident_id": incident}, {"_id": 1})}
    return bool(cases) and case_keys.erased(store.case_keys, cases) == cases


def _strip_letters(store: Store, case_id: str, incident: str, alone: bool, folder: Path | None) -> None:
    """Copies that died on the way. Whatever is in them is stored by now, or can't be read."""
    for letter in dead_letters.of_incident(store.dead_letters, incident):
        if letter["name"] == SUPPLEMENT and not alone:
            continue  # it may be all that the other children have of it
        body = _without(letter, case_id)
        if body is not None:
            dead_letters.emptied(store.dead_letters, letter["_id"], body)
        if letter["file"] is not None:
            dead_letters.emptied(store.dead_letters, letter["_id"], b"")
            if folder is not None:
                (folder / letter["file"]).unlink(missing_ok=True)


def _without(letter: Mapping[str, Any], case_id: str) -> bytes | None:
    """The body of a letter that may stay; None where nothing has to go."""
    try:
        data = json.loads(bytes(letter["body"] or b"{}"))
    except ValueError:
        return b""  # nobody can read it, so nobody can say that no name is in it
    if not isinstance(data, dict) or not isinstance(data.get("sealed"), dict):
        return None
    if letter["name"] == STEP and not _is_step_of(STEP, data, case_id):
        return None
    return json.dumps({**data, "sealed": stripped(data["sealed"])}, separators=(",", ":")).encode()


def _is_step_of(name: str, data: Mapping[str, Any], case_id: str) -> bool:
    return name == STEP and data.get("case_id") == case_id
