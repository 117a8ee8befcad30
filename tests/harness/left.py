"""What still runs of something that should be gone."""

from __future__ import annotations

import os
from pathlib import Path


def mentioning(place: Path) -> dict[int, str]:
    """Every process whose arguments or environment name this place: its name by pid, ourselves left out."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            known = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            if bytes(place) in known and int(folder.name) != os.getpid():
                found[int(folder.name)] = (folder / "comm").read_text().strip()
        except OSError:
            continue  # gone in the meantime
    return found
