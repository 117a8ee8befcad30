"""Write the five locks again: `make lock`. Needs the network; prints what changed.

Five, because they go to different places: the services (every image), the sandbox (the local run only), the MongoDB
wheel (the local run where no other MongoDB is to be had; never an image), everything that tests and linters need, and
the peers that the bench measures us by (an environment of their own).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
LOCKS = {
    "requirements.lock": ["requirements.in"],
    "requirements-local.lock": ["requirements-local.in"],
    "requirements-engine.lock": ["requirements-engine.in"],
    "requirements-dev.lock": ["requirements-dev.in", "-c", "requirements.lock", "-c", "requirements-local.lock"],
    "requirements-bench.lock": ["requirements-bench.in"],
}
HEADER = "# Made by `make lock` from {source}; do not edit. Every file that may be installed is named by its hash.\n"


def compile_lock(uv: str, lock: str, sources: list[str], upgrade: bool) -> None:
    """One lock from its .in file. Raises CalledProcessError where the resolver finds no answer."""
    command = [uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
               "--no-emit-index-url", "--no-header", "--no-annotate", "--output-file", lock, *sources]  # fmt: skip
    subprocess.run(command + (["--upgrade"] if upgrade else []), cwd=REPO, check=True)
    path = REPO / lock
    body = "".join(line for line in path.read_text().splitlines(keepends=True) if not line.startswith("#"))
    path.write_text(HEADER.format(source=sources[0]) + body)


def main(arguments: list[str]) -> None:
    uv = str(Path(sys.executable).with_name("uv"))
    for lock, sources in LOCKS.items():
        compile_lock(uv, lock, sources, upgrade="--upgrade" in arguments)
        print(f"{lock}: {sum('==' in line for line in (REPO / lock).read_text().splitlines())} packages")


if __name__ == "__main__":
    main(sys.argv[1:])
