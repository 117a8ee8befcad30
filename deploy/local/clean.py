"""Remove what running and testing left behind: `make clean`. Refuses while a local run is up."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
LEFT_BEHIND = (".venv", ".venv-bench", ".local", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis")


def main() -> int:
    lock = REPO / ".local" / "lock"
    if lock.exists():
        with lock.open() as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                sys.stderr.write("`make run` đang chạy ở đây; hãy dừng nó trước (still running here: stop it first).\n")
                return 1
    for name in LEFT_BEHIND:
        shutil.rmtree(REPO / name, ignore_errors=True)
    for cache in REPO.rglob("__pycache__"):
        shutil.rmtree(cache, ignore_errors=True)
    if shutil.which("docker"):
        _remove_volumes()
    return 0


def _remove_volumes() -> None:
    ask = ["docker", "volume", "ls", "--quiet", "--filter", "label=lentieng"]
    volumes = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.split()
    if volumes:
        subprocess.run(["docker", "volume", "rm", *volumes], capture_output=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
