"""Everything a bare machine lacks, with nothing but its own python3: then the real program takes over.

    python3 deploy/local/bootstrap.py run              what `make run` does
    python3 deploy/local/bootstrap.py tests            the environment of the tests, a browser, strace and curl
    python3 deploy/local/bootstrap.py tools            the Python part alone (lint, types, lock)
    python3 deploy/local/bootstrap.py bench            that, a load generator, and the peers that we are measured by

Runs under the system's Python, so standard library only, and it must at least be parsed by an old one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from ctypes.util import find_library
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
VENV = REPO / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
NEWER = ("python3.13", "python3.12", "python3.11")
LOCKS = {
    "run": ("requirements.lock", "requirements-local.lock"),
    "tests": ("requirements-dev.lock",),
    "tools": ("requirements-dev.lock",),
    "bench": ("requirements-dev.lock",),
}
# The peers of the bench need versions of their own of what we use too.
PEERS, PEERS_LOCK = REPO / ".venv-bench", ("requirements-bench.lock",)
BROWSER = ("chromium", "chromium-browser", "google-chrome")


class Stuck(Exception):
    """Something is missing that this machine does not let us install; the text says what to do."""


def main(arguments: list[str]) -> int:
    goal = arguments[0] if arguments else "run"
    try:
        if sys.version_info < OLDEST:
            return with_newer_python(arguments)
        make_venv()
        install(LOCKS[goal])
        if goal == "tests":
            ensure_programs()
        if goal == "bench":
            ensure_wrk()
            make_venv(PEERS)
            install(PEERS_LOCK, PEERS)
    except Stuck as stuck:
        sys.stderr.write(f"\n{stuck}\n")
        return 1
    if goal == "run":
        # The same process from here on: a signal to what `make` started reaches the program itself.
        os.chdir(REPO)
        os.execv(PYTHON, [str(PYTHON), "-m", "deploy.local.run", *arguments[1:]])
    return 0


def with_newer_python(arguments: list[str]) -> int:
    """Ubuntu 22.04 has 3.10 as python3 and offers 3.11 beside it."""
    found = next((path for path in map(shutil.which, NEWER) if path), None)
    if not found and may_install():
        say("Cài Python 3.11 (apt) …")
        apt_install(["python3.11", "python3.11-venv"])
        found = shutil.which("python3.11")
    if not found:
        raise Stuck(
            f"Cần Python 3.11 trở lên; máy này có {sys.version.split()[0]}. Hãy cài python3.11 và python3.11-venv.\n"
            "Python 3.11 or newer is needed: install python3.11 and python3.11-venv."
        )
    os.execv(found, [found, str(Path(__file__).resolve()), *arguments])
    return 1


def make_venv(venv: Path = VENV) -> None:
    python = venv / "bin" / "python"
    if (
        python.exists()
        and subprocess.run([str(python), "-c", "import pip"], capture_output=True, check=False).returncode == 0
    ):
        return
    if not has_venv():
        install_venv()
    say(f"Tạo môi trường Python trong {venv.name} …")
    shutil.rmtree(venv, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(venv)], capture_output=True, text=True, check=False)
    if made.returncode:
        raise Stuck(f"Không tạo được {venv.name} (cannot be made):\n{made.stdout}{made.stderr}")


def has_venv() -> bool:
    """Debian splits the two off: `venv` may be there and `ensurepip`, without which it fails half way, not."""
    probe = subprocess.run([sys.executable, "-c", "import venv, ensurepip"], capture_output=True, check=False)
    return probe.returncode == 0


def install_venv() -> None:
    if not may_install():
        raise Stuck(
            "Máy này thiếu mô-đun venv của Python. Hãy chạy: sudo apt-get install python3-venv, rồi chạy lại.\n"
            "Python's venv module is missing: sudo apt-get install python3-venv, then try again."
        )
    say("Cài python3-venv (apt) …")
    own = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    try:
        apt_install(["python3-venv"] if sys.executable in ("/usr/bin/python3", "/bin/python3") else [own])
    except Stuck:
        apt_install([own])


def install(locks: tuple[str, ...], venv: Path = VENV) -> None:
    """Everything by hash. A stamp says what is there, so that a second start does nothing."""
    stamp, wanted = stamp_of(locks, venv)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"Cài thư viện theo {' + '.join(locks)} (chỉ lần đầu hoặc khi có thay đổi) …")
    started = time.monotonic()
    python = str(venv / "bin" / "python")
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    for lock in locks:
        command += ["-r", str(REPO / lock)]
    if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode:
        raise Stuck(
            "pip không cài được (xem lỗi phía trên). Máy có mạng không? Sau proxy, đặt PIP_CERT và https_proxy.\n"
            "pip failed, see above. Is there a network? Behind a proxy set PIP_CERT and https_proxy."
        )
    # A set that was installed before may now hold older versions than its stamp says.
    for other in venv.glob(".installed-*"):
        other.unlink()
    stamp.write_text(wanted)
    if locks == LOCKS["tests"]:
        # It holds all that the local run needs, in the same versions.
        also, theirs = stamp_of(LOCKS["run"], venv)
        also.write_text(theirs)
    say(f"  xong sau {time.monotonic() - started:.0f} s")


def stamp_of(locks: tuple[str, ...], venv: Path) -> tuple[Path, str]:
    """The file that says this set is installed, and what it must say."""
    content = hashlib.sha256(b"".join((REPO / lock).read_bytes() for lock in locks)).hexdigest()
    return venv / f".installed-{'-'.join(locks)}", content


def ensure_programs() -> None:
    """What the tests use beside Python: a browser with letters for Vietnamese, strace, curl.

    strace makes a disk fail; curl tries the lines that the guides print.
    """
    missing = []
    if not any(map(shutil.which, BROWSER)):
        missing += ["chromium", "fonts-dejavu-core"]
    missing += [program for program in ("strace", "curl") if not shutil.which(program)]
    if not find_library("atomic"):
        missing.append("libatomic1")  # the browser's driver is a program that needs it and does not bring it
    if not missing:
        return
    packages = " ".join(missing)
    if not may_install():
        raise Stuck(
            f"Các bài kiểm tra cần thêm: {packages}. Hãy chạy: sudo apt-get install {packages}\n"
            f"The tests need more programs: sudo apt-get install {packages}"
        )
    say(f"Cài {packages} (apt) …")
    apt_install(missing)


def ensure_wrk() -> None:
    """The load generator, a small C program: one in Python would take more of the machine than intake does."""
    if shutil.which("wrk"):
        return
    if not may_install():
        raise Stuck(
            "Phép đo cần wrk. Hãy chạy: sudo apt-get install wrk\nThe bench needs wrk: sudo apt-get install wrk"
        )
    say("Cài wrk (apt) …")
    apt_install(["wrk"])


def may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages: list[str]) -> None:
    """Without starting anything; imported late, because it is of no use on other machines."""
    sys.path.insert(0, str(REPO))
    from deploy.local import debian

    log = REPO / ".local" / "log" / "apt.log"
    try:
        debian.install(packages, log)
    except debian.CannotInstall as error:
        raise Stuck(f"{error}") from None


def say(text: str) -> None:
    sys.stdout.write(f"  {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
