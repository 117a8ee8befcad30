"""The spool's thread: it alone touches the file, and writes what waits in one transaction (group commit)."""

from __future__ import annotations

import json
import queue
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence, Set
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.intake.spool.entries import Entry, Kept, KeyTaken, Row, SpoolUnavailable, Status, row_of
from services.intake.spool.file import SpoolFile, is_full
from services.intake.spool.generations import Generations
from shared import crashpoints, logs

log = logs.get(__name__)

KEEP_SECONDS = 7 * 24 * 3600
# Below this much free space the answer is 503 while there is still room to seal, checkpoint and log.
_ROOM = 32 * 1024 * 1024
_BATCH = 512


@dataclass
class _Job:
    run: Callable[[SpoolFile], Any]
    done: Future[Any]


class Spool:
    """`append` is durable when it returns. Thread-safe; made after the fork."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        """Opens the file. Raises `Busy` or `sqlite3.Error`."""
        self._path, self._clock = path, clock
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._generations = Generations(path)
        try:
            self._file: SpoolFile | None = self._generations.open()
        except BaseException:
            self._generations.close()
            raise
        self._reopen_after = 0.0
        self.on_stored: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._work, name="spool", daemon=True)
        self._thread.start()

    def append(self, entry: Entry, timeout: float = 10.0) -> Kept:
        """Keep one entry; returns after the fsync. Raises `SpoolUnavailable` or `KeyTaken`."""
        kept: Kept = self._ask(lambda file: self._store(file, entry), timeout)
        return kept

    def waiting(self, limit: int, held: Set[str] = frozenset()) -> list[Row]:
        """Unconfirmed rows in order of acceptance, without the events held. Raises `SpoolUnavailable`."""
        rows: list[tuple[Any, ...]] = self._ask(lambda file: list(file.waiting(limit, held)))
        return [row_of(values) for values in rows]

    def seal(self, event_ids: Sequence[str]) -> None:
        """The broker has these: they stay for `KEEP_SECONDS`, for `replay`. Raises `SpoolUnavailable`."""
        now = self._clock()
        self._ask(lambda file: file.seal(event_ids, now))

    def replay(self, low: int, high: int) -> int:
        """Publish sealed rows again, same ids, by number. Returns how many. Raises `SpoolUnavailable`."""
        count: int = self._ask(lambda file: file.unseal(low, high))
        self.on_stored()
        return count

    def forget_old(self) -> int:
        """Delete what was confirmed more than `KEEP_SECONDS` ago. Raises `SpoolUnavailable`."""
        before = self._clock() - KEEP_SECONDS
        count: int = self._ask(lambda file: file.forget(before))
        return count

    def status(self) -> Status:
        """Raises `SpoolUnavailable`."""
        status: Status = self._ask(lambda file: Status(**file.counts(), set_aside=self._generations.set_aside(file)))
        return status

    def close(self) -> None:
        """Finish what was asked for, then close the file."""
        self._jobs.put(None)
        self._thread.join()

    def _ask(self, run: Callable[[SpoolFile], Any], timeout: float = 10.0) -> Any:
        if not self._thread.is_alive():
            raise SpoolUnavailable("closed")
        job = _Job(run, Future())
        self._jobs.put(job)
        try:
            return job.done.result(timeout)
        except TimeoutError:
            # It may still be written: the client repeats with its key, and the event's id makes the repeat harmless.
            raise SpoolUnavailable("slow") from None

    def _work(self) -> None:
        while True:
            jobs, closing = self._next_batch()
            if jobs:
                self._run(jobs)
            if closing:
                break
        if self._file is not None:
            self._file.close()
        self._generations.close()

    def _next_batch(self) -> tuple[list[_Job], bool]:
        jobs: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            jobs.append(job)
            if len(jobs) >= _BATCH:
                return jobs, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return jobs, False
        return jobs, True

    def _run(self, jobs: list[_Job]) -> None:
        """All jobs in one transaction: either every one of them is on the disk, or none was promised."""
        try:
            file = self._opened()
            results: list[Any] = []
            file.begin()
            for job in jobs:
                try:
                    results.append(job.run(file))
                except (KeyTaken, SpoolUnavailable) as refused:
                    results.append(refused)
            crashpoints.reach("intake.before_commit")
            file.commit()
            crashpoints.reach("intake.after_commit")
        except SpoolUnavailable as unavailable:
            _fail(jobs, unavailable)
        except (sqlite3.Error, OSError) as error:
            _fail(jobs, self._judge(error))
        except Exception as error:
            # A fault of ours in one job must not end the thread that every report waits for.
            log.error("spool job failed", exc_info=error)
            self._roll_back()
            _fail(jobs, SpoolUnavailable("fault"))
        else:
            for job, result in zip(jobs, results, strict=True):
                if isinstance(result, Exception):
                    job.done.set_exception(result)
                else:
                    job.done.set_result(result)
            if any(isinstance(result, Kept) for result in results):
                self.on_stored()

    def _store(self, file: SpoolFile, entry: Entry) -> Kept:
        now = self._clock()
        if shutil.disk_usage(self._path.parent).free < _ROOM:
            raise SpoolUnavailable("full", 30)
        if entry.client_key is not None and entry.digest is not None:
            known = file.digest_of(entry.client_key)
            if known is not None and known != entry.digest:
                raise KeyTaken
            if known is None:
                file.remember_key(entry.client_key, entry.digest, now)
        message = entry.message
        before = file.seq_of(message.message_id)
        if before is not None:
            return Kept(*before, again=True)
        seq = file.next_seq()
        headers = json.dumps(message.headers)
        name = message.routing_key
        file.insert((file.spool, seq, message.message_id, name, int(entry.urgent), now, headers, message.body))
        return Kept(file.spool, seq, again=False)

    def _opened(self) -> SpoolFile:
        if self._file is not None:
            return self._file
        # Not by the wall clock: one that steps back would keep the door shut until it has caught up.
        if time.monotonic() < self._reopen_after:
            raise SpoolUnavailable("retired")
        self._reopen_after = time.monotonic() + 1.0
        self._file = self._generations.open()
        return self._file

    def _judge(self, error: sqlite3.Error | OSError) -> SpoolUnavailable:
        """Full is a state that passes. Any other error, fsync's above all, retires the file for good."""
        code = getattr(error, "sqlite_errorname", type(error).__name__)
        log.error("spool write failed", reason=str(code))
        if self._file is None:
            return SpoolUnavailable("unopened")
        if is_full(error):
            self._roll_back()
            return SpoolUnavailable("full", 30)
        self._retire()
        return SpoolUnavailable("retired")

    def _roll_back(self) -> None:
        """What cannot be rolled back is no file to go on with."""
        if self._file is None:
            return
        try:
            self._file.rollback()
        except sqlite3.Error:
            self._retire()

    def _retire(self) -> None:
        assert self._file is not None
        file, self._file = self._file, None
        self._generations.retire(file)


def _fail(jobs: Sequence[_Job], error: Exception) -> None:
    for job in jobs:
        job.done.set_exception(error)
