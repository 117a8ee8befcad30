"""Engines stopped, killed and started again, whether they are programs of this machine or containers."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from deploy.local.engines import Engines
from deploy.local.processes import Process
from tests.harness.waiting import until


class EngineHands:
    """Of an installation: `home` is its folder, `engines` are its own."""

    home: Path
    engines: Engines | None

    def engine_process(self, engine: str) -> Process:
        assert self.engines
        for ours in self.engines._ours:
            if engine == "rabbitmq" and hasattr(ours, "_processes"):
                return ours._processes[-1]  # the broker comes after epmd
            if engine == "mongod" and hasattr(ours, "_process"):
                return ours._process
        raise LookupError(engine)

    @contextlib.contextmanager
    def stopped(self, *engines: str) -> Iterator[None]:
        """The engines stand still (SIGSTOP): connections stay open and nobody answers."""
        for engine in engines:
            self._halt(engine, signal.SIGSTOP)
        try:
            yield
        finally:
            for engine in engines:
                self._halt(engine, signal.SIGCONT)

    def _halt(self, engine: str, number: signal.Signals) -> None:
        container = self._container(engine)
        if container:
            tell("pause" if number is signal.SIGSTOP else "unpause", container)
        else:
            os.kill(int(self.engine_process(engine).pid or 0), number)

    def kill_engine(self, engine: str) -> None:
        process, container = self.engine_process(engine), self._container(engine)
        if container:
            tell("kill", container)
        else:
            os.kill(int(process.pid or 0), signal.SIGKILL)
        until(lambda: not process.running, timeout=10, what=f"{engine} is dead")

    def _container(self, engine: str) -> str:
        """Its container, where the engines came from images: the process that we hold is only the one who asked."""
        named = self.home / {"rabbitmq": "rabbitmq", "mongod": "mongo"}[engine] / "volume"
        return named.read_text().strip() if named.exists() else ""

    def revive(self) -> None:
        assert self.engines
        self.engines.revive()


def tell(verb: str, container: str) -> None:
    subprocess.run(["docker", verb, container], check=True, capture_output=True, timeout=60)
