"""The whole stack as `make run` starts it, for tests that only look from the outside."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.harness.waiting import until

if TYPE_CHECKING:
    from deploy.local.engines.addresses import Addresses

REPO = Path(__file__).resolve().parents[2]


@dataclass
class Stack:
    """`ready` is ready.json; `home` is what `.local` is in a real run (logs in `home/log`)."""

    home: Path
    ready: dict[str, Any]
    process: subprocess.Popen[bytes]
    engines: Addresses | None = None
    vhost: str = ""
    mongo_prefix: str = ""

    @classmethod
    def start(cls, engines: Addresses | None = None, *, intakes: int = 1, drill: bool = False, timeout: float = 180,
              environment: Mapping[str, str] | None = None) -> Stack:  # fmt: skip
        """With `engines`: in a vhost and databases of its own there. Without: engines of its own, as for a newcomer."""
        from deploy.local.ports import Ports

        home = Path(tempfile.mkdtemp(prefix="lentieng-stack-"))
        ports = Ports.free()
        mine = {name: value for name, value in os.environ.items()
                if name not in {"AMQP_URL", "MONGO_URL", "RABBITMQ_MANAGEMENT_URL"}}  # fmt: skip
        mine |= {"LENTIENG_PORT_BASE": str(ports.base), "LENTIENG_LOCAL": str(home), "INTAKE": str(intakes),
                 "LENTIENG_DRILL": "1" if drill else "0"}  # fmt: skip
        vhost, prefix = f"stack-{ports.base}", f"stack_{ports.base}_"
        if engines:
            mine |= _share(engines, vhost, prefix)
        stack = cls(home, {}, _launch(home, mine | dict(environment or {})), engines, vhost, prefix)
        try:
            until(stack._is_up, timeout=timeout, what="the whole stack", every=0.1)
            stack.ready = json.loads((home / "ready.json").read_text(encoding="utf-8"))
        except BaseException as error:
            error.add_note(stack.output())
            stack.stop()
            raise
        return stack

    def _is_up(self) -> bool:
        # Ended means it never will be: SystemExit is no Exception, so `until` does not wait on.
        if self.process.poll() is not None:
            raise SystemExit(f"the stack ended with {self.process.returncode}\n{self.output()}")
        return (self.home / "ready.json").exists()

    def output(self) -> str:
        """What it wrote to its terminal."""
        return (self.home / "terminal.txt").read_text(encoding="utf-8", errors="replace")

    def log(self, name: str) -> str:
        return (self.home / "log" / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """As Ctrl-C does; then everything it left in shared engines is removed, and its folder."""
        from deploy.local.engines import docker

        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.engines:
            _unshare(self.engines, self.vhost, self.mongo_prefix)
        for folder in ("rabbitmq", "mongo"):
            docker.discard(self.home / folder)
        shutil.rmtree(self.home, ignore_errors=True)


def _launch(home: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    with (home / "terminal.txt").open("wb") as out:
        return subprocess.Popen([sys.executable, "-m", "deploy.local.run"], cwd=REPO, env=environment, stdout=out,
                                stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)  # fmt: skip


def _share(engines: Addresses, vhost: str, prefix: str) -> dict[str, str]:
    from deploy.local.engines.management import Management

    assert engines.management
    Management(engines.management).create_vhost(vhost)
    return {
        "AMQP_URL": engines.amqp_for(vhost=vhost),
        "RABBITMQ_MANAGEMENT_URL": engines.management,
        "MONGO_URL": engines.mongo,
        "LENTIENG_MONGO_PREFIX": prefix,
    }


def _unshare(engines: Addresses, vhost: str, prefix: str) -> None:
    import pymongo

    from deploy.local.broker import user_name
    from deploy.local.engines.management import Management, ManagementError
    from deploy.local.services import USERS

    assert engines.management
    management = Management(engines.management)
    for remove, name in (
        (management.delete_vhost, vhost),
        *((management.delete_user, user_name(service, vhost, owned=False)) for service in USERS),
    ):
        with contextlib.suppress(ManagementError):
            remove(name)
    with pymongo.MongoClient(engines.mongo, timeoutMS=10_000) as client:
        for name in client.list_database_names():
            if name.startswith(prefix):
                client.drop_database(name)
