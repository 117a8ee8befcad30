"""A copy of the repository, in which one guard at a time is taken away."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.engines.addresses import Addresses

REPO = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Guard:
    """`file`: `old` stands there exactly once and is replaced by `new`; `tests` must then fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def tests_of(file: str) -> Callable[..., tuple[str, ...]]:
    """Names the tests of a file as pytest does."""

    def named(*names: str) -> tuple[str, ...]:
        return tuple(f"{file}::{name}" for name in names)

    return named


@dataclass(frozen=True)
class Copy:
    root: Path
    engines: Addresses

    @contextmanager
    def without(self, guard: Guard) -> Iterator[None]:
        path = self.root / guard.file
        text = path.read_text(encoding="utf-8")
        found = text.count(guard.old)
        assert found == 1, (
            f"{guard.file}: the guard {guard.name!r} stands there {found} times; the table is out of date"
        )
        path.write_text(text.replace(guard.old, guard.new), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(text, encoding="utf-8")

    def run(self, tests: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        """Those that need engines find ours: a vhost and a database of their own each, as everywhere."""
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", *tests]
        environment = os.environ | {
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(self.root),
            "AMQP_URL": self.engines.amqp,
            "MONGO_URL": self.engines.mongo,
            "RABBITMQ_MANAGEMENT_URL": self.engines.management or "",
        }
        return subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=300, check=False
        )


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory, engines: Addresses) -> Copy:
    """What git knows of, as it is on the disk now."""
    root = tmp_path_factory.mktemp("guards")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPO, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        source, target = REPO / name, root / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
            target.chmod(source.stat().st_mode)
    return Copy(root, engines)
