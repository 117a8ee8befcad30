"""Opens what was sealed at the door, for as long as it takes to seal it again under the keys of its cases."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from services.reporting.cases import REPORTED
from shared import logs, metrics
from shared.events import Event
from shared.sealing import Opened, Opener, SealBroken, load_private_dir

COUNTING = "counting"
# Nothing else of the part is kept: what is counted stays in clear, so no field comes along by being there.
_COUNTED = ("sex", "age_received", "age_occurred", "ethnic_group", "groups")
# Made once: `json.dumps` makes a new one for each call that has any option.
_encode = json.JSONEncoder(separators=(",", ":")).encode

log = logs.get(__name__)


@dataclass(frozen=True)
class Unsealed:
    """What an event told. `counting` is JSON for the fact; `parts` are all others, as JSON. Never printed.

    `whole`: everything opened. What did not is missing here, and its original must not be thrown away.
    """

    counting: str | None
    parts: Mapping[str, bytes] = field(repr=False)
    whole: bool


class Opening:
    """With the private keys of this installation.

    A report that does not open (a key that is not here, a damaged message) makes a case of unknown values: the child is
    counted, the fact keeps the original, and both are tried again while the worker runs and when the rollups are
    rebuilt, with whatever keys there are then. A dead letter would take the child out of every number instead.
    """

    def __init__(self, load: Callable[[], Mapping[str, X25519PrivateKey]]) -> None:
        """`load` gives the private keys by id; it is called again when a key is missing. Raises what `load` raises."""
        self._load = load
        self._keys = load()
        self._unread = metrics.counter("counting_unread", "Reports whose counting values did not open")

    @classmethod
    def from_dir(cls, private_dir: Path) -> Opening:
        """Raises `ValueError` or `OSError` when the folder holds no usable key."""
        return cls(lambda: load_private_dir(private_dir))

    def __call__(self, event: Event, incident_id: str) -> Unsealed:
        """Everything that opens of an event with sealed parts."""
        sealed = event.data["sealed"]
        try:
            opened: Opened | None = self._opener(sealed["key_id"]).event(incident_id, sealed)
        except (SealBroken, KeyError, TypeError):
            opened = None
        names = list(sealed.get("parts", {}))
        found = {} if opened is None else _read(opened, names)
        counting = _counted(found.pop(COUNTING)) if COUNTING in found else None
        whole = len(found) + (counting is not None) == len(names)
        if not whole:
            log.error("sealed parts do not open", event_id=event.id, key_id=sealed.get("key_id"))
        if counting is None and event.name == REPORTED:
            self._unread.inc()
        return Unsealed(counting, found, whole)

    def _opener(self, key_id: str) -> Opener:
        if key_id not in self._keys:
            # A new pair is made every month while the worker runs.
            try:
                self._keys = self._load()
            except (OSError, ValueError) as error:
                log.error("keys cannot be read", error=error)
        return Opener(self._keys)


def values_of(counting: str | None) -> Mapping[str, Mapping[str, Any]] | None:
    """The counting values of a fact by case id, as the fold wants them."""
    return None if counting is None else {one["case_id"]: one for one in json.loads(counting)}


def _read(opened: Opened, names: list[str]) -> dict[str, bytes]:
    found = {}
    for name in names:
        try:
            found[name] = opened.text(name)
        except SealBroken:
            continue
    return found


def _counted(text: bytes) -> str | None:
    try:
        content = json.loads(text)
        return _encode(
            [
                {"case_id": str(one["case_id"])} | {name: one[name] for name in _COUNTED if name in one}
                for one in content["cases"]
            ]
        )
    except (KeyError, TypeError, ValueError):
        return None
