"""The worker writes its sign of life; the application reads it for its readiness page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from services.reporting.documents import Store, heartbeats, translated
from shared import logs
from shared.failures import Temporary
from shared.stopping import Stopping

EVERY = 2.0
FRESH = timedelta(seconds=15)

log = logs.get(__name__)


class Heart:
    def __init__(
        self,
        store: Store,
        problem: Callable[[], str | None],
        stopping: Stopping,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._problem = problem
        self._stopping = stopping
        self._now = now

    def run(self) -> None:
        """Until stopping is requested; the last beat says so."""
        while not self._stopping.wait(EVERY if self._beat(self._problem()) else EVERY / 2):
            pass
        self._beat("stopped")

    def _beat(self, problem: str | None) -> bool:
        try:
            with translated():
                heartbeats.beat(self._store.heartbeats, self._now(), problem)
        except Temporary as failure:
            log.warning("heartbeat not written", reason=str(failure))
            return False
        return True


def worker_problem(store: Store, now: datetime) -> str | None:
    """Why the worker does not project, as far as its last sign of life says. Raises `DependencyDown`."""
    with translated():
        beat = heartbeats.last(store.heartbeats)
    if beat is None:
        return "the worker has never run"
    if now - beat["at"] > FRESH:
        return "no sign of life from the worker"
    problem: str | None = beat["problem"]
    return problem
