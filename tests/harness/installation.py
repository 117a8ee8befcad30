"""A whole installation that tests may hurt: engines and services of its own, each process to be killed or stopped.

`Stack` shows what `make run` does, and keeps everything alive. Here nobody restarts anything but the test.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymongo

from deploy.local import broker, files, services
from deploy.local.engines import Engines, docker
from deploy.local.engines import start as start_engines
from deploy.local.engines.management import Management
from deploy.local.place import Place
from deploy.local.ports import Ports
from deploy.local.processes import Process
from deploy.local.services import Service
from deploy.local.supervise import _is_ready
from deploy.local.vault import Vault
from tests.harness.broker_view import BrokerView
from tests.harness.engine_hands import EngineHands
from tests.harness.waiting import until

REPO = Path(__file__).resolve().parents[2]
START = 60


class Installation(EngineHands, BrokerView):
    """Started from the main thread: what we start is told to stop when the starting thread ends."""

    def __init__(
        self,
        *,
        intakes: int = 1,
        quick: Mapping[str, float] | None = None,
        broker_settings: str = "",
        environment: Mapping[str, str] | None = None,
        spool: Path | None = None,
    ) -> None:
        """`quick`: knobs of tests.harness.launch for every service; `broker_settings`: lines of rabbitmq.conf.

        `environment` is added to that of every service, `spool` is where the spools lie.
        """
        self.home = Path(tempfile.mkdtemp(prefix="lentieng-faults-"))
        self.place, self.ports = Place(self.home), Ports.free()
        self.traps = self.home / "traps"
        self._quick = dict(quick or {})
        self._more = dict(environment or {})
        self._intakes, self._spool = intakes, spool
        self.processes: dict[str, Process] = {}
        self.services: dict[str, Service] = {}
        self.engines: Engines | None = None
        self._broker_settings(broker_settings)
        try:
            self._start()
        except BaseException as error:
            error.add_note(self.logs())
            self.close()
            raise

    def _broker_settings(self, lines: str) -> None:
        home = self.home / "rabbitmq"
        (home / "conf.d").mkdir(parents=True)
        (home / "conf.d" / "90-test.conf").write_text(lines)

    def _start(self) -> None:
        vault = Vault(self.place.secrets)
        self.place.logs.mkdir(parents=True)
        self.tokens = files.prepare(self.place, self.ports, vault, lambda _: None)
        self.engines = start_engines(self.home, self.ports, {}, password=vault.password("broker-admin"))
        addresses = self.engines.addresses
        assert addresses.management
        self.management = Management(addresses.management, timeout=5)
        self.mongo: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
            addresses.mongo, timeoutMS=5000, tz_aware=True
        )
        amqp = broker.prepare(addresses, vault, owned=True)
        self.amqp = addresses.amqp
        parts = services.Parts(self.place, self.ports, vault, addresses, amqp, self._intakes)
        for service in (services.sandbox(parts), *services.services(parts)):
            self.services[service.name] = self._as_wanted(service)
        for name in self.services:
            self.start(name, wait=False)
        for name in self.services:
            self.wait_ready(name)

    def _as_wanted(self, service: Service) -> Service:
        env = {**service.env, **self._more}
        if self._spool and "SPOOL_FILE" in env:
            env["SPOOL_FILE"] = str(self._spool / Path(env["SPOOL_FILE"]).name)
        return replace(service, env=env)

    # --- services ---------------------------------------------------------------------------------------------------

    def start(self, name: str, *, wait: bool = True, quick: Mapping[str, float] | None = None, as_: str = "",
              environment: Mapping[str, str] | None = None, lose: int = 0) -> Process:  # fmt: skip
        """Start a service (again). `as_`: a second process of the same service, under this name.

        `lose`: it throws away the report that comes as the so many-th.
        """
        service, name = self.services[name], as_ or name
        self.services[name] = replace(service, name=name, env={**service.env, **(environment or {})})
        process = Process(name, self._launched(name, quick, lose), self.services[name].env,
                          self.place.logs / f"{name}.log", grace=60)  # fmt: skip
        self.processes[name] = process
        process.start()
        if wait:
            self.wait_ready(name)
        return process

    def _launched(self, name: str, quick: Mapping[str, float] | None, lose: int) -> Sequence[str]:
        python, _, module, *words = self.services[name].command
        if not module.startswith("services."):
            return self.services[name].command
        (self.traps / name).mkdir(parents=True, exist_ok=True)
        turned = {**self._quick, **(quick or {})}
        knobs = [word for knob, value in turned.items() for word in ("--quick", f"{knob}={value}")]
        if lose:
            knobs += ["--lose", str(lose)]
        return (python, "-m", "tests.harness.launch", "--traps", str(self.traps / name), *knobs, "--", module, *words)

    def forget(self, name: str) -> None:
        """End a second process for good: nobody waits for it any more."""
        self.processes.pop(name).stop()
        self.services.pop(name)

    def wait_ready(self, name: str) -> None:
        service, process = self.services[name], self.processes[name]

        def ready() -> bool:
            if not process.running:
                raise SystemExit(f"{name} ended with {process.exit_code}\n{self.logs()}")
            if service.url is not None:
                return _is_ready(f"{service.url}/readyz")
            return service.queue is None or self.consumers(service.queue) > 0

        until(ready, timeout=START, what=f"{name} ready", every=0.1)

    def kill(self, name: str) -> None:
        """SIGKILL to the whole service, as a power cut would end it."""
        process = self.processes[name]
        assert process.pid
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.stop(0)

    def terminate(self, name: str, patience: float = 60) -> int | None:
        """SIGTERM; the exit status."""
        process = self.processes[name]
        process.ask_to_stop()
        until(lambda: not process.running, timeout=patience, what=f"{name} ended", every=0.05)
        return process.exit_code

    def signal(self, name: str, number: signal.Signals) -> None:
        pid = self.processes[name].pid
        assert pid
        os.killpg(pid, number)

    def pid(self, name: str) -> int | None:
        return self.processes[name].pid

    # --- traps ------------------------------------------------------------------------------------------------------

    def lay_trap(self, name: str, point: str, what: str = "KILL", at: int = 1) -> None:
        """This service is killed or stopped when it passes the place for the `at`-th time from now on, once."""
        folder = self.traps / name
        (folder / f"{point}.sprung").unlink(missing_ok=True)
        half = folder / f".{point}"
        half.write_text(f"{what} {at}", encoding="ascii")
        half.rename(folder / point)

    def lost(self, name: str) -> str:
        """The id of the report that this service has thrown away; "" before."""
        file = self.traps / name / "lost"
        return file.read_text(encoding="ascii") if file.exists() else ""

    def sprung(self, name: str, point: str) -> bool:
        return (self.traps / name / f"{point}.sprung").exists()

    def returned(self, name: str) -> list[int]:
        """The delivery counts of what came to this worker and had been taken back by the broker before."""
        file = self.traps / name / "returned"
        return [int(line) for line in file.read_text(encoding="ascii").split()] if file.exists() else []

    # --- the rest ---------------------------------------------------------------------------------------------------

    def url(self, name: str) -> str:
        return self.ports.url(name)

    def intakes(self) -> list[str]:
        return [service.url for name, service in self.services.items() if name.startswith("intake") and service.url]

    def spools(self) -> list[Path]:
        return [Path(service.env["SPOOL_FILE"]) for service in self.services.values() if "SPOOL_FILE" in service.env]

    def command(self, service: str, *words: str, arm: str = "") -> subprocess.CompletedProcess[str]:
        """`python -m services.<…> words` with the environment of a running service; killed at `arm`."""
        module = self.services[service].command[2]
        launch = ["tests.harness.launch", "--arm", arm, "--", module] if arm else [module]
        return subprocess.run([sys.executable, "-m", *launch, *words], cwd=REPO, env=dict(self.services[service].env),
                              capture_output=True, text=True, timeout=60, check=False)  # fmt: skip

    def log(self, name: str) -> str:
        return (self.place.logs / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def logs(self, lines: int = 12) -> str:
        """The end of every log, for the message of a failed test."""
        ends = []
        for log in sorted(self.place.logs.glob("*.log")):
            end = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
            ends.append("\n".join([f"--- {log.name}", *(line[:400] for line in end)]))
        return "\n".join(ends)

    def close(self) -> None:
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError, TypeError):
                os.killpg(process.pid, signal.SIGCONT)  # type: ignore[arg-type]
            process.ask_to_stop()
        for process in self.processes.values():
            process.stop(20)
        if hasattr(self, "mongo"):
            self.mongo.close()
        if self.engines:
            self.engines.stop()
        if self._keep():
            return
        for folder in ("rabbitmq", "mongo"):
            docker.discard(self.home / folder)
        shutil.rmtree(self.home, ignore_errors=True)

    @staticmethod
    def _keep() -> bool:
        return os.environ.get("KEEP_FAULTS") == "1"
