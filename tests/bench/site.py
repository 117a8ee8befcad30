"""A place with a directory, keys and a partner, and the processes that run there."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from shared import sealing
from shared.tokens import token_hash
from tests.harness.waiting import until

REPOSITORY = Path(__file__).resolve().parents[2]
BODY = REPOSITORY / "tests" / "contract" / "incident-full.json"
PEERS = REPOSITORY / ".venv-bench" / "bin" / "python"
TOKEN = "lt_bench"


class Site:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.directory = home / "directory"
        self.private, self.public = home / "private", home / "public.pem"
        self._processes: list[subprocess.Popen[bytes]] = []
        shutil.copytree(REPOSITORY / "deploy" / "directory" / "binh-luong", self.directory)
        partner = {
            "id": "bench",
            "name": "bench",
            "unit": "binh-luong",
            "scopes": ["incident:write"],
            "expires": "2099-12-31",
            "token_sha256": [token_hash(TOKEN)],
        }
        (self.directory / "partners.yaml").write_text(yaml.safe_dump({"partners": [partner]}))
        sealing.generate(self.private, self.public)

    def intake(self, amqp: str, node: str, module: str = "services.intake") -> Intake:
        """The shipped process with the shipped settings, or one of our launchers that changes its door."""
        environment = {
            "LENTIENG_DIRECTORY": str(self.directory),
            "AMQP_URL": amqp,
            "PUBLIC_URL": "http://lentieng.test",
            "NODE_NAME": node,
            "PORT": str(free_port()),
            "SPOOL_FILE": str(self.home / f"spool-{node}" / "spool.db"),
            "SEALING_PUBLIC_KEY_FILE": str(self.public),
            "RECEIPT_KEY": "ab" * 32,
            "RECEIPT_CHECK_KEY": "cd" * 32,
            "CASE_TOKEN_KEY": "ef" * 32,
            "SESSION_PUBLIC_DIR": str(self.home),
        }
        self.run(node, [sys.executable, "-m", module, "app", "run"], environment)
        return Intake(environment)

    def peer(self, amqp: str) -> str:
        """FastAPI and FastStream in their own environment; its URL. Skips the bench where they are not installed."""
        if not PEERS.exists():
            pytest.skip(f"{PEERS.parent.parent.name} is not there: `make bench` makes it")
        port = free_port()
        where = ["--app-dir", str(Path(__file__).parent), "--host", "127.0.0.1", "--port", str(port)]
        command = [str(PEERS), "-m", "uvicorn", "peer:app", *where, "--workers", "1", "--no-access-log"]
        self.run("peer", command, {"AMQP_URL": amqp, "BENCH_TOKEN": TOKEN})
        return answering(f"http://127.0.0.1:{port}")

    def run(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with (self.home / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, env={**os.environ, **environment}, cwd=REPOSITORY, stdout=log, stderr=log
            )
        self._processes.append(process)
        return process

    def close(self) -> None:
        for process in reversed(self._processes):
            end(process)


class Intake:
    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self.url = answering(f"http://127.0.0.1:{environment['PORT']}")

    def accepted(self) -> int:
        """How many reports it says it answered with 202 and kept."""
        return int(self._metric("lentieng_intake_accepted_total{"))

    def waiting(self) -> int:
        return int(self._metric("lentieng_intake_spool_waiting "))

    def status(self) -> dict[str, Any]:
        """The answer of `python -m services.intake spool status`."""
        command = [sys.executable, "-m", "services.intake", "spool", "status"]
        environment = {**os.environ, **self._environment}
        answer = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, check=False)
        found: dict[str, Any] = json.loads(answer.stdout)
        return found

    def _metric(self, start: str) -> float:
        lines = httpx.get(f"{self.url}/metrics", timeout=30).text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(start))


def answering(url: str) -> str:
    until(lambda: httpx.get(f"{url}/healthz").status_code == 200, timeout=30, what=f"{url} is up")
    return url


def end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(40)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
