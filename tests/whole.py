"""Every ring that CI runs: two processes share the work, and what only waits for minutes does so beside them.

python -m tests.whole [words for pytest]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

import pytest

_PYTEST = (sys.executable, "-m", "pytest", "tests")
# worksteal: each process begins with half of the rings, so that hardly any stack is started twice.
_SHARED = ("-m", "not bench and not long and not guards and not waits", "-n", "2", "--dist", "worksteal")
_BESIDE = ("-m", "waits and not long", "-q")


def main(words: list[str]) -> int:
    """pytest's status: the worse of both."""
    with tempfile.TemporaryFile() as said:
        beside = subprocess.Popen([*_PYTEST, *_BESIDE, *words], stdout=said, stderr=subprocess.STDOUT)
        try:
            shared = subprocess.run([*_PYTEST, *_SHARED, *words], check=False).returncode
            waited = beside.wait()
        finally:
            beside.terminate()
            beside.wait()
        said.seek(0)
        sys.stdout.write(f"\nbeside:\n{said.read().decode(errors='replace')}")
    return shared or (0 if waited == pytest.ExitCode.NO_TESTS_COLLECTED else waited)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
