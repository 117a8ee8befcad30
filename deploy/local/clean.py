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
    volumes = _volumes()
    for name in LEFT_BEHIND:
        shutil.rmtree(REPO / name, ignore_errors=True)
    for cache in REPO.rglob("__pycache__"):
        shutil.rmtree(cache, ignore_errors=True)
    if volumes and shutil.which("docker"):
        subprocess.run(["docker", "volume", "rm", *volumes], capture_output=True, check=False)
    return 0


def _volumes() -> list[str]:
    """Those of this folder's engines alone: another checkout's data are another's, and so are an installation's."""
    named = [file.read_text(encoding="utf-8").strip() for file in sorted((REPO / ".local").glob("*/volume"))]
    return [name for name in named if name.startswith("lentieng-")]


if __name__ == "__main__":
    sys.exit(main())
