"""Intake's own alarm: an urgent report has waited a minute and nobody can have been told of it.

The only message that anything but notify sends. It says that the system needs help and nothing about a report.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from services.intake.spool import Status
from shared import logs
from shared.calendar import LOCAL

log = logs.get(__name__)

_PATIENCE = timedelta(seconds=60)
_AGAIN = timedelta(hours=1)

# (to, text, request id) -> whether the gateway took it
Send = Callable[[str, str, str], bool]


class Alarm:
    """One message per outage to each number, repeated hourly. `tick` is called every second or so."""

    def __init__(self, send: Send | None, numbers: Sequence[str]) -> None:
        self._send, self._numbers = send, numbers
        self._told_at: datetime | None = None
        self.since: datetime | None = None

    def tick(self, now: datetime, status: Status | None) -> None:
        """`status` is the spool's, None where it cannot be had: then all is as it was a moment ago.

        `since` tells afterwards when the oldest urgent report began to wait, None where none waits too long.
        """
        self.since = self._waiting_since(now, status)
        if self.since is None:
            self._told_at = None
            return
        if self._told_at is not None and now - self._told_at < _AGAIN:
            return
        log.error("urgent reports wait", since=self.since.isoformat())
        if self._send is None or self._tell(self.since):
            self._told_at = now

    def _waiting_since(self, now: datetime, status: Status | None) -> datetime | None:
        if status is None:
            return self.since
        oldest = status.oldest_urgent_waiting_at
        if oldest is None:
            return None
        since = datetime.fromtimestamp(oldest, UTC)
        return since if now - since >= _PATIENCE else None

    def _tell(self, since: datetime) -> bool:
        assert self._send is not None
        text = (
            f"LEN TIENG: he thong chua chuyen duoc tin bao khan tu {since.astimezone(LOCAL):%H:%M %d/%m}. "
            "Goi nguoi truc ky thuat; can gap goi 111 hoac 113."
        )
        return sum(self._send(number, text, uuid.uuid4().hex) for number in self._numbers) > 0
