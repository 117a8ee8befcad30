"""From the door's seal to the keys of cases.

The parts of an event are stored under the keys of its cases before the event itself is, without them: at no moment
does the database hold an original that the product can open. A crash in between costs nothing: the message comes again,
finds the same keys, and what is sealed already stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from services.reporting.cases import REPORTED
from services.reporting.documents import Store, case_keys, sealed_parts
from services.reporting.documents.facts import Kept
from services.reporting.keys.keyring import Keyring, ShareKey, text_of
from services.reporting.keys.making import keys_of
from services.reporting.lifecycle import STEP, SUPPLEMENT
from services.reporting.opening import Opening, Unsealed
from shared import crashpoints
from shared.events import Event, Message
from shared.sealing import stripped

CHILD = "child"
# Bytes of JSON. Each child has a copy of what is shorter, for that costs less than a document of its own.
_LONG = 4096
_ascii = json.JSONEncoder(separators=(",", ":")).encode

Cases = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class _Told:
    """What one event told of one case. `shared` is long, and the same for each of the incident's cases."""

    case_id: str
    incident_id: str
    source: str
    parts: Mapping[str, bytes] = field(repr=False)
    shared: Mapping[str, bytes] = field(repr=False)


def is_sealed(event: Event) -> bool:
    """Whether the event holds an original."""
    sealed = event.data.get("sealed")
    return isinstance(sealed, dict) and bool(sealed.get("parts"))


