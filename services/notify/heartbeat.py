"""The worker's sign of life, which the web process reads for `/readyz`."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from services.notify.store import heartbeats

EVERY = 3.0
FRESH = timedelta(seconds=20)


class Heartbeat:
    """`broker` tells whether the consumer is connected, `parts` whether each thread lives."""

    def __init__(
        self,
        broker: Callable[[], bool],
        parts: Callable[[], Mapping[str, bool]],
        directory: Callable[[], str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._broker, self._parts, self._directory, self._now = broker, parts, directory, now
        self._id = f"{socket.gethostname()}/{os.getpid()}"
        self._started_at = now()

    def once(self) -> None:
        fields = {
            "at": self._now(),
            "started_at": self._started_at,
            "broker": self._broker(),
            "parts": dict(self._parts()),
            "directory": self._directory(),
        }
        heartbeats.beat(self._id, fields)

    def gone(self) -> None:
        """The worker leaves on purpose."""
        heartbeats.gone(self._id)


def problem(now: datetime) -> str | None:
    """For `/readyz`: why no worker could handle a report now, or None."""
    workers = heartbeats.since(now - FRESH)
    if not workers:
        return "no worker has given a sign of life"
    if not any(worker["broker"] for worker in workers):
        return "no worker is connected to the broker"
    if not any(all(worker.get("parts", {}).values()) for worker in workers):
        return "a part of the worker has stopped"
    return None
