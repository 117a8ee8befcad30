"""A spool file that failed is set aside for good; what waits in it moves into its successor.

After a failed fsync the kernel may drop the dirty pages and report success the next time, so a second try on the same
file proves nothing (https://www.postgresql.org/docs/current/runtime-config-error-handling.html, data_sync_retry).
"""

from __future__ import annotations

import sqlite3
import sys

from services.intake.spool.file import SpoolFile
from shared import logs

log = logs.get(__name__)


def retire(file: SpoolFile, stamp: int) -> None:
    """Close it and give it another name. `stamp` (milliseconds) makes the name unique."""
    try:
        file.close()
    except sqlite3.Error as error:
        log.error("spool close failed", reason=type(error).__name__)
    name = f"{file.path.name}.retired-{stamp}"
    for suffix in ("", "-wal", "-shm"):
        part = file.path.with_name(file.path.name + suffix)
        try:
            if part.exists():
                part.rename(file.path.with_name(name + suffix))
        except OSError as error:
            log.error("spool retire failed", reason=type(error).__name__)
    log.error("spool retired", file=name)


def adopt(into: SpoolFile) -> None:
    """Copy the waiting rows of retired files, with their old spool and numbers: a 202 was given for them.

    Raises `sqlite3.Error` of the new file. A retired file that cannot be read stays where it is, for a person.
    """
    path = into.path
    for retired in sorted(path.parent.glob(path.name + ".retired-*")):
        if retired.name.endswith(("-wal", "-shm", ".adopted", ".lock")):
            continue
        try:
            old = SpoolFile(retired)
        except sqlite3.Error as error:
            log.error("retired spool unreadable", file=retired.name, reason=type(error).__name__)
            continue
        try:
            rows = old.waiting(sys.maxsize)
            into.begin()
            for _, *values in rows:
                into.insert(values)
            into.commit()
        except sqlite3.Error:
            into.rollback()
            raise
        finally:
            old.close()
        retired.rename(retired.with_name(retired.name + ".adopted"))
        log.warning("retired spool adopted", file=retired.name, rows=len(rows))
