"""Everything on one machine: `make run`. Reads from top to bottom in the order in which things start."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import yaml

from deploy.local import broker, drill, files, services, staff, supervise
from deploy.local.engines import Engines, NoEngine
from deploy.local.engines import start as start_engines
from deploy.local.engines.management import ManagementError
from deploy.local.place import Place
from deploy.local.ports import Ports, WrongPorts
from deploy.local.processes import Died
from deploy.local.screen import Screen
from deploy.local.vault import Vault, write_private
from shared.directory import DirectoryError
from shared.failures import Temporary
from shared.messaging.errors import WrongTopology

# The clock of whoever reads: machines often stand on UTC.
HERE = ZoneInfo("Asia/Ho_Chi_Minh")


# What a person can put right; everything else is a fault of ours and shows where it came from.
_SENTENCES = (
    Died, NoEngine, WrongPorts, DirectoryError, ManagementError, Temporary, WrongTopology, yaml.YAMLError,
)  # fmt: skip


class Stop(BaseException):
    """Ctrl-C or SIGTERM. Not an Exception: nothing on the way may take it for a failure and go on."""


class Run:
    def __init__(self, environment: Mapping[str, str], screen: Screen) -> None:
        self.environment, self.screen = environment, screen
        self.place = Place.from_environment(environment)
        self.ports = Ports.from_environment(environment)
        self.intakes = 2 if environment.get("INTAKE", "1") == "2" else 1
        self.vault = Vault(self.place.secrets)
        self.engines: Engines | None = None
        self.kept: list[supervise.Kept] = []
        self._lock: IO[str] | None = None

    def start(self) -> None:
        """Returns when everything answers and `ready.json` is written. Raises Died, NoEngine, WrongPorts, Stop."""
        screen, started = self.screen, time.monotonic()
        self.place.logs.mkdir(parents=True, exist_ok=True)
        self._hold_place()
        self.place.ready.unlink(missing_ok=True)
        screen.title("Lên Tiếng · chạy trên máy này", "THỬ NGHIỆM, không gửi gì đến người thật · Ctrl-C để dừng")
        self._check_ports()
        tokens = files.prepare(self.place, self.ports, self.vault, self._say)
        password = self.vault.password("broker-admin")
        self.engines = start_engines(self.place.root, self.ports, self.environment, password=password, screen=screen)
        with screen.step("Hàng đợi, quyền"):
            amqp = broker.prepare(self.engines.addresses, self.vault, self.engines.owns_broker)
        prefix = self.environment.get("LENTIENG_MONGO_PREFIX", "")
        parts = services.Parts(self.place, self.ports, self.vault, self.engines.addresses, amqp, self.intakes, prefix)
        files.environments(self.place, services.settings(parts))
        self._start_services([services.sandbox(parts), *services.services(parts)])
        with screen.step("Tài khoản thử"):
            self._accounts(parts)
        ready = self._ready(tokens)
        if self.environment.get("LENTIENG_DRILL", "1") != "0":
            self._drill(ready)
        write_private(self.place.ready, json.dumps(ready, indent=2, ensure_ascii=False) + "\n")
        self._tell_where(ready, time.monotonic() - started)

    def watch(self) -> None:
        """For ever: what dies is started again."""
        assert self.engines
        while True:
            for kept in self.kept:
                kept.look_after(time.monotonic(), self._say)
            try:
                self.engines.check()
            except Died as died:
                self._say(f"{died}\n    Khởi động lại …")
                self.engines.revive()
            time.sleep(0.5)

    def stop(self, hurry: bool = False) -> None:
        """Services first, while the engines are there to take what they still have to say."""
        self.place.ready.unlink(missing_ok=True)
        supervise.stop_all(self.kept, grace=1 if hurry else None)
        self.kept = []
        if self.engines:
            self.engines.stop()

    def _hold_place(self) -> None:
        """One run per folder: two would tear at the same data."""
        self._lock = (self.place.root / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise WrongPorts(
                f"Một `make run` khác đang dùng {self.place.shown(self.place.root)}. Hãy dừng nó trước.\n"
                f"Another run uses this folder; stop it first."
            ) from None

    def _check_ports(self) -> None:
        """Before anything is installed or started."""
        names = ["intake", "notify", "reporting", "sandbox", "smtp", *(["intake2"] if self.intakes == 2 else [])]
        if not self.environment.get("AMQP_URL"):
            names += ["amqp", "management", "epmd", "erlang"]
        if not self.environment.get("MONGO_URL"):
            names += ["mongo"]
        self.ports.require_free(tuple(names))

    def _start_services(self, wanted: list[services.Service]) -> None:
        for service in wanted:
            kept = supervise.Kept(service, self.place.logs)
            self.kept.append(kept)
            kept.start()
        for kept in self.kept:
            with self.screen.step(kept.service.label, kept.service.url or ""):
                supervise.wait_until_ready(kept)

    def _accounts(self, parts: services.Parts) -> None:
        wrong = staff.import_all(services.commands(parts), staff.listed(self.vault))
        if wrong:
            self._say(f"Chưa tạo được tài khoản thử (services.reporting account import): {wrong}")

    def _ready(self, tokens: Mapping[str, str]) -> dict[str, Any]:
        assert self.engines
        replicas = [self.ports.url("intake"), *([self.ports.url("intake2")] if self.intakes == 2 else [])]
        addresses = self.engines.addresses
        return {
            "intake": self.ports.url("intake"),
            "intake_replicas": replicas,
            "notify": self.ports.url("notify"),
            "reporting": self.ports.url("reporting"),
            "sandbox": self.ports.url("sandbox"),
            "amqp": addresses.amqp,
            "mongo": addresses.mongo,
            **tokens,
            "staff": staff.ready(self.vault),
        }

    def _drill(self, ready: Mapping[str, Any]) -> None:
        screen = self.screen
        screen.line(f"\n  {screen.bold('Một báo thử đi hết cả chuỗi')}   {screen.dim('drill')}\n")
        chain = drill.Chain(
            ready["intake"], ready["notify"], ready["reporting"], ready["sandbox"], ready["partner_key"],
            ready["operator_token"], self._agency_names(),
        )  # fmt: skip

        def alive() -> None:
            for kept in self.kept:
                kept.process.check()

        try:
            trace = drill.run(chain, alive=alive)
        except drill.DrillFailed as failed:
            screen.line(screen.warning(f"  Báo thử không được nhận: {failed}"))
            return
        for seen in trace.seen:
            after = f"+{seen.after:.3f} s".replace(".", ",")
            screen.line(f"  {after:>11}  {seen.what:<26} {screen.dim(seen.detail)}".rstrip())
        for missing in trace.missing:
            screen.line(screen.warning(f"  Chưa thấy: {missing}. Xem {self.place.shown(self.place.logs)}/"))

    def _agency_names(self) -> dict[str, str]:
        content = yaml.safe_load((self.place.directory / "agencies.yaml").read_text(encoding="utf-8"))
        return {entry["code"]: entry.get("vi", entry["code"]) for entry in content["agencies"]}

    def _tell_where(self, ready: Mapping[str, Any], took: float) -> None:
        screen, place = self.screen, self.place
        screen.line()
        for url, what in (
            (ready["intake"], "trang báo tin, như người dân thấy"),
            (ready["sandbox"], "điện thoại và hộp thư của công an, trường học, Ban bảo vệ trẻ em"),
            (f"{ready['reporting']}/staff", f"trang của cán bộ; tài khoản thử: {ready['sandbox']}/tai-khoan"),
        ):
            screen.line(f"  {screen.bold(url)}   {what}")
        screen.line()
        screen.line(f"  Địa chỉ API, mã truy cập {place.shown(place.ready)}")
        screen.line(f"  Cho lệnh của vận hành    {place.shown(place.env)}/")
        screen.line(f"  Nhật ký                  {place.shown(place.logs)}/")
        screen.line(
            f"  Sẵn sàng sau {took:.1f} s. Ctrl-C để dừng; dữ liệu ở lại trong {place.shown(place.root)}/.".replace(
                ".", ",", 1
            )
        )
        screen.line()

    def _say(self, text: str) -> None:
        self.screen.line(f"  {datetime.now(HERE):%H:%M:%S}  {self.screen.warning(text)}")


def main() -> int:
    os.chdir(Path(__file__).resolve().parents[2])
    screen = Screen()
    signals = Signals()
    try:
        run = Run(os.environ, screen)
    except WrongPorts as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    code = 0
    try:
        run.start()
        run.watch()
    except Stop:
        screen.line("\n  Đang dừng …")
    except _SENTENCES as error:
        signals.gather()
        sys.stderr.write(f"\n{error}\n")
        code = 1
    finally:
        signals.gather()
        run.stop(signals.hurry)
    screen.line("  Đã dừng hết." if code == 0 else "")
    return code


class Signals:
    """The first signal raises Stop wherever we are; after `gather` signals only say that somebody is in a hurry."""

    def __init__(self) -> None:
        self.hurry = False
        self._raising = True
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._received)

    def gather(self) -> None:
        self._raising = False

    def _received(self, number: int, frame: object) -> None:
        if self._raising:
            self._raising = False
            raise Stop
        self.hurry = True


if __name__ == "__main__":
    sys.exit(main())
