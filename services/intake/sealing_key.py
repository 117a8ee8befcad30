"""The public key that reports are sealed to, followed without a restart: it changes every month."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from shared import logs
from shared.sealing import SCHEMA, load_public

log = logs.get(__name__)


class Seals(Protocol):
    def seal(self, incident_id: str, parts: Mapping[str, object], schema: int = SCHEMA) -> dict[str, Any]: ...


class CurrentSealer:
    """Seals to the key that the file holds now. Thread-safe.

    A file that cannot be read, or holds no such key, changes nothing: the key before it still opens what it seals for
    weeks, and a report must not wait for a person to mend a file.
    """

    def __init__(self, file: Path, make: Callable[[X25519PublicKey, str], Seals]) -> None:
        """Raises `ValueError` or `OSError` when the file holds no key from the start."""
        self._file, self._make = file, make
        self._lock = threading.Lock()
        self._complained = False
        self._seen = self._stamp()
        self._sealer = make(*load_public(file))

    def seal(self, incident_id: str, parts: Mapping[str, object], schema: int = SCHEMA) -> dict[str, Any]:
        return self._current().seal(incident_id, parts, schema)

    def _current(self) -> Seals:
        with self._lock:
            try:
                stamp = self._stamp()
                if stamp != self._seen:
                    self._sealer = self._make(*load_public(self._file))
                    self._seen, self._complained = stamp, False
                    log.info("sealing key changed")
            except (OSError, ValueError) as error:
                if not self._complained:
                    log.error("sealing key cannot be read; the one before it is used", reason=type(error).__name__)
                self._complained = True
            return self._sealer

    def _stamp(self) -> tuple[int, int, int]:
        status = self._file.stat()
        return status.st_mtime_ns, status.st_ino, status.st_size
