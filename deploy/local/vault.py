"""The secrets of a local run: made on the first run, one file each that nobody else can read."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

from shared import durable


class Vault:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.fresh: set[str] = set()  # names made in this run

    def path(self, name: str) -> Path:
        return self._folder / name

    def key(self, name: str) -> Path:
        """The file of a 256-bit key in hex."""
        self.have(name, lambda: secrets.token_hex(32))
        return self.path(name)

    def password(self, name: str) -> str:
        return self.have(name, lambda: secrets.token_urlsafe(24))

    def token(self, name: str, prefix: str) -> str:
        """A bearer token of the product's own kind."""
        from shared.tokens import new_token

        return self.have(name, lambda: new_token(prefix))

    def have(self, name: str, make: Callable[[], str]) -> str:
        """What is kept under this name; made and kept where there is nothing yet."""
        path = self.path(name)
        if path.exists():
            return path.read_text(encoding="utf-8").strip()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        value = make()
        write_private(path, value + "\n")
        self.fresh.add(name)
        return value


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and readable by nobody else for a single moment."""
    durable.write(path, text.encode(), 0o600)