class Rewrap:
    """`received` in, what is to be kept of it out, in the same order; the parts are durable by then.

    Raises what pymongo raises.
    """

    def __init__(
        self,
        store: Store,
        opening: Opening,
        keyring: Keyring,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._opening = opening
        self._keyring = keyring
        self._now = now

    def __call__(self, received: Iterable[tuple[Event, Message]], cases: Cases | None = None) -> list[Kept]:
        """`cases`: incident -> its cases, where an event does not say them itself (a supplement)."""
        known = cases or {}
        kept: list[Kept] = []
        told: list[_Told] = []
        unread: dict[int, Sequence[str]] = {}
        for event, message in received:
            whose = _cases_of(event, known) if is_sealed(event) else ()
            if not whose:
                kept.append(Kept(event, message, None, _key_id(event) if is_sealed(event) else None))
                continue
            opened = self._opening(event, _incident_of(event))
            told += _told(event, whose, opened)
            if opened.whole:
                kept.append(without_parts(event, message, opened.counting))
            else:
                unread[len(kept)] = whose
                kept.append(Kept(event, message, opened.counting, _key_id(event)))
        self._seal(told)
        return self._kept_out(kept, unread)

    def _seal(self, told: Sequence[_Told]) -> None:
        incidents = {one.case_id: one.incident_id for one in told}
        keys = keys_of(self._store, self._keyring, incidents, self._now())
        if incidents:
            crashpoints.reach("reporting.keys_made")
        documents: dict[str, dict[str, Any]] = {}
        shares: dict[tuple[str, str], ShareKey] = {}
        for one in told:
            key = keys[one.case_id]
            if key is None:
                continue
            given = {}
            for name, content in one.shared.items():
                # The first case that is not erased: a copy of the event finds the same one, and the same text.
                share = shares.setdefault((one.incident_id, name), key.share(one.incident_id, name))
                if share.where not in documents:
                    documents[share.where] = sealed_parts.shared_of(share.where, one.incident_id, share.seal(content))
                given[name] = (share.where, key.seal_share(share))
            sealed = {name: key.seal(name, content) for name, content in one.parts.items()}
            _merge(documents, sealed_parts.document_of(one.case_id, one.source, sealed, given))
        sealed_parts.add(self._store.sealed_parts, documents.values())
        if told:
            crashpoints.reach("reporting.parts_sealed")

    def _kept_out(self, kept: list[Kept], unread: Mapping[int, Sequence[str]]) -> list[Kept]:
        """An original that nobody could open is not kept either where all of its cases were erased."""
        if unread:
            erased = case_keys.erased(self._store.case_keys, {case for whose in unread.values() for case in whose})
            for position, whose in unread.items():
                if erased.issuperset(whose):
                    one = kept[position]
                    kept[position] = without_parts(one.event, one.message, one.counting)
        return kept


def cases_in(event: Event) -> list[str]:
    """The cases that a report says there are."""
    return [str(case["case_id"]) for case in event.data["cases"]]


def _key_id(event: Event) -> str:
    return str(event.data["sealed"].get("key_id") or "unknown")


def _incident_of(event: Event) -> str:
    return str(event.data.get("incident_id") or event.subject or "")


def _cases_of(event: Event, known: Cases) -> Sequence[str]:
    """Empty where they are not known yet, or where nobody asks for what is sealed."""
    if event.name == REPORTED:
        return cases_in(event)
    if event.name == STEP:
        return [str(event.data["case_id"])]
    return known.get(_incident_of(event), ()) if event.name == SUPPLEMENT else ()


def _merge(documents: dict[str, dict[str, Any]], document: dict[str, Any]) -> None:
    """Of two copies in one batch the second adds what did not open in the first."""
    there = documents.setdefault(document["_id"], document)
    if there is document:
        return
    told = {entry[0] for kind in ("parts", "shares") for entry in there.get(kind, ())}
    for kind in ("parts", "shares"):
        more = [entry for entry in document.get(kind, ()) if entry[0] not in told]
        if more:
            there[kind] = [*there.get(kind, ()), *more]


def _told(event: Event, cases: Sequence[str], opened: Unsealed) -> list[_Told]:
    """What belongs to every case alike is sealed as it came; only what is told by child is taken apart."""
    reported = event.name == REPORTED
    source = sealed_parts.REPORT if reported else event.id
    parts = {name if reported else f"{name}:{event.id}": text for name, text in opened.parts.items()}
    by_child = next((name for name in parts if name.partition(":")[0] == CHILD), None)
    content = None if by_child is None else _by_child(parts[by_child], reported)
    if by_child is not None and content is not None:
        parts[by_child] = text_of({key: value for key, value in content.items() if key != "children"})
    # A step is told of one case alone.
    shared = {name: text for name, text in parts.items() if len(text) > _LONG and event.name != STEP}
    told = []
    for case in cases if parts else ():
        own = {name: text for name, text in parts.items() if name not in shared}
        if by_child is not None and content is not None:
            child = text_of({"child": _child(case, content)})
            own[by_child] = child if by_child in shared else _joined(parts[by_child], child)
        told.append(_Told(case, _incident_of(event), source, own, shared))
    return told


def _by_child(text: bytes, reported: bool) -> dict[str, Any] | None:
    """None where nothing in it is told by child."""
    try:
        content = json.loads(text)
    except ValueError:
        return None
    children = content.get("children", [] if reported else None) if isinstance(content, dict) else None
    return content if isinstance(children, list) else None


def _child(case: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """One child's share of what is told of children."""
    own = [one for one in content.get("children", []) if isinstance(one, dict) and one.get("case_id") == case]
    return {key: value for key, value in own[0].items() if key != "case_id"} if own else {}


def _joined(one: bytes, other: bytes) -> bytes:
    """The JSON of two objects as that of one; the second has something in it."""
    return other if one == b"{}" else one[:-1] + b"," + other[1:]


def without_parts(event: Event, message: Message, counting: str | None) -> Kept:
    """The event without its sealed parts; everything else as it came."""
    bare = replace(event, data={**event.data, "sealed": stripped(event.data["sealed"])})
    # ASCII: a lone surrogate, which JSON can hold, has no UTF-8.
    body = _ascii(bare.data).encode()
    return Kept(bare, replace(message, body=body), counting)
