"""Where the secrets of an installation lie: `deploy/docker/secrets/<providers>/`, one folder per set of providers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.place import REPO, Place

SECRETS = REPO / "deploy" / "docker" / "secrets"
PROVIDERS = ("sandbox", "real")


class Wrong(Exception):
    """The installation cannot be set up like this; the text says what to do."""


def told(environment: Mapping[str, str], file: Path = REPO / ".env") -> dict[str, str]:
    """What `docker compose` is told: the lines of `.env`, over which the environment wins."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    pairs = [line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#")]
    written = {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}
    return {**written, **{name: value for name, value in environment.items() if value or name not in written}}


@dataclass(frozen=True)
class Installation(Place):
    """As a local run, but for the secrets, which lie in the folder itself. `providers` is sandbox or real."""

    providers: str = "sandbox"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Installation:
        """Raises Wrong."""
        providers = environment.get("LENTIENG_PROVIDERS") or "sandbox"
        if providers not in PROVIDERS:
            raise Wrong(f"LENTIENG_PROVIDERS={providers}: must be one of {', '.join(PROVIDERS)}")
        folder = Path(environment.get("LENTIENG_SECRETS") or SECRETS)
        return cls(folder.absolute() / providers, providers)

    @property
    def secrets(self) -> Path:
        return self.root

    @property
    def smtp_password(self) -> Path:
        """Laid here by the operator of real providers."""
        return self.root / "smtp-password"
