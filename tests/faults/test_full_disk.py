"""No room under the spool: 503 and nothing promised; with room again, everything goes on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.waiting import until
from tests.harness.witness import Witness

MIB = 1024 * 1024
ROOM = 40


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        assert "CI" not in os.environ, "CI must run this as root: a skipped fault is one that nobody looks at"
        pytest.skip("a disk that fills up needs root: mount -t tmpfs")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(params=["the guard", "the disk itself"])
def cramped(town: Witness, small_disk: Path, request: pytest.FixtureRequest) -> Iterator[Witness]:
    """The intake's spool lies on the small disk. Without the guard of 32 MiB SQLite meets its end."""
    place = town.place
    usual = place.services["intake-1"].env["SPOOL_FILE"]
    town.settle()
    place.terminate("intake-1")
    quick = {"room": 0} if request.param == "the disk itself" else {}
    place.start("intake-1", environment={"SPOOL_FILE": str(small_disk / "spool.db")}, quick=quick)
    yield town
    place.terminate("intake-1")
    place.start("intake-1", environment={"SPOOL_FILE": usual})


def test_a_full_disk_promises_nothing_and_loses_nothing(cramped: Witness, small_disk: Path) -> None:
    place, door = cramped.place, cramped.place.url("intake")
    cramped.reports(10)
    refused = len(cramped.refusals)
    ballast = small_disk / "ballast"

    fill(ballast)
    until(lambda: posted(cramped, door) == 503, timeout=60, what="the door says 503", every=0)
    assert [posted(cramped, door) for _ in range(10)] == [503] * 10
    assert all(answer.headers["Retry-After"].isdigit() for answer in cramped.refusals[refused:])
    assert place.processes["intake-1"].running

    ballast.unlink()
    until(lambda: posted(cramped, door) == 202, timeout=45, what="there is room again", every=0.2)
    cramped.reports(10)
    fill(ballast)
    until(lambda: posted(cramped, door) == 503, timeout=60, what="full again", every=0)
    place.kill("intake-1")
    ballast.unlink()
    place.start("intake-1")
    cramped.reports(5)
    cramped.settle()


def posted(town: Witness, door: str) -> int | None:
    answer = town.post(town.body(), door)
    return answer.status_code if answer is not None else None


def fill(ballast: Path) -> None:
    """Everything that is left, to the last page."""
    with ballast.open("ab", buffering=0) as file:
        for size in (MIB, 4096):
            while True:
                try:
                    file.write(b"\0" * size)
                except OSError:
                    break
