"""Where everything of a local run lies: one folder, `.local/`, which may be thrown away as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
SAMPLE_DIRECTORY = REPO / "deploy" / "directory" / "binh-luong"
SAMPLE_CONTACTS = REPO / "deploy" / "contacts" / "binh-luong"
SEED = "contacts.seed.yaml"
VARIABLE = "LENTIENG_LOCAL"


@dataclass(frozen=True)
class Place:
    root: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Place:
        return cls(Path(environment.get(VARIABLE) or REPO / ".local").absolute())

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def directory(self) -> Path:
        return self.root / "directory"

    @property
    def contacts(self) -> Path:
        return self.root / "contacts"

    @property
    def seed(self) -> Path:
        return self.contacts / SEED

    @property
    def logs(self) -> Path:
        return self.root / "log"

    @property
    def sealing_public(self) -> Path:
        return self.root / "sealing-public.pem"

    @property
    def sealing_private(self) -> Path:
        """Reporting alone is told of this folder."""
        return self.secrets / "sealing-private"

    @property
    def session_key(self) -> Path:
        """Reporting's web process alone is told of it: whoever has it is anybody."""
        return self.secrets / "session-key.pem"

    @property
    def session_public(self) -> Path:
        return self.root / "session-public"

    @property
    def accounts(self) -> Path:
        """The invented accounts of a sandbox."""
        return self.secrets / "accounts.json"

    @property
    def envelope(self) -> Path:
        """For paper and a safe; no service is told of it."""
        return self.secrets / "key-envelope.txt"

    @property
    def envelope_public(self) -> Path:
        return self.root / "envelope-public.txt"

    @property
    def gateway(self) -> Path:
        return self.root / "sms-gateway.yaml"

    @property
    def env(self) -> Path:
        """A file for each service: what an operator's command reads from the environment."""
        return self.root / "env"

    @property
    def ready(self) -> Path:
        return self.root / "ready.json"

    def shown(self, path: Path) -> str:
        """As a person in the repository would type it."""
        return str(path.relative_to(REPO)) if path.is_relative_to(REPO) else str(path)
