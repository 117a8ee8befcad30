"""Nothing that we start outlives us, however we end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from deploy.local.processes import Process
from tests.harness.waiting import until

REPO = Path(__file__).resolve().parents[3]
PARENT = """
import os, signal, sys
from pathlib import Path
from deploy.local.processes import Process
child = Process("child", ["sleep", "600"], os.environ, Path(sys.argv[1])).start()
print(child.pid, flush=True)
signal.pause()
"""


def alive(pid: int) -> bool:
    """Whether the process still runs: one that ended and is not yet collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_child_ends_when_its_parent_is_killed(tmp_path):
    command = [sys.executable, "-c", PARENT, str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        until(lambda: Path(f"/proc/{child}/cmdline").read_bytes().startswith(b"sleep"), what="the leash gives way")
        parent.send_signal(signal.SIGKILL)
    until(lambda: not alive(child), what="the child ends too")


def test_stopping_kills_what_ignores_being_asked(tmp_path):
    deaf = (
        "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    )
    process = Process("deaf", [sys.executable, "-c", deaf], os.environ, tmp_path / "log").start()
    until(lambda: "deaf" in (tmp_path / "log").read_text(), what="it ignores SIGTERM")
    process.stop(grace=0.2)
    assert not process.running


def test_what_a_child_started_in_its_session_ends_with_it(tmp_path):
    process = Process("shell", ["sh", "-c", "sleep 600 & echo $!; wait"], os.environ, tmp_path / "log").start()
    grandchild = int(until(lambda: (tmp_path / "log").read_text().strip(), what="the grandchild's pid"))
    process.stop(grace=5)
    until(lambda: not alive(grandchild), what="the grandchild ends")
