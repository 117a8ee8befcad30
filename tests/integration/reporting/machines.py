"""Another machine, on which a backup is restored."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from services.reporting.documents import Store
from services.reporting.keys import Keyring
from services.reporting.keys.backup import KEYS_FILE, Places
from services.reporting.keys.restore import restore
from services.reporting.opening import Opening
from services.reporting.rebuild import rebuild
from shared.sealing import generate

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)


class Machine:
    """Another one: an empty database, and keys of its own."""

    def __init__(self, url: str, database: str, home: Path, folder) -> None:
        self.store = Store(url, database)
        self.store.ensure_indexes()
        self.folder = folder
        self.keyring = Keyring(b"another machine's key: 32 bytes.")
        generate(home / "private", home / "public.pem")
        (home / "staff-key").write_text("bb" * 32 + "\n")
        self.places = Places(self.keyring, home / "private", home / "letters", {"staff-key": home / "staff-key"})

    def restore(self, backups: Path, envelope, data: str = "data-000001.age"):
        """As the command does it: load, then everything anew from the facts."""
        done = restore(self.store, backups / data, backups / KEYS_FILE, envelope, self.places, AT)
        service = self.service()
        assert rebuild(self.store, service.projector, service.rollups, self.folder.current()) == []
        return done

    def service(self):
        from tests.integration.reporting.conftest import Service

        return Service(self.store, self.folder, Opening.from_dir(self.places.private_dir), self.keyring)
