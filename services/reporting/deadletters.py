"""What becomes of messages that could not be handled: kept, shown, and sent again after a repair."""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from services.reporting.documents import Store, dead_letters, translated
from services.reporting.telling import failed, stored
from shared import crashpoints, metrics
from shared.messaging.deadletters import DeadLetter
from shared.sealing import Opener, Sealer, load_private_dir

_PART = "dead"
_DEAD = metrics.counter("reporting_dead_letters_total", "Messages that could not be projected")


class Cupboard:
    """Keeps dead letters in the database, each with the event that tells notify of it: reporting alarms nobody itself.

    A body over 1 MiB goes into a file, sealed to our own key.

    An undecodable body may hold a child's name in clear, and a file is more easily copied than a database.
    """

    def __init__(
        self, store: Store, folder: Path, private_dir: Path, *, told: Callable[[], None] = lambda: None
    ) -> None:
        """`told` is called after a letter was stored: its event waits for the relay."""
        self._store = store
        self._told = told
        self._folder = folder
        self._private_dir = private_dir

    def put(self, letter: DeadLetter) -> None:
        """For `DeadLetterDrain`. Raises `DependencyDown`, or `OSError` when the file cannot be written."""
        file, key_id = self._sealed(letter) if letter.large else (None, None)
        with translated():
            dead_letters.put(self._store.dead_letters, letter, file, lambda kept: [stored(failed(kept))], key_id)
        crashpoints.reach("reporting.dead_stored")
        _DEAD.inc()
        self._told()

    def body(self, document: Mapping[str, Any]) -> bytes:
        """Raises `OSError` or `SealBroken`."""
        if document["file"] is None:
            return bytes(document["body"])
        sealed = json.loads((self._folder / document["file"]).read_text(encoding="utf-8"))
        opened = Opener(load_private_dir(self._private_dir)).open(document["sha256"], sealed, _PART)
        return b64decode(opened)

    def _sealed(self, letter: DeadLetter) -> tuple[Path, str]:
        """Its file, and the key that it is sealed under: the newest."""
        key_id, private_key = next(reversed(load_private_dir(self._private_dir).items()))
        sealed = Sealer(private_key.public_key(), key_id).seal(letter.sha256, {_PART: b64encode(letter.body).decode()})
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file, unfinished = self._folder / f"{letter.sha256}.json", self._folder / f"{letter.sha256}.part"
        with unfinished.open("w", encoding="utf-8") as stream:
            json.dump(sealed, stream)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(file)
        return file, key_id
