"""One file of the spool: schema, durability settings, and the statements. One connection, used by one thread.

SQLite before 3.51.3 can corrupt a WAL file that two connections share (https://sqlite.org/changes.html, "WAL-reset"),
and Debian 12 ships 3.40: whoever opens a file holds the spool's lock (see `generations.py`).
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import islice
from pathlib import Path
from typing import Any

# mmap stays off: a mapped page that fails to reach the disk is lost without an error.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "mmap_size=0", "wal_autocheckpoint=400", "temp_store=MEMORY")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    spool TEXT NOT NULL,
    seq INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    name TEXT NOT NULL,
    urgent INTEGER NOT NULL,
    stored_at REAL NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    confirmed_at REAL,
    UNIQUE (event_id),
    UNIQUE (spool, seq)
);
CREATE INDEX IF NOT EXISTS waiting ON events (row, event_id) WHERE confirmed_at IS NULL;
CREATE INDEX IF NOT EXISTS urgent_waiting ON events (stored_at) WHERE confirmed_at IS NULL AND urgent = 1;
CREATE INDEX IF NOT EXISTS sealed ON events (confirmed_at) WHERE confirmed_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS keys (
    client_key TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    stored_at REAL NOT NULL
) WITHOUT ROWID;
"""


def is_full(error: Exception) -> bool:
    """A disk without room is a state that passes; any other error of a write may mean that something is lost."""
    return str(getattr(error, "sqlite_errorname", "")).startswith("SQLITE_FULL")


class SpoolFile:
    """Every method raises `sqlite3.Error` as it comes: the caller decides what an error means for the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        existed = path.exists()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=64)
        try:
            if not existed:
                path.chmod(0o600)
            for pragma in _PRAGMAS:
                self._db.execute(f"PRAGMA {pragma}")
            self._db.executescript(_SCHEMA)
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('spool', ?)", (uuid.uuid4().hex[:12],))
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('last_seq', '0')")
            self.spool = str(self._one("SELECT value FROM meta WHERE name = 'spool'")[0])
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        self._db.close()

    def begin(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Returns after the fsync of the write-ahead log."""
        self._db.execute("COMMIT")

    def rollback(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def next_seq(self) -> int:
        """The next number of this spool, taken in the running transaction: a rolled back number is given again."""
        self._db.execute("UPDATE meta SET value = value + 1 WHERE name = 'last_seq'")
        return self._last_seq()

    def _last_seq(self) -> int:
        return int(self._one("SELECT value FROM meta WHERE name = 'last_seq'")[0])

    def digest_of(self, client_key: str) -> str | None:
        row = self._db.execute("SELECT digest FROM keys WHERE client_key = ?", (client_key,)).fetchone()
        return None if row is None else str(row[0])

    def remember_key(self, client_key: str, digest: str, now: float) -> None:
        self._db.execute("INSERT OR IGNORE INTO keys VALUES (?, ?, ?)", (client_key, digest, now))

    def seq_of(self, event_id: str) -> tuple[str, int] | None:
        row = self._db.execute("SELECT spool, seq FROM events WHERE event_id = ?", (event_id,)).fetchone()
        return None if row is None else (str(row[0]), int(row[1]))

    def insert(self, values: Sequence[Any]) -> None:
        """`values`: spool, seq, event_id, name, urgent, stored_at, headers, body."""
        self._db.execute(
            "INSERT OR IGNORE INTO events (spool, seq, event_id, name, urgent, stored_at, headers, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )

    def waiting(self, limit: int, held: Set[str] = frozenset()) -> Iterator[tuple[Any, ...]]:
        """Unconfirmed rows in order, those held left out: spool, seq, id, name, urgent, stored_at, headers, body.

        The ids come first and from the partial index alone, so that what is held costs no bodies.
        """
        ids = self._db.execute("SELECT event_id FROM events WHERE confirmed_at IS NULL ORDER BY row")
        wanted = list(islice((event_id for (event_id,) in ids if event_id not in held), limit))
        ids.close()
        for event_id in wanted:
            yield self._one(
                "SELECT spool, seq, event_id, name, urgent, stored_at, headers, body FROM events WHERE event_id = ?",
                event_id,
            )

    def seal(self, event_ids: Iterable[str], now: float) -> None:
        """By id: a row's number means something else in the file that follows a retired one."""
        self._db.executemany("UPDATE events SET confirmed_at = ? WHERE event_id = ?", [(now, one) for one in event_ids])

    def unseal(self, low: int, high: int) -> int:
        """Confirmed rows of this spool with low <= seq <= high wait again, and ring no alarm: each was passed on once,
        and its time is of days ago. Returns how many.
        """
        return self._db.execute(
            "UPDATE events SET confirmed_at = NULL, urgent = 0"
            " WHERE spool = ? AND seq BETWEEN ? AND ? AND confirmed_at IS NOT NULL",
            (self.spool, low, high),
        ).rowcount

    def forget(self, before: float) -> int:
        """Delete rows confirmed, and keys stored, before a time. Returns how many rows."""
        gone = self._db.execute("DELETE FROM events WHERE confirmed_at < ?", (before,)).rowcount
        self._db.execute("DELETE FROM keys WHERE stored_at < ?", (before,))
        return gone

    def has_adopted(self, name: str) -> bool:
        return self._db.execute("SELECT 1 FROM meta WHERE name = ?", (f"adopted/{name}",)).fetchone() is not None

    def mark_adopted(self, name: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO meta VALUES (?, 'yes')", (f"adopted/{name}",))

    def counts(self) -> dict[str, Any]:
        """Asked for every second by the thread that all reports wait for, so nothing here reads the table itself."""
        waiting = self._one("SELECT count(*) FROM events WHERE confirmed_at IS NULL")[0]
        oldest = self._first("SELECT stored_at FROM events WHERE confirmed_at IS NULL ORDER BY row LIMIT 1")
        urgent = self._one("SELECT min(stored_at) FROM events WHERE confirmed_at IS NULL AND urgent = 1")[0]
        sealed = self._one("SELECT count(*) FROM events WHERE confirmed_at IS NOT NULL")[0]
        newest = self._first("SELECT stored_at FROM events ORDER BY row DESC LIMIT 1")
        return {
            "spool": self.spool,
            "last_seq": self._last_seq(),
            "last_stored_at": newest,
            "waiting": int(waiting),
            "oldest_waiting_at": oldest,
            "oldest_urgent_waiting_at": urgent,
            "sealed": int(sealed),
        }

    def _first(self, statement: str) -> Any:
        row = self._db.execute(statement).fetchone()
        return None if row is None else row[0]

    def _one(self, statement: str, *values: object) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self._db.execute(statement, values).fetchone()
        return row
