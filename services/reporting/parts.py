"""What the requests of one application share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from flask import Flask, current_app

from services.reporting.documents import Store
from services.reporting.heartbeat import worker_problem
from services.reporting.keys.checking import WrongKey, check
from services.reporting.rollups import Rollups
from services.reporting.staff.desk import Desk
from shared.directory import Directory
from shared.failures import DependencyDown, Temporary

_KEY = "reporting"
_QUICK = 1.5  # seconds for each check: a stopped engine must not make the readiness page hang as well


@dataclass(frozen=True)
class Parts:
    """`desk` is what the pages for staff need; without one there are none."""

    store: Store
    rollups: Rollups
    directory: Callable[[], Directory]
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    desk: Desk | None = None

    def database_problem(self) -> str | None:
        """For the readiness page."""
        try:
            with self.store.limited(_QUICK):
                self.store.ping()
        except Temporary:
            return "MongoDB does not answer"
        return None

    def index_problem(self) -> str | None:
        try:
            with self.store.limited(_QUICK):
                missing = self.store.missing_indexes()
        except DependencyDown:
            return "unknown: MongoDB does not answer"
        except Temporary as failure:
            return str(failure)
        return f"missing on {', '.join(missing)}" if missing else None

    def key_problem(self) -> str | None:
        """Another key than the cases are sealed under: nothing could be opened, and a note would be lost."""
        if self.desk is None:
            return None
        try:
            with self.store.limited(_QUICK):
                check(self.store, self.desk.keyring)
        except WrongKey:
            return "CASE_KEY_FILE is not the key of this database"
        except Temporary:
            return "unknown: MongoDB does not answer"
        return None

    def worker_problem(self) -> str | None:
        try:
            with self.store.limited(_QUICK):
                return worker_problem(self.store, self.now())
        except Temporary:
            return "unknown: MongoDB does not answer"


def install(app: Flask, parts: Parts) -> None:
    app.extensions[_KEY] = parts


def parts() -> Parts:
    return cast(Parts, current_app.extensions[_KEY])
