"""Files that are there, whole, after the power has failed."""

from __future__ import annotations

import os
from pathlib import Path


def write(path: Path, content: bytes, mode: int, owner: tuple[int, int] | None = None) -> None:
    """Whole or not at all, durable, and with these rights from the first moment. Nothing else stays, whatever fails.

    `owner`: user and group it is given to, which only root can do. Raises `OSError`.
    """
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            # Whatever mask the process has: who could read it before can read it now.
            os.fchmod(file.fileno(), mode)
            if owner is not None:
                os.fchown(file.fileno(), *owner)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    entries(path.parent)


def entries(folder: Path) -> None:
    """What was put into the folder, or taken out of it, is so on the disk too. Raises `OSError`."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
