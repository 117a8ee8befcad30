"""Which port is whose: one base, everything else counted from it."""

from __future__ import annotations

import random
import socket
from collections.abc import Mapping
from dataclasses import dataclass

VARIABLE = "LENTIENG_PORT_BASE"
DEFAULT_BASE = 8000
OFFSETS = {
    "intake": 1,
    "notify": 2,
    "reporting": 3,
    "sandbox": 4,
    "amqp": 5,
    "mongo": 6,
    "management": 7,
    "smtp": 8,
    "epmd": 9,
    "erlang": 10,
    "intake2": 11,
}


class WrongPorts(Exception):
    """The ports cannot be used; the text says which, why, and what to set."""


@dataclass(frozen=True)
class Ports:
    base: int = DEFAULT_BASE

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Ports:
        """Raises WrongPorts where the base is no number that leaves room for all of them."""
        text = environment.get(VARIABLE, str(DEFAULT_BASE))
        if not text.isdigit() or not 1024 <= int(text) <= 65_000:
            raise WrongPorts(f"{VARIABLE}={text}: phải là một số từ 1024 đến 65000 (a number from 1024 to 65000).")
        return cls(int(text))

    @classmethod
    def free(cls) -> Ports:
        """Some base whose ports are all free now. Below 32768, where the kernel takes its own ports from."""
        for _ in range(200):
            ports = cls(random.randrange(20_000, 32_000, 20))
            if not ports.taken():
                return ports
        raise WrongPorts("Không tìm được dãy cổng trống (no free range of ports between 20000 and 32000).")

    def of(self, name: str) -> int:
        return self.base + OFFSETS[name]

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.of(name)}"

    def taken(self, names: tuple[str, ...] = tuple(OFFSETS)) -> list[str]:
        return [name for name in names if not _is_free(self.of(name))]

    def require_free(self, names: tuple[str, ...] = tuple(OFFSETS)) -> None:
        """Raises WrongPorts naming the first port that somebody else has."""
        for name in self.taken(names):
            port = self.of(name)
            raise WrongPorts(
                f"Cổng {port} (cho {name}) đã có chương trình khác dùng. Có thể một `make run` khác đang chạy; "
                f"nếu không, chọn dãy cổng khác, ví dụ: make run {VARIABLE}={self.base + 1000}\n"
                f"Port {port} (for {name}) is taken. Another `make run`? Else choose other ports as above."
            )


def _is_free(port: int) -> bool:
    """Both ways: bound by somebody else, or listened to on an address that ours would share."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Without this a port whose last connections are in TIME_WAIT looks taken for a minute after every stop.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
