"""The spool: durable when it answers, gapless, the same for a repeat, and honest when the disk is not."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import ClassVar

import pytest
from click.testing import CliRunner

from services.intake.__main__ import main
from services.intake.spool import Entry, KeyTaken, Spool, SpoolUnavailable, control, generations
from services.intake.spool import spool as spool_module
from services.intake.spool.control import ControlServer, ask
from services.intake.spool.file import SpoolFile
from services.intake.spool.generations import Busy
from shared.events import Message
from tests.harness.waiting import until


def entry(name="e-1", *, key=None, digest=None, urgent=False):
    message = Message("incident.reported", b'{"a":1}', name, "t", {"ce-type": "t", "ce-id": name})
    return Entry(message, urgent, key, digest)


@pytest.fixture
def spool(tmp_path):
    spool = Spool(tmp_path / "spool.db")
    yield spool
    spool.close()


def test_numbers_are_gapless_from_many_threads(spool):
    with ThreadPoolExecutor(16) as pool:
        kept = list(pool.map(lambda n: spool.append(entry(f"e-{n}")), range(200)))

    assert sorted(one.seq for one in kept) == list(range(1, 201))
    assert [row.message.headers["ce-seq"] for row in spool.waiting(300)] == [str(n) for n in range(1, 201)]


def test_the_same_event_is_kept_once(spool):
    first, second = spool.append(entry()), spool.append(entry())

    assert (first.seq, first.again) == (1, False)
    assert (second.seq, second.again) == (1, True)
    assert spool.status().last_seq == 1


def test_a_key_belongs_to_its_first_body(spool):
    spool.append(entry("e-1", key="k", digest="d1"))

    assert spool.append(entry("e-1", key="k", digest="d1")).again
    with pytest.raises(KeyTaken):
        spool.append(entry("e-2", key="k", digest="d2"))
    assert spool.status().last_seq == 1


def test_a_sealed_row_waits_no_more_and_can_be_replayed(spool):
    spool.append(entry("e-1"))
    spool.append(entry("e-2"))
    spool.seal([row.message.message_id for row in spool.waiting(10)])
    assert spool.waiting(10) == []

    assert spool.replay(2, 9) == 1
    assert [row.message.message_id for row in spool.waiting(10)] == ["e-2"]


def test_what_is_held_is_left_out(spool):
    for n in range(5):
        spool.append(entry(f"e-{n}"))

    assert [row.message.message_id for row in spool.waiting(2, held={"e-0", "e-2"})] == ["e-1", "e-3"]


def test_everything_is_there_after_a_restart(tmp_path):
    spool = Spool(tmp_path / "spool.db")
    before = spool.append(entry("e-1", urgent=True))
    spool.close()

    spool = Spool(tmp_path / "spool.db")
    after = spool.append(entry("e-2"))
    assert (after.spool, after.seq) == (before.spool, 2)
    assert spool.status().oldest_urgent_waiting_at is not None
    assert spool.status().waiting == 2
    spool.close()


def test_old_sealed_rows_go_and_their_numbers_are_not_given_again(tmp_path):
    now = [1_000_000.0]
    spool = Spool(tmp_path / "spool.db", clock=lambda: now[0])
    spool.append(entry("e-1"))
    spool.seal(["e-1"])
    now[0] += spool_module.KEEP_SECONDS + 1

    assert spool.forget_old() == 1
    assert spool.append(entry("e-2")).seq == 2
    spool.close()


def test_a_second_process_is_kept_out(tmp_path, spool):
    with pytest.raises(Busy):
        Spool(tmp_path / "spool.db")


def test_only_its_owner_may_read_the_file(tmp_path, spool):
    assert (tmp_path / "spool.db").stat().st_mode & 0o077 == 0


def test_the_journal_is_fsynced_at_every_commit(tmp_path, spool):
    levels = spool._ask(lambda file: file._one("PRAGMA synchronous") + file._one("PRAGMA journal_mode"))

    assert levels == (2, "wal")


class BrokenOnce:
    """Stands between the thread and the file: the next commit fails as a failed fsync does."""

    def __init__(self, file, name):
        self._file, self._name, self.failed = file, name, False

    def __getattr__(self, name):
        return getattr(self._file, name)

    def commit(self):
        if not self.failed:
            self.failed = True
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname = self._name
            raise error
        self._file.commit()


def test_a_failed_fsync_retires_the_file_and_its_waiting_rows_move_on(tmp_path):
    spool = Spool(tmp_path / "spool.db")
    spool.append(entry("e-1"))
    spool.append(entry("e-2"))
    old = spool.status().spool
    spool._file = BrokenOnce(spool._file, "SQLITE_IOERR_FSYNC")

    with pytest.raises(SpoolUnavailable):
        spool.append(entry("e-3"))

    kept = spool.append(entry("e-3"))
    assert (kept.seq, kept.again) == (1, False)
    assert kept.spool != old
    waiting = {row.message.message_id: row.message.headers for row in spool.waiting(10)}
    assert set(waiting) == {"e-1", "e-2", "e-3"}
    assert (waiting["e-2"]["ce-spool"], waiting["e-2"]["ce-seq"]) == (old, "2")
    assert spool.status().set_aside == 0
    spool.close()


def test_a_file_retired_just_before_the_end_is_adopted_at_the_next_start(tmp_path):
    spool = Spool(tmp_path / "spool.db")
    spool.append(entry("e-1"))
    spool._file = BrokenOnce(spool._file, "SQLITE_IOERR_FSYNC")
    with pytest.raises(SpoolUnavailable):
        spool.append(entry("e-2"))
    spool.close()

    spool = Spool(tmp_path / "spool.db")
    assert [row.message.message_id for row in spool.waiting(10)] == ["e-1"]
    spool.close()


def test_a_full_disk_refuses_and_keeps_the_file(tmp_path):
    spool = Spool(tmp_path / "spool.db")
    spool._file = BrokenOnce(spool._file, "SQLITE_FULL")

    with pytest.raises(SpoolUnavailable) as refused:
        spool.append(entry("e-1"))

    assert (refused.value.reason, refused.value.retry_after) == ("full", 30)
    assert spool.append(entry("e-1")).seq == 1
    spool.close()


def test_too_little_room_refuses_before_anything_breaks(tmp_path, spool, monkeypatch):
    monkeypatch.setattr(spool_module, "_ROOM", 2**62)

    with pytest.raises(SpoolUnavailable, match="full"):
        spool.append(entry("e-1"))
    assert spool.status().last_seq == 0


def test_a_fault_in_one_job_does_not_end_the_thread(spool):
    with pytest.raises(SpoolUnavailable, match="fault"):
        spool._ask(lambda file: 1 / 0)

    assert spool.append(entry("e-1")).seq == 1


def test_many_waiting_reports_share_one_commit(tmp_path):
    spool = Spool(tmp_path / "spool.db")
    commits, busy, gate = [], threading.Event(), threading.Event()
    commit = spool._file.commit

    def counted():
        commits.append(1)
        commit()

    spool._file.commit = counted
    with ThreadPoolExecutor(50) as pool:
        blocked = pool.submit(spool._ask, lambda file: busy.set() or gate.wait(5))
        assert busy.wait(5)
        rest = [pool.submit(spool.append, entry(f"e-{n}")) for n in range(40)]
        until(lambda: spool._jobs.qsize() == 40)
        gate.set()
        assert blocked.result()
        assert {one.result().seq for one in rest} == set(range(1, 41))

    assert len(commits) <= 3
    spool.close()


def test_the_command_line_asks_the_running_intake_and_the_file_when_none_runs(tmp_path):
    spool = Spool(tmp_path / "spool.db")
    server = ControlServer(spool, tmp_path / "spool.db")
    spool.append(entry("e-1"))
    spool.seal(["e-1"])

    assert ask(tmp_path / "spool.db", {"verb": "status"})["sealed"] == 1
    assert ask(tmp_path / "spool.db", {"verb": "replay", "from": 1, "to": 1}) == {"running": True, "replayed": 1}
    assert "error" in ask(tmp_path / "spool.db", {"verb": "replay"})
    assert "error" in ask(tmp_path / "spool.db", {"verb": "drop"})
    server.close()
    spool.close()

    assert ask(tmp_path / "spool.db", {"verb": "status"})["running"] is False
    with pytest.raises(FileNotFoundError):
        ask(tmp_path / "none.db", {"verb": "status"})


def test_confirms_that_come_after_a_retirement_seal_what_they_confirm_and_nothing_else(tmp_path):
    spool = Spool(tmp_path / "spool.db")
    for n in range(3):
        spool.append(entry(f"old-{n}"))
    under_way = [row.message.message_id for row in spool.waiting(10)][1:]
    spool.seal(["old-0"])
    spool._file = BrokenOnce(spool._file, "SQLITE_IOERR_FSYNC")
    with pytest.raises(SpoolUnavailable):
        spool.append(entry("lost"))
    for n in range(3):
        spool.append(entry(f"new-{n}"))

    spool.seal(under_way)

    assert [row.message.message_id for row in spool.waiting(10)] == ["new-0", "new-1", "new-2"]
    spool.close()


@pytest.mark.parametrize("damage", ["header", "page"])
def test_an_old_file_that_cannot_be_read_is_counted_and_does_not_shut_the_door(tmp_path, damage):
    spool = Spool(tmp_path / "spool.db")
    for n in range(40):
        spool.append(Entry(Message("incident.reported", b"x" * 3000, f"e-{n}", "t", {"ce-type": "t"}), urgent=False))
    spool._file = BrokenOnce(spool._file, "SQLITE_IOERR_FSYNC")
    with pytest.raises(SpoolUnavailable):
        spool.append(entry("e-x"))
    spool.close()
    (tmp_path / "spool.db.2").unlink(missing_ok=True)
    content = bytearray((tmp_path / "spool.db").read_bytes())
    middle = 0 if damage == "header" else len(content) * 3 // 4
    content[middle : middle + 4096] = b"\xff" * 4096
    (tmp_path / "spool.db").write_bytes(content)
    (tmp_path / "spool.db.2").touch()

    spool = Spool(tmp_path / "spool.db")

    assert spool.append(entry("e-new")).again is False
    assert spool.status().set_aside == 1
    assert ("e-0" in {row.message.message_id for row in spool.waiting(100)}) == (damage == "page")
    spool.close()


def test_a_clock_that_steps_back_does_not_keep_the_door_shut(tmp_path):
    now = [1_000_000.0]
    spool = Spool(tmp_path / "spool.db", clock=lambda: now[0])
    spool._file = BrokenOnce(spool._file, "SQLITE_IOERR_FSYNC")
    with pytest.raises(SpoolUnavailable):
        spool.append(entry("e-1"))
    now[0] -= 3600

    assert spool.append(entry("e-2")).seq == 1
    spool.close()


def test_numbers_of_the_spool_are_told_without_reading_the_table(spool):
    """They are asked for every second, on the thread that all reports wait for."""
    spool.append(entry("e-1"))
    costly = []

    def explained(file):
        table = file._one("SELECT rootpage FROM sqlite_schema WHERE name = 'events'")[0]
        ran = []
        file._db.set_trace_callback(ran.append)
        file.counts()
        file._db.set_trace_callback(None)
        for statement in ran:
            program = file._db.execute(f"EXPLAIN {statement}").fetchall()
            cursors = {first for _, code, first, second, *_ in program if code == "OpenRead" and second == table}
            reads_rows = any(code == "Column" and first in cursors for _, code, first, *_ in program)
            if reads_rows and not statement.endswith(("ORDER BY row LIMIT 1", "ORDER BY row DESC LIMIT 1")):
                costly.append(statement)
        return len(ran)

    assert spool._ask(explained) > 3
    assert costly == []


class BrokenFile(SpoolFile):
    """Its first commit fails as a failed fsync does; what comes after would be answered as if nothing had been."""

    broken: ClassVar[list[str]] = []

    def commit(self):
        if self.path.name not in self.broken and len(self.broken) < 1:
            self.broken.append(self.path.name)
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
            raise error
        super().commit()


def test_a_new_file_on_which_already_the_copying_failed_takes_no_report(tmp_path, monkeypatch):
    spool = Spool(tmp_path / "spool.db")
    spool.append(entry("e-1"))
    spool._file = BrokenOnce(spool._file, "SQLITE_IOERR_FSYNC")
    with pytest.raises(SpoolUnavailable):
        spool.append(entry("e-2"))
    monkeypatch.setattr(BrokenFile, "broken", [])
    monkeypatch.setattr(generations, "SpoolFile", BrokenFile)
    with pytest.raises(SpoolUnavailable, match="unopened"):
        spool.append(entry("e-2"))
    spool._reopen_after = 0.0

    kept = spool.append(entry("e-2"))

    assert BrokenFile.broken == ["spool.db.2"]
    assert spool._file.path.name == "spool.db.3"
    assert not (tmp_path / "spool.db.2").exists()
    assert (kept.seq, [row.message.message_id for row in spool.waiting(10)]) == (1, ["e-1", "e-2"])
    spool.close()


def test_a_file_that_cannot_be_rolled_back_is_retired_and_the_thread_goes_on(tmp_path):
    spool = Spool(tmp_path / "spool.db")

    def broken():
        raise sqlite3.OperationalError("disk I/O error")

    spool._file.rollback = broken
    with pytest.raises(SpoolUnavailable, match="fault"):
        spool._ask(lambda file: 1 / 0)

    assert spool.append(entry("e-1")).seq == 1
    spool.close()


def test_the_command_says_in_a_sentence_what_it_could_not_read(tmp_path):
    file = tmp_path / "spool.db"
    file.write_bytes(b"no database at all, whatever its name says" * 100)
    told = CliRunner().invoke(main, ["spool", "status", "--file", str(file)])
    assert (told.exit_code, told.output) == (1, f"Error: {file} cannot be read as a spool: file is not a database\n")


class Silent:
    def sendall(self, content):
        """Whoever hears it ends just then."""

    def makefile(self, mode):
        return BytesIO()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def test_the_command_says_in_a_sentence_that_nobody_answered(tmp_path, monkeypatch):
    file = tmp_path / "spool.db"
    file.touch()
    monkeypatch.setattr(control, "_connected", lambda _: Silent())
    told = CliRunner().invoke(main, ["spool", "status", "--file", str(file)])
    assert told.exit_code == 1
    assert "broke off without an answer" in told.output
