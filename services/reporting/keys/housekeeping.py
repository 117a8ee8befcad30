"""What is done once a day, in the background: is anything still sealed that should not be, and how far is the log?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from services.reporting import access_log
from services.reporting.documents import Store, case_keys, sealed_parts, translated
from services.reporting.keys.originals import tell_of_old
from shared import logs
from shared.failures import DependencyDown
from shared.stopping import Stopping

_POLL = 60.0
_AGAIN = timedelta(hours=1)

log = logs.get(__name__)


class Housekeeping:
    """`told` is called when the operator has something to read, `again` to try what has not opened so far."""

    def __init__(
        self,
        store: Store,
        stopping: Stopping,
        *,
        told: Callable[[], None] = lambda: None,
        again: Callable[[], int] = lambda: 0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._stopping = stopping
        self._told = told
        self._again = again
        self._now = now
        self._tried = now()
        self._done: date | None = None

    def run(self) -> None:
        """Until stopping is requested."""
        while not self._stopping.requested:
            try:
                self.once()
            except DependencyDown as down:
                log.warning("housekeeping waits", dependency=down.dependency)
            except Exception as error:
                log.exception("housekeeping failed", reason=type(error).__name__)
            self._stopping.wait(_POLL)

    def once(self) -> None:
        """What is due now. Raises `DependencyDown`."""
        if self._now() - self._tried >= _AGAIN:
            # A report may come a moment before the new month's key does.
            self._tried = self._now()
            self._again()
        today = self._now().date()
        if self._done == today:
            return
        with translated():
            # A projector that had opened a key before it was destroyed may have written after; nobody can read that.
            erased = case_keys.erased(self._store.case_keys)
            if erased:
                shared = case_keys.closed_incidents(self._store.case_keys)
                sealed_parts.remove(self._store.sealed_parts, erased | shared)
        old = tell_of_old(self._store, self._now())
        if access_log.tell_head(self._store, self._now()) or old:
            self._told()
        self._done = today
