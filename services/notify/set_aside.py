"""What a round failed over is left alone for a while, ever longer: a batch full of it must not hold all the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from shared import logs
from shared.failures import DependencyDown

_FIRST, _LONGEST = timedelta(seconds=2), timedelta(minutes=1)
_FORGOTTEN = timedelta(minutes=10)  # it is no longer due, or is another process's

log = logs.get(__name__)


class SetAside:
    """Ids of one process. Nobody's alarm is lost by it: the watch-dog tells of whatever is late."""

    def __init__(self) -> None:
        self._until: dict[str, tuple[datetime, timedelta]] = {}

    def ids(self, now: datetime) -> Collection[str]:
        """Those that are not to be looked at yet."""
        self._until = {one: last for one, last in self._until.items() if now - last[0] < _FORGOTTEN}
        return [one for one, (until, _) in self._until.items() if until > now]

    @contextmanager
    def guarding(self, identity: str, now: datetime) -> Iterator[None]:
        """Work on one; what goes wrong is logged and puts it aside. Raises `DependencyDown`: that is no fault of it."""
        try:
            yield
        except DependencyDown:
            raise
        except Exception as error:
            _, waited = self._until.get(identity, (now, _FIRST / 2))
            wait = min(2 * waited, _LONGEST)
            self._until[identity] = (now + wait, wait)
            log.error("set aside", event_id=identity, delay=wait.total_seconds(), error=error)
        else:
            self._until.pop(identity, None)
