"""The integration ring against the engines that are shipped: two containers, started once.

    python -m tests.docker.integration [words for pytest]

A program and not a fixture: what testcontainers warns of while it is imported is none of the tests' business.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pymongo
from pymongo.errors import PyMongoError
from testcontainers.community.mongodb import MongoDbContainer
from testcontainers.community.rabbitmq import RabbitMqContainer

from deploy.local.engines.mongodb import NO_HISTORY

REPO = Path(__file__).resolve().parents[2]
# These are about the engines that `make run` starts by itself.
OTHER_ENGINES = ("test_engines.py", "test_processes.py", "test_run.py")
USER, PASSWORD, MANAGEMENT = "lentieng", "only-for-this-run", 15672


class ReplicaSet(MongoDbContainer):
    """A set of one without users: with users it would want a key file."""

    def _configure(self) -> None:
        self.with_command(
            ["mongod", "--replSet", "rs0", "--bind_ip_all", "--wiredTigerCacheSizeGB", "0.25", *NO_HISTORY]
        )

    def url(self) -> str:
        """Direct, because the member knows itself by its address in the container."""
        return f"mongodb://{self.get_container_host_ip()}:{self.get_exposed_port(self.port)}/?directConnection=true"

    def initiate(self, patience: float = 60) -> None:
        members = [{"_id": 0, "host": f"127.0.0.1:{self.port}"}]
        deadline = time.monotonic() + patience
        with pymongo.MongoClient(self.url(), timeoutMS=5_000) as client:
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
            while not client.admin.command("hello").get("isWritablePrimary"):
                if time.monotonic() > deadline:
                    raise PyMongoError("not primary")
                time.sleep(0.1)


def main(words: list[str]) -> int:
    broker = RabbitMqContainer("rabbitmq:4-management", username=USER, password=PASSWORD)
    broker.with_exposed_ports(broker.port, MANAGEMENT)
    with broker, ReplicaSet("mongo:8") as mongo:
        mongo.initiate()
        host = broker.get_container_host_ip()
        engines = {
            "AMQP_URL": f"amqp://{USER}:{PASSWORD}@{host}:{broker.get_exposed_port(broker.port)}/",
            "RABBITMQ_MANAGEMENT_URL": f"http://{USER}:{PASSWORD}@{host}:{broker.get_exposed_port(MANAGEMENT)}",
            "MONGO_URL": mongo.url(),
        }
        left_out = [f"--ignore=tests/integration/local/{name}" for name in OTHER_ENGINES]
        command = [sys.executable, "-m", "pytest", "tests/integration", *left_out, *words]
        return subprocess.run(command, cwd=REPO, env=os.environ | engines, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
