"""An edit is taken up without a restart; a wrong one leaves the last good directory."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from shared.directory import Directory, DirectoryError, DirectoryFolder
from tests.unit.directory.conftest import Edit


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.asked = 0

    def __call__(self) -> float:
        self.asked += 1
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reported() -> list[DirectoryError]:
    return []


@pytest.fixture
def watched(folder: Path, clock: Clock, reported: list[DirectoryError]) -> DirectoryFolder:
    return DirectoryFolder(folder, monotonic=clock, report=reported.append)


def test_an_edit_is_seen_after_a_second(watched: DirectoryFolder, edit: Edit, clock: Clock) -> None:
    before = watched.current()
    edit("units.yaml", "vi: Thôn 1", "vi: Thôn Mẫu")
    edit("directory.yaml", "version: 1", "version: 2")
    clock.now = 0.9
    assert watched.current() is before
    clock.now = 1.0
    after = watched.current()
    assert after.serial == 2
    assert after.units["thon-1"].vi == "Thôn Mẫu"
    assert before.units["thon-1"].vi == "Thôn 1", "who holds the old one keeps it whole"


def test_an_untouched_folder_is_not_loaded_again(watched: DirectoryFolder, clock: Clock) -> None:
    before = watched.current()
    clock.now = 60
    assert watched.current() is before


def test_a_wrong_edit_keeps_the_last_good_one_and_is_reported_once(
    watched: DirectoryFolder, edit: Edit, clock: Clock, reported: list[DirectoryError]
) -> None:
    before = watched.current()
    edit("duties.yaml", "kinds: [abuse]", "kinds: [abus]")
    for clock.now in (1.0, 2.0, 3.0):
        assert watched.current() is before
    assert [error.file for error in reported] == ["duties.yaml"]
    assert watched.error is reported[0]

    edit("duties.yaml", "kinds: [abus]", "kinds: [abuse]")
    clock.now = 4.0
    assert watched.current().version == before.version
    assert watched.error is None


def test_a_file_taken_away_and_put_back(
    watched: DirectoryFolder, folder: Path, clock: Clock, reported: list[DirectoryError]
) -> None:
    before = watched.current()
    codes = folder / "codes.yaml"
    content = codes.read_bytes()
    codes.unlink()
    clock.now = 1.0
    assert watched.current() is before
    assert len(reported) == 1
    codes.write_bytes(content)
    clock.now = 2.0
    assert watched.current().version == before.version
    assert watched.error is None


def test_a_service_does_not_start_on_a_wrong_folder(folder: Path, edit: Edit) -> None:
    edit("directory.yaml", "home: binh-luong", "home: nowhere")
    with pytest.raises(DirectoryError, match=r"directory\.yaml: home"):
        DirectoryFolder(folder)


def test_a_newer_event_reloads_at_once(watched: DirectoryFolder, edit: Edit) -> None:
    edit("directory.yaml", "version: 1", "version: 2")
    assert watched.at_least("1-00000000").serial == 1, "an event of the same serial is no reason to look"
    assert watched.at_least("2-00000000").serial == 2


def test_an_event_newer_than_the_files_gets_what_there_is(watched: DirectoryFolder) -> None:
    assert watched.at_least("9-00000000").serial == 1
    assert watched.at_least("not a version").serial == 1


def test_many_threads_see_a_whole_directory_and_one_of_them_loads(
    folder: Path, edit: Edit, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = DirectoryFolder(folder, monotonic=clock)
    edit("directory.yaml", "version: 1", "version: 2")
    clock.now = 1.0
    started = threading.Barrier(8)
    found: list[Directory] = []

    def read() -> None:
        started.wait()
        found.extend(watched.current() for _ in range(20))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert len(found) == 160
    assert len({id(directory) for directory in found if directory.serial == 2}) == 1
    assert {directory.serial for directory in found} <= {1, 2}
    assert watched.current().serial == 2
