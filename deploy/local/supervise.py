"""Services kept up: started, waited for, started again when they die, and stopped together."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from deploy.local.processes import Died, Process
from deploy.local.services import Service

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
LONG_ENOUGH = 60.0  # who has lived this long starts again without a pause


class Kept:
    """One service and its process."""

    def __init__(self, service: Service, logs: Path) -> None:
        self.service = service
        self._log = logs / f"{service.name}.log"
        self.process = Process(service.name, service.command, service.env, self._log, grace=20)
        self._pause, self._again_at = FIRST_PAUSE, 0.0

    def start(self) -> None:
        self.process.start()

    def answers(self) -> bool:
        """Whether /readyz says 200; for a worker whether it runs."""
        return self.process.running if self.service.url is None else _is_ready(f"{self.service.url}/readyz")

    def look_after(self, now: float, say: Callable[[str], None]) -> None:
        """Starts it again when it has died, after a pause that doubles while it keeps dying."""
        if self.process.running:
            return
        if not self._again_at:
            lived = now - self.process.started_at
            self._pause = FIRST_PAUSE if lived >= LONG_ENOUGH else min(self._pause * 2, LONGEST_PAUSE)
            self._again_at = now + self._pause
            say(f"{self.service.name} đã dừng (mã thoát {self.process.exit_code}), chạy lại sau {self._pause:.0f} s; "
                f"xem {self._log}")  # fmt: skip
        elif now >= self._again_at:
            self._again_at = 0.0
            self.process.start()


def wait_until_ready(kept: Kept, patience: float = 60) -> None:
    """Raises Died where it ends or does not answer in time."""
    deadline = time.monotonic() + patience
    while not kept.answers():
        kept.process.check()
        if time.monotonic() >= deadline:
            raise Died(f"{kept.service.name} chưa sẵn sàng sau {patience:g} giây; xem {kept.process.log}")
        time.sleep(0.05)


def stop_all(all_kept: list[Kept], grace: float | None = None) -> None:
    """All are asked at once and then waited for, one after the other."""
    for kept in all_kept:
        kept.process.ask_to_stop()
    for kept in all_kept:
        kept.process.stop(grace)


def _is_ready(url: str) -> bool:
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False
