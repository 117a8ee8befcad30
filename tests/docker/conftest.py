"""docker-compose.yml as it is shipped, in a project of its own: other ports, secrets, volumes and images."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import People
from tests.harness.staff import Staff

REPO = Path(__file__).resolve().parents[2]
SERVICES = (
    "caddy",
    "intake",
    "notify",
    "notify-worker",
    "reporting",
    "reporting-worker",
    "rabbitmq",
    "mongo",
    "sandbox",
)


@dataclass(frozen=True)
class Compose:
    """`ready` is what `make secrets` leaves for people: addresses and tokens."""

    project: str
    folder: Path
    environment: dict[str, str]
    ready: dict[str, Any] = field(default_factory=dict)

    def run(
        self, *words: str, timeout: float = 120, check: bool = True, said: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """`said`: what is typed."""
        command = ["docker", "compose", "--project-name", self.project, *words]
        done = subprocess.run(command, cwd=REPO, env=os.environ | self.environment, capture_output=True, text=True,
                              input=said, timeout=timeout, check=False)  # fmt: skip
        if check and done.returncode:
            raise AssertionError(f"{' '.join(words)}: {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done

    def up(self, *, build: bool = True) -> None:
        self.run("up", *(["--build"] if build else []), "--detach", "--wait", timeout=1500)
        self.ready.update(json.loads((self.folder / "sandbox" / "ready.json").read_text()))

    def python(self, service: str, code: str) -> str:
        """What a few lines print inside the container of a service, as that service."""
        return self.run("exec", "-T", service, "python", "-c", code).stdout.strip()

    def inspect(self, service: str) -> dict[str, Any]:
        (container,) = self.run("ps", "--all", "--quiet", service).stdout.split()
        found = subprocess.run(["docker", "inspect", container], capture_output=True, text=True, check=True, timeout=60)
        (known,) = json.loads(found.stdout)
        assert isinstance(known, dict)
        return known


@pytest.fixture(scope="session")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    with another(tmp_path_factory.mktemp("secrets"), tmp_path_factory.mktemp("backups")) as running:
        running.up()
        yield running


@contextmanager
def another(folder: Path, backups: Path) -> Iterator[Compose]:
    """An installation of its own with its secrets in `folder`, not started yet; everything of it goes at the end."""
    environment = {
        "LENTIENG_PROVIDERS": "sandbox",
        "COMPOSE_PROFILES": "sandbox",
        "LENTIENG_SECRETS": str(folder),
        "LENTIENG_BACKUPS": str(backups),
        "LENTIENG_HTTP_PORT": free_port(),
        "LENTIENG_SANDBOX_PORT": free_port(),
    }
    made = Compose(f"lentieng-test-{secrets.token_hex(3)}", folder, environment)
    try:
        yield made
    except AssertionError as error:
        error.add_note(made.run("logs", "--tail", "30", check=False).stdout[-6000:])
        raise
    finally:
        made.run("down", "--volumes", "--rmi", "local", "--remove-orphans", timeout=300)


@pytest.fixture(scope="session")
def people(compose: Compose) -> Iterator[People]:
    people = People(compose)  # type: ignore[arg-type]
    yield people
    people.http.close()


@pytest.fixture(scope="session")
def staff(compose: Compose) -> Iterator[Staff]:
    staff = Staff(compose.ready)
    yield staff
    staff.close()


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
