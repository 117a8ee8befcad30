"""What only Debian and its like, as root, lets us do: install RabbitMQ without starting it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")
KEPT = POLICY.with_name("policy-rc.d.lentieng-kept")
GUARD = Path("/run/lentieng-apt.lock")
UNITS = ("rabbitmq-server.service", "epmd.service", "epmd.socket")


class CannotInstall(Exception):
    """A package could not be installed; the text carries what apt said."""


def possible() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


@contextlib.contextmanager
def nothing_autostarts() -> Iterator[None]:
    """No package may start a service while this is open; afterwards the policy is the very file that was there.

    A policy that exists is moved aside and back, not copied: same content, owner, mode, times, link or not. One that a
    killed run of ours left aside is put back first.
    """
    with GUARD.open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        _put_back()
        if os.path.lexists(POLICY):
            POLICY.rename(KEPT)
        POLICY.write_text("#!/bin/sh\n# lentieng: nothing is started while it is being installed\nexit 101\n")
        POLICY.chmod(0o755)
        try:
            yield
        finally:
            if not _put_back():
                POLICY.unlink(missing_ok=True)


def _put_back() -> bool:
    if os.path.lexists(KEPT):
        KEPT.replace(POLICY)
        return True
    # Ours, left by a run that was killed where no policy had been.
    if POLICY.is_file() and not POLICY.is_symlink() and "# lentieng:" in POLICY.read_text(errors="replace"):
        POLICY.unlink()
    return False


def install(packages: list[str], log: Path) -> None:
    """Raises CannotInstall. Nothing that is installed is started, now or at the next boot of the machine."""
    known_units = {unit for unit in UNITS if _enabled(unit)}
    with nothing_autostarts():
        if _apt(["install", *packages], log):
            # An image without package lists, or with lists too old: once more after an update.
            _apt(["update"], log)
            if code := _apt(["install", *packages], log):
                raise CannotInstall(f"apt-get install {' '.join(packages)}: mã lỗi {code}. Xem {log}")
    if systemctl := shutil.which("systemctl"):
        for unit in UNITS:
            if unit not in known_units and _enabled(unit):
                subprocess.run([systemctl, "--no-reload", "disable", unit], capture_output=True, check=False)


def _enabled(unit: str) -> bool:
    systemctl = shutil.which("systemctl")
    if not systemctl:
        return False
    answer = subprocess.run([systemctl, "is-enabled", unit], capture_output=True, check=False, text=True)
    return answer.stdout.strip() == "enabled"


def _apt(arguments: list[str], log: Path) -> int:
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    # A machine that is just being set up often has another apt running: wait for it instead of failing.
    command = ["apt-get", "-y", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0", "--no-install-recommends"]
    with log.open("ab") as out:
        return subprocess.run([*command, *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=out,
                              stderr=subprocess.STDOUT, check=False).returncode  # fmt: skip
