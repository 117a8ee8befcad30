"""New sealing keys for an installation in containers: made where the secrets lie, then given to who needs them.

The containers' own copies are read-only, so the command of reporting cannot do it there; and what it destroys must be
gone from the folder of secrets too, or the next start would hand it out again.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.docker.setup import handout, making
from deploy.docker.setup.place import Installation, Wrong

COMMAND = (sys.executable, "-m", "services.reporting", "keys", "rotate")


def rotate(place: Installation, environment: Mapping[str, str], volumes: Path, more: Sequence[str] = ()) -> None:
    """`more` are further words for the command. Raises Wrong where it did not work; then nothing is handed out."""
    told = {
        **environment,
        "SEALING_PRIVATE_DIR": str(place.sealing_private),
        "SEALING_PUBLIC_KEY_FILE": str(place.sealing_public),
    }
    if subprocess.run([*COMMAND, *more], env=told, check=False).returncode:
        raise Wrong("the keys were not rotated; the sentence above says why")
    _give(place, volumes)


def restore(place: Installation, environment: Mapping[str, str], volumes: Path, more: Sequence[str]) -> None:
    """Keys that a backup brings go where the secrets lie. Raises Wrong where it did not work."""
    told = {
        **environment,
        "SEALING_PRIVATE_DIR": str(place.sealing_private),
        "STAFF_KEY_FILE": str(place.secrets / "staff-key"),
        "CASE_TOKEN_KEY_FILE": str(place.secrets / "case-token-key"),
    }
    if subprocess.run([sys.executable, "-m", "services.reporting", "restore", *more], env=told, check=False).returncode:
        raise Wrong("nothing was restored; the sentence above says why")
    letters = Path(environment["DEAD_LETTER_DIR"])
    for path in (letters, *letters.glob("*")) if letters.exists() else ():
        os.chown(path, handout.SERVICE_UID, handout.SERVICE_UID)
    _give(place, volumes)


def _give(place: Installation, volumes: Path) -> None:
    making.give_to_owner(place.root)
    handout.hand_out(place, volumes)
