"""A spool is a row of files of which the last is in use.

A file on which a write failed takes no report any more: after a failed fsync the kernel may drop the dirty pages and
report success the next time (https://www.postgresql.org/docs/current/runtime-config-error-handling.html,
data_sync_retry). All that still happens to it is SQLite's own: it moves what had been committed from its log into the
file when that is closed. Its successor gets the next number, and the rows that waited are copied over. Nothing is
renamed, so nothing can be half renamed; that a file was adopted is written in the transaction that holds its rows.
"""

from __future__ import annotations

import contextlib
import fcntl
import re
import sqlite3
from pathlib import Path
from typing import IO, Any

from services.intake.spool.file import SpoolFile, is_full
from shared import logs

log = logs.get(__name__)


class Busy(Exception):
    """Another process of this host has the spool open."""


class Generations:
    """`spool.db`, `spool.db.2`, `spool.db.3` … and the lock that keeps every other process out."""

    def __init__(self, path: Path) -> None:
        """Raises `Busy`."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(path)
        self._newest = max(self._numbers(), default=1)

    def open(self) -> SpoolFile:
        """The file in use, with what waited in earlier ones. Raises `sqlite3.Error` of this file alone.

        Where already the copying fails, this file too is one on which a write failed, and the next try takes another.
        """
        path = self._file(self._newest)
        made = not path.exists()
        file = None
        try:
            file = SpoolFile(path)
            for number in self._older():
                self._adopt(file, self._file(number))
        except BaseException as error:
            if file is not None:
                with contextlib.suppress(sqlite3.Error):
                    file.close()
            if isinstance(error, sqlite3.Error) and not is_full(error) and (made or file is not None):
                self._pass_over(path, made=made)
            raise
        return file

    def _pass_over(self, path: Path, *, made: bool) -> None:
        """`made`: just now, so nothing was promised in it. One a second would lie here while a disk is broken."""
        self._newest += 1
        log.error("spool passed over", file=path.name)
        if made:
            for suffix in ("", "-wal", "-shm"):
                with contextlib.suppress(OSError):
                    path.with_name(path.name + suffix).unlink()

    def retire(self, file: SpoolFile) -> None:
        """Take no report into this one any more."""
        try:
            file.close()
        except sqlite3.Error as error:
            log.error("spool close failed", reason=type(error).__name__)
        self._newest += 1
        log.error("spool retired", file=file.path.name)

    def set_aside(self, file: SpoolFile) -> int:
        """How many earlier files hold something that could not be read: a person has to look at them."""
        return sum(not file.has_adopted(self._file(number).name) for number in self._older())

    def close(self) -> None:
        self._lock.close()

    def _numbers(self) -> list[int]:
        pattern = re.compile(re.escape(self._path.name) + r"\.(\d+)")
        found = [pattern.fullmatch(file.name) for file in self._path.parent.glob(self._path.name + ".*")]
        return [int(match[1]) for match in found if match]

    def _older(self) -> list[int]:
        return [number for number in range(1, self._newest) if self._file(number).exists()]

    def _file(self, number: int) -> Path:
        return self._path if number == 1 else self._path.with_name(f"{self._path.name}.{number}")

    def _adopt(self, into: SpoolFile, old: Path) -> None:
        """Copy the waiting rows of an earlier file, with their old spool and numbers: a 202 was given for them.

        What can be read is taken even where the rest cannot; the file then stays unadopted and is tried again.
        """
        if into.has_adopted(old.name):
            return
        rows, whole = _readable(old)
        into.begin()
        try:
            for values in rows:
                into.insert(values)
            if whole:
                into.mark_adopted(old.name)
            into.commit()
        except BaseException:
            into.rollback()
            raise
        log.warning("retired spool adopted", file=old.name, rows=len(rows), outcome="whole" if whole else "in part")


def _readable(old: Path) -> tuple[list[tuple[Any, ...]], bool]:
    """The waiting rows that can be read, and whether those are all."""
    rows: list[tuple[Any, ...]] = []
    try:
        file = SpoolFile(old)
    except (sqlite3.Error, OSError) as error:
        log.error("retired spool unreadable", file=old.name, reason=type(error).__name__)
        return rows, False
    try:
        rows.extend(file.waiting(limit=2**31))
    except sqlite3.Error as error:
        log.error("retired spool unreadable in part", file=old.name, reason=type(error).__name__)
        return rows, False
    else:
        return rows, True
    finally:
        file.close()


def _locked(path: Path) -> IO[str]:
    lock = path.with_name(path.name + ".lock").open("a", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise Busy(f"{path} is in use by a running intake") from None
    return lock
