"""The engines as containers, where there is a Docker engine to talk to.

`docker run` stays in the foreground and hands our SIGTERM on, so a container is a process of ours like any other. Data
lie in volumes that belong to the folder of the run and are labelled `lentieng`.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from deploy.local.engines import mongodb, rabbitmq
from deploy.local.ports import Ports
from deploy.local.processes import Process
from deploy.local.vault import write_private

RABBITMQ_IMAGE = "rabbitmq:4-management"
MONGO_IMAGE = "mongo:8"


def possible() -> bool:
    """Whether an engine answers; the client alone is no use."""
    if not shutil.which("docker"):
        return False
    try:
        ask = ["docker", "version", "--format", "{{.Server.Version}}"]
        answer = subprocess.run(ask, capture_output=True, timeout=10, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and bool(answer.stdout.strip())


def has(image: str, log: Path) -> bool:
    """Whether this image is here, or came from its registry now: an engine without a network has neither."""
    if _quietly(["docker", "image", "inspect", image], log):
        return True
    return _quietly(["docker", "pull", "--quiet", image], log)


def rabbitmq_image() -> str:
    return os.environ.get("LENTIENG_RABBITMQ_IMAGE", RABBITMQ_IMAGE)


def mongo_image() -> str:
    return os.environ.get("LENTIENG_MONGO_IMAGE", MONGO_IMAGE)


def volume_of(home: Path, engine: str) -> str:
    """The name of the volume, and of the container, that belongs to this folder: a new folder starts with no data.

    Named by the ports alone, a folder that was thrown away would leave its data, and their password, to the next one.
    """
    home.mkdir(parents=True, exist_ok=True)
    file = home / "volume"
    if not file.exists():
        file.write_text(f"lentieng-{secrets.token_hex(4)}-{engine}\n")
    return file.read_text().strip()


def discard(home: Path) -> None:
    """Removes the volume of this folder, if it has one and its container is gone."""
    if (home / "volume").exists():
        name = (home / "volume").read_text().strip()
        subprocess.run(["docker", "volume", "rm", name], capture_output=True, check=False, timeout=60)


def _quietly(command: list[str], log: Path) -> bool:
    with log.open("ab") as out:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, check=False)
    return done.returncode == 0


def _container(name: str, log: Path, options: list[str], image: str, command: list[str]) -> Process:
    # A container that a killed run left behind has our name and our ports.
    subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=False, timeout=60)
    for option in options:
        volume = option.partition(":")[0]
        if volume.startswith("lentieng-"):  # made beforehand, so that its label says whose it is
            make = ["docker", "volume", "create", "--label", "lentieng", volume]
            subprocess.run(make, capture_output=True, check=False, timeout=60)
    run = ["docker", "run", "--rm", "--name", name, "--label", "lentieng", *options, image, *command]
    return Process(name, run, os.environ, log, grace=60)


class RabbitMQ(rabbitmq.RabbitMQ):
    """As the installed one, but for what runs it."""

    def launch(self) -> None:
        name = volume_of(self._home, "rabbitmq")
        # Not on the command line: what is there can be read by every user of the machine.
        write_private(
            self._home / "login.env",
            f"RABBITMQ_DEFAULT_USER={rabbitmq.USER}\nRABBITMQ_DEFAULT_PASS={self._password}\n",
        )
        settings = self._home / "container.conf"
        settings.write_text(rabbitmq.SMALL)
        options = [
            "--hostname", "lentieng", "--env-file", str(self._home / "login.env"),
            "--volume", f"{settings}:/etc/rabbitmq/conf.d/90-lentieng.conf:ro",
            "--volume", f"{name}:/var/lib/rabbitmq",
            "--publish", f"127.0.0.1:{self._ports.of('amqp')}:5672",
            "--publish", f"127.0.0.1:{self._ports.of('management')}:15672",
        ]  # fmt: skip
        for more in sorted((self._home / "conf.d").glob("*.conf")):
            options += ["--volume", f"{more}:/etc/rabbitmq/conf.d/{more.name}:ro"]
        self._inner_port = 5672
        self._processes.append(_container(name, self._logs / "rabbitmq.log", options, rabbitmq_image(), []).start())


class MongoDB(mongodb.MongoDB):
    """As the installed one; inside and outside it has one port, because a member of a set is known by its address."""

    def __init__(self, home: Path, logs: Path, ports: Ports) -> None:
        super().__init__("mongod", home, logs, ports)
        name, port = volume_of(home, "mongo"), str(ports.of("mongo"))
        options = ["--volume", f"{name}:/data/db", "--publish", f"127.0.0.1:{port}:{port}"]
        command = ["mongod", "--port", port, "--bind_ip_all", "--replSet", mongodb.SET, "--oplogSize", "128",
                   "--wiredTigerCacheSizeGB", "0.25", "--quiet", *mongodb.NO_HISTORY]  # fmt: skip
        self._make = lambda: _container(name, logs / "mongod.log", options, mongo_image(), command)

    def launch(self) -> None:
        self._process = self._make()
        self._process.start()
