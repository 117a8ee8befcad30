"""A mongod of our own: own port, own data, a replica set of one (transactions and change streams need a set)."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.local.ports import Ports
from deploy.local.processes import Died, Process

if TYPE_CHECKING:
    from pymongo.database import Database

SET = "rs0"
NOT_YET_INITIALIZED = 94
# Nobody reads history here, and tests drop hundreds of databases: their files are closed at the next checkpoint and not
# five minutes later, when a mongod may have died of too many open files.
NO_HISTORY = ("--setParameter", "minSnapshotHistoryWindowInSeconds=0")


def runs(program: str | Path) -> bool:
    """Whether this mongod starts at all here: a binary for another OpenSSL or another processor does not."""
    try:
        answer = subprocess.run([str(program), "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def find_server() -> str | None:
    on_path = shutil.which("mongod")
    return on_path if on_path and runs(on_path) else None


class MongoDB:
    def __init__(self, program: str | Path, home: Path, logs: Path, ports: Ports) -> None:
        self._home, self._port = home, ports.of("mongo")
        self.url = f"mongodb://127.0.0.1:{self._port}/?replicaSet={SET}"
        self.version = ""
        command = [
            str(program), "--dbpath", str(home / "data"), "--port", str(self._port), "--bind_ip", "127.0.0.1",
            "--replSet", SET, "--oplogSize", "128", "--wiredTigerCacheSizeGB", "0.25", "--nounixsocket", "--quiet",
            "--setParameter", "diagnosticDataCollectionEnabled=false", *NO_HISTORY,
        ]  # fmt: skip
        self._process = Process("MongoDB", command, os.environ, logs / "mongod.log", grace=40)

    def launch(self) -> None:
        (self._home / "data").mkdir(parents=True, exist_ok=True)
        self._process.start()

    def wait(self, patience: float = 60) -> None:
        """Returns when it is primary. Raises Died with the end of its log."""
        import pymongo
        from pymongo.errors import PyMongoError

        deadline = time.monotonic() + patience
        with pymongo.MongoClient("127.0.0.1", self._port, directConnection=True, timeoutMS=2000) as client:
            while time.monotonic() < deadline:
                self._process.check()
                try:
                    hello = client.admin.command("hello")
                    if hello.get("isWritablePrimary"):
                        self.version = str(client.server_info()["version"])
                        return
                    self._configure(client.admin, hello)
                except PyMongoError:
                    pass  # not listening yet, or an election is on
                time.sleep(0.05)
        raise Died(f"MongoDB chưa sẵn sàng sau {patience:g} giây (not ready). Xem {self._process.log}")

    def stop(self) -> None:
        self._process.stop()

    def check(self) -> None:
        self._process.check()

    def _configure(self, admin: Database[dict[str, Any]], hello: Mapping[str, Any]) -> None:
        """A set of one, at the port of today: the member knows itself by address, and the base may have changed."""
        from pymongo.errors import OperationFailure

        member = {"_id": 0, "host": f"127.0.0.1:{self._port}"}
        if hello.get("secondary") or hello.get("isreplicaset") or hello.get("setName"):
            try:
                current = admin.command("replSetGetConfig")["config"]
            except OperationFailure as error:
                if error.code != NOT_YET_INITIALIZED:
                    raise
                admin.command("replSetInitiate", {"_id": SET, "members": [member]})
                return
            if current["members"][0]["host"] != member["host"]:
                current["members"][0]["host"] = member["host"]
                current["version"] += 1
                admin.command("replSetReconfig", current, force=True)
