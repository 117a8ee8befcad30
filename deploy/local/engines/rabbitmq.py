"""A RabbitMQ of our own from installed binaries: own ports, own data, own node name, own epmd, nothing shared.

The server's script is run from the library folder and not from PATH: Debian's wrapper changes the user and reads the
machine's own configuration, and that broker is none of our business.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from deploy.local.engines.management import Management, ManagementError
from deploy.local.ports import Ports
from deploy.local.processes import Died, Process
from deploy.local.vault import write_private

USER = "lentieng-admin"
BOOTING_GRACE = 3.0
LIBRARY = Path("/usr/lib/rabbitmq/lib")
CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
default_user = {user}
default_pass = {password}
"""
SMALL = """\
log.console = true
log.console.level = warning
# Small: it shares one machine with MongoDB, three services and a browser.
raft.wal_max_size_bytes = 64000000
vm_memory_high_watermark.absolute = 400MB
# Below this the broker stops publishers, and the spool of intake grows instead.
disk_free_limit.absolute = 200MB
# A dependency that is down for a night is waited for with messages in hand.
consumer_timeout = 86400000
"""


def find_server() -> Path | None:
    """The server's own script, not a wrapper of a distribution. None where RabbitMQ is not installed."""
    in_library = sorted(LIBRARY.glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    if in_library:
        return in_library[-1]
    on_path = shutil.which("rabbitmq-server")
    script = Path(on_path).resolve() if on_path else None
    # The real one has its helper script beside it; what has not is a wrapper that we must not run.
    return script if script and script.with_name("rabbitmq-env").exists() else None


def find_epmd() -> str | None:
    on_path = shutil.which("epmd")
    if on_path:
        return on_path
    in_erlang = sorted(Path("/usr/lib/erlang").glob("erts-*/bin/epmd"))
    return str(in_erlang[-1]) if in_erlang else None


class RabbitMQ:
    """`home` is its folder; `password` of its administrator counts on the first start only, when the data are made."""

    def __init__(self, home: Path, logs: Path, ports: Ports, password: str) -> None:
        self._home, self._logs, self._ports, self._password = home, logs, ports, password
        self._processes: list[Process] = []
        self._inner_port = ports.of("amqp")  # as the broker sees it
        login = f"{USER}:{quote(password, safe='')}"
        self.amqp = f"amqp://{login}@127.0.0.1:{ports.of('amqp')}/"
        self.management = f"http://{login}@127.0.0.1:{ports.of('management')}"
        self.version = ""

    def launch(self) -> None:
        """Raises Died where epmd does not come up."""
        server, epmd = find_server(), find_epmd()
        if not server or not epmd:
            raise Died("rabbitmq-server hoặc epmd không có trên máy (not installed).")
        env = self._prepare()
        self._start_epmd(epmd, env)
        # Input allowed and not used: then the script becomes the Erlang machine instead of keeping it as a child, so
        # that the pid we hold is the broker's own.
        broker = Process("RabbitMQ", [str(server), "-noinput"], env, self._logs / "rabbitmq.log", grace=40)
        self._processes.append(broker.start())

    def wait(self, patience: float = 120) -> None:
        """Returns when it takes connections. Raises Died with the end of its log."""
        management = Management(self.management, timeout=2)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            self.check()
            try:
                self.version = management.version()
                management.call("GET", "/health/checks/virtual-hosts")
                management.call("GET", f"/health/checks/port-listener/{self._inner_port}")
            except ManagementError:
                time.sleep(0.1)
            else:
                return
        raise Died(f"RabbitMQ chưa sẵn sàng sau {patience:g} giây (not ready). Xem {self._logs / 'rabbitmq.log'}")

    def stop(self) -> None:
        """The broker first, then epmd, which does not leave while a node is registered."""
        # A node that is still booting does not hear SIGTERM, and nobody has given it anything to keep yet.
        grace = None if self.version else BOOTING_GRACE
        while self._processes:
            self._processes[-1].stop(grace)
            self._processes.pop()
        self.version = ""

    def check(self) -> None:
        for process in self._processes:
            process.check()

    def _prepare(self) -> Mapping[str, str]:
        home = self._home
        home.mkdir(parents=True, exist_ok=True)
        own = CONFIGURATION.format(
            amqp=self._ports.of("amqp"), management=self._ports.of("management"), user=USER, password=self._password
        )
        write_private(home / "rabbitmq.conf", own + SMALL)
        (home / "enabled_plugins").write_text("[rabbitmq_management].\n")
        (home / "conf.d").mkdir(exist_ok=True)
        (home / "env.conf").write_text("")
        cookie = home / ".erlang.cookie"
        if not cookie.exists():
            write_private(cookie, secrets.token_hex(20).upper())
            cookie.chmod(0o400)
        machine = {name: value for name, value in os.environ.items()
                   if not name.startswith(("RABBITMQ_", "ERL_", "NOTIFY_", "LISTEN_"))}  # fmt: skip
        return machine | {
            "HOME": str(home),
            "RABBITMQ_NODENAME": "lentieng@localhost",
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_CONFIG_FILES": str(home / "conf.d"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(home / "env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(home / "data"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": str(home / "pid"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "generated"),
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_DIST_PORT": str(self._ports.of("erlang")),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_PORT": str(self._ports.of("epmd")),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def _start_epmd(self, epmd: str, env: Mapping[str, str]) -> None:
        """Ours, in the foreground, before the node looks for one: else the node makes a daemon that outlives us."""
        process = Process("epmd", [epmd], env, self._logs / "epmd.log", grace=5).start()
        self._processes.append(process)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            process.check()
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", self._ports.of("epmd"))) == 0:
                    return
            time.sleep(0.02)
        raise Died(f"epmd không trả lời ở cổng {self._ports.of('epmd')} (does not answer).")
