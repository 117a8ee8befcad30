"""Opens the `counting` part of a report for the projector; the other parts stay sealed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from services.reporting.cases import REPORTED, Fact
from shared import logs, metrics
from shared.events import Event
from shared.sealing import Opener, SealBroken, load_private_dir

PART = "counting"

log = logs.get(__name__)


class Counting:
    """From an event to a fact with its counting values.

    A part that does not open (a key that is not here, a damaged message) makes a case of unknown values: the child is
    counted, the fact keeps the part as received, and the case is folded again when the worker starts or the rollups
    are rebuilt, with whatever keys there are then. A dead letter would take the child out of every number instead.
    """

    def __init__(self, load: Callable[[], Mapping[str, X25519PrivateKey]]) -> None:
        """`load` gives the private keys by id; it is called again when a key is missing. Raises what `load` raises."""
        self._load = load
        self._keys = load()
        self._unread = metrics.counter("counting_unread", "Reports whose counting values did not open")

    @classmethod
    def from_dir(cls, private_dir: Path) -> Counting:
        """Raises `ValueError` or `OSError` when the folder holds no usable key."""
        return cls(lambda: load_private_dir(private_dir))

    def fact(self, event: Event) -> Fact:
        return Fact(event, self._values(event) if event.name == REPORTED else None)

    def _values(self, event: Event) -> Mapping[str, Mapping[str, Any]] | None:
        sealed = event.data["sealed"]
        try:
            content = self._opener(sealed["key_id"]).open(event.data["incident_id"], sealed, PART)
            return {one["case_id"]: one for one in content["cases"]}
        except (SealBroken, KeyError, TypeError):
            self._unread.inc()
            log.error("counting part does not open", event_id=event.id, key_id=sealed.get("key_id"))
            return None

    def _opener(self, key_id: str) -> Opener:
        if key_id not in self._keys:
            # A new pair is made every month while the worker runs.
            try:
                self._keys = self._load()
            except (OSError, ValueError) as error:
                log.error("keys cannot be read", error=error)
        return Opener(self._keys)
