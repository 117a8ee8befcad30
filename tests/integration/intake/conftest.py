"""A real intake: its own process, spool, keys and directory, on a free port."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from shared import sealing, signing
from shared.events import Message, decode
from shared.messaging import topology
from shared.tokens import token_hash
from tests.harness.amqp import connected
from tests.harness.waiting import until

REPOSITORY = Path(__file__).resolve().parents[3]
FULL = json.loads((REPOSITORY / "tests" / "contract" / "incident-full.json").read_text())


@dataclass
class Partner:
    token: str
    scopes: list[str]
    unit: str = "binh-luong"
    more: dict[str, Any] = field(default_factory=dict)


PARTNERS = {
    "app": Partner("lt_app_test", ["incident:write"]),
    "trainer": Partner("lt_trainer_test", ["incident:write", "drill:write", "incident:backfill"], "thanh-hoa"),
    "reader": Partner("lt_reader_test", ["report:read"]),
    "phone": Partner("lt_phone_test", ["incident:write"], more={"channels": ["HOTLINE_111"]}),
    "gone": Partner("lt_gone_test", ["incident:write"], more={"expires": "2020-01-01"}),
    "village": Partner("lt_village_test", ["incident:write"], "thon-3"),
    "worker": Partner("lt_worker_test", ["incident:write", "step:write"]),
    "stepper": Partner("lt_stepper_test", ["step:write"]),
}


class Replica:
    """One running intake."""

    def __init__(
        self, environment: dict[str, str], wrapper: Sequence[str] = (), module: str = "services.intake"
    ) -> None:
        self.environment, self.wrapper, self.module = environment, wrapper, module
        self.url = f"http://127.0.0.1:{environment['PORT']}"
        self.log = Path(environment["SPOOL_FILE"]).with_suffix(".log")
        self.client = httpx.Client(base_url=self.url, timeout=15)
        self.start()

    def start(self) -> None:
        command = [*self.wrapper, sys.executable, "-m", self.module, "app", "run"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env={**os.environ, **self.environment}, cwd=REPOSITORY, stderr=log, stdout=log
            )
        until(lambda: self.client.get("/healthz").status_code == 200, timeout=30, what="intake is up")

    def post(self, body: Any = None, partner: str = "app", **kwargs: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {PARTNERS[partner].token}", **kwargs.pop("headers", {})}
        if "content" not in kwargs:
            kwargs["json"] = FULL if body is None else body
        return self.client.post("/v1/incidents", headers=headers, **kwargs)

    def spool(self, *words: str) -> dict[str, Any]:
        """The answer of `python -m services.intake spool …`."""
        command = [sys.executable, "-m", "services.intake", "spool", *words]
        answer = subprocess.run(
            command, env={**os.environ, **self.environment}, cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
        return json.loads(answer.stdout)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def kill(self) -> None:
        for pid in [self.process.pid, *_descendants(self.process.pid)]:
            os.kill(pid, signal.SIGKILL)
        self.process.wait(10)

    def close(self) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.kill()


def _descendants(pid: int) -> list[int]:
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [one for child in children for one in (child, *_descendants(child))]


class Broker:
    """What intake published, read back from the queue of a consumer."""

    def __init__(self, url: str) -> None:
        self.url = url

    def take(self, queue: str = "notify.events") -> Message | None:
        with connected(self.url) as connection:
            method, properties, body = connection.channel().basic_get(queue, auto_ack=True)
            if method is None:
                return None
            return Message(method.routing_key, body, properties.message_id, properties.type, dict(properties.headers))

    def events(self, count: int) -> list[Any]:
        """The next `count` events but tallies."""
        found: list[Any] = []

        def more() -> bool:
            message = self.take()
            if message is not None and message.routing_key != "intake.tally":
                found.append(decode(message))
            return len(found) >= count

        until(more, timeout=20, what=f"{count} events")
        return found


@pytest.fixture
def broker(vhost: str) -> Broker:
    topology.apply(vhost)
    return Broker(vhost)


@pytest.fixture(scope="session")
def sealing_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("sealing")
    sealing.generate(home / "private", home / "public.pem")
    return home


@pytest.fixture(scope="session")
def signing_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reporting's private key; the public half lies in `session-public` beside it."""
    home = tmp_path_factory.mktemp("signing")
    signing.generate(home / "session-key.pem", home / "session-public")
    return home / "session-key.pem"


@pytest.fixture
def directory_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "directory"
    shutil.copytree(REPOSITORY / "deploy" / "directory" / "binh-luong", folder)
    partners = [
        {
            "id": name,
            "name": name,
            "unit": partner.unit,
            "scopes": partner.scopes,
            "expires": "2099-12-31",
            "token_sha256": [token_hash(partner.token)],
            **partner.more,
        }
        for name, partner in PARTNERS.items()
    ]
    (folder / "partners.yaml").write_text(yaml.safe_dump({"partners": partners}))
    return folder


@pytest.fixture
def replicas(
    tmp_path: Path, vhost: str, directory_folder: Path, sealing_keys: Path, signing_key: Path
) -> Iterator[Callable[..., Replica]]:
    """Makes replicas that share keys and directory, each with a spool of its own."""
    started: list[Replica] = []

    def make(node: str = "a", *, wrapper: Sequence[str] = (), module: str = "services.intake", **more: str) -> Replica:
        environment = {
            "LENTIENG_DIRECTORY": str(directory_folder),
            "AMQP_URL": vhost,
            "PUBLIC_URL": "http://lentieng.test",
            "NODE_NAME": node,
            "PORT": str(_free_port()),
            "SPOOL_FILE": str(tmp_path / f"spool-{node}" / "spool.db"),
            "SEALING_PUBLIC_KEY_FILE": str(sealing_keys / "public.pem"),
            "RECEIPT_KEY": "ab" * 32,
            "RECEIPT_CHECK_KEY": "cd" * 32,
            "CASE_TOKEN_KEY": "ef" * 32,
            "SESSION_PUBLIC_DIR": str(signing_key.parent / "session-public"),
            "STAFF_URL": "http://staff.lentieng.test",
            "THREADS": "16",
            **more,
        }
        Path(environment["SPOOL_FILE"]).parent.mkdir(exist_ok=True)
        replica = Replica(environment, wrapper, module)
        started.append(replica)
        return replica

    yield make
    for replica in started:
        replica.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
