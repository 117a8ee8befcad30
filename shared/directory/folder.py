"""A directory folder on disk: load it once, or watch it and reload without a restart."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from shared import logs, metrics
from shared.directory.build import NAMES, OPTIONAL, build
from shared.directory.checks import check
from shared.directory.directory import Directory
from shared.directory.errors import DirectoryError
from shared.directory.reading import read_folder
from shared.directory.version import is_older

Signature = tuple[tuple[int, int, int] | None, ...]


def load(path: str | os.PathLike[str]) -> Directory:
    """The directory in this folder. Raises DirectoryError(file, path, what) for the first thing wrong."""
    directory = build(read_folder(Path(path), NAMES, OPTIONAL))
    check(directory)
    return directory


def report_invalid(error: DirectoryError) -> None:
    """Say it in the log and count it. The texts are of the directory alone, which holds no secret but token hashes."""
    metrics.counter("directory_invalid_edits", "Edits of the directory refused; the last good one stays in use").inc()
    logs.get("directory").error("directory_invalid", file=error.file, reason=str(error))


class DirectoryFolder:
    """The newest valid directory of a folder; thread-safe.

    The files' sizes and times are looked at, at most once a second. An edit that can't be loaded is reported once and
    leaves the last good directory in use. The first load raises DirectoryError: a service doesn't start without one.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        report: Callable[[DirectoryError], None] = report_invalid,
        every: float = 1.0,
    ) -> None:
        self._path = Path(path)
        self._monotonic = monotonic
        self._report = report
        self._every = every
        self._lock = threading.Lock()
        self._seen = self._signature()
        self._checked = monotonic()
        self._current = load(self._path)
        self._error: DirectoryError | None = None

    @property
    def error(self) -> DirectoryError | None:
        """Why the newest edit is not in use; None when it is."""
        return self._error

    def current(self) -> Directory:
        """The directory to work with now. Take it once per piece of work, so that the work sees one version."""
        if self._monotonic() - self._checked >= self._every and self._lock.acquire(blocking=False):
            # One thread looks; the others go on with what is there.
            try:
                self._look()
            finally:
                self._lock.release()
        return self._current

    def at_least(self, version: str) -> Directory:
        """The directory, reloaded at once if it is older than the version of an event.

        It may still be older afterwards (the file has not arrived): compare with `is_older` and treat what is unknown
        as temporary.
        """
        if is_older(self._current.version, version):
            with self._lock:
                if is_older(self._current.version, version):
                    self._look()
        return self._current

    def _look(self) -> None:
        self._checked = self._monotonic()
        signature = self._signature()
        if signature == self._seen:
            return
        # Taken before the read: an edit during the read changes it again and is found next time.
        self._seen = signature
        try:
            self._current = load(self._path)
            self._error = None
        except DirectoryError as error:
            self._error = error
            self._report(error)

    def _signature(self) -> Signature:
        return tuple(self._stat(name) for name in (*NAMES, *OPTIONAL))

    def _stat(self, name: str) -> tuple[int, int, int] | None:
        try:
            found = (self._path / name).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
