"""Versions of a directory: "<serial>-<8 hex of the content>". The serial orders them, the content tells them apart."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

_VERSION = re.compile(r"(\d{1,9})-[0-9a-f]{8}", re.ASCII)


def version_of(serial: int, contents: Mapping[str, bytes]) -> str:
    """contents: file name -> bytes."""
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(f"{name}\0{len(contents[name])}\0".encode())
        digest.update(contents[name])
    return f"{serial}-{digest.hexdigest()[:8]}"


def serial_of(version: str) -> int:
    """The serial of a version, 0 for a text that is none: an event with a strange version must still be read."""
    match = _VERSION.fullmatch(version)
    return int(match[1]) if match else 0


def is_older(version: str, than: str) -> bool:
    """By serial alone: two contents under one serial (one machine's partners) are neither older nor newer."""
    return serial_of(version) < serial_of(than)
