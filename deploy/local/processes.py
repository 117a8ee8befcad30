"""Processes that we start, and that we alone stop: by the pid we were given, never by a name."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")


class Died(Exception):
    """A process ended that should have stayed; the text carries the end of its log."""


class Process:
    """One program in a session of its own, with one log file, that stops when we stop, die or are killed."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], log: Path, *, grace: float = 20
    ) -> None:
        self.name, self.command, self.env, self.log = name, list(command), dict(env), log
        self._grace = grace
        self._popen: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0

    def start(self) -> Process:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        leashed = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), *self.command]
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C in the terminal reaches us alone, and we stop things in the right order.
            self._popen = subprocess.Popen(leashed, env=self.env, stdin=subprocess.DEVNULL, stdout=log,
                                           stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
        self.started_at = time.monotonic()
        return self

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen else None

    @property
    def running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._popen.poll() if self._popen else None

    def check(self) -> None:
        """Raises Died where it has ended."""
        if not self.running:
            raise Died(f"{self.name} đã dừng (mã thoát {self.exit_code}). Cuối {self.log}:\n{tail(self.log)}")

    def ask_to_stop(self) -> None:
        if self.running and self._popen:
            with contextlib.suppress(ProcessLookupError):
                self._popen.send_signal(signal.SIGTERM)

    def stop(self, grace: float | None = None) -> None:
        """Ask, wait, then kill what is left of its session. Returns when it is gone."""
        if self._popen is None:
            return
        self.ask_to_stop()
        try:
            self._popen.wait(self._grace if grace is None else grace)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log, for a person who has to know why something stopped."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - 16_384))
            text = log.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
