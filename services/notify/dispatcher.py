"""The lanes of all channels, as those see them who have stored something to send."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from services.notify.channels.base import Channel
from services.notify.desks import Desk
from services.notify.lane import Lane
from shared.stopping import Stopping


class Dispatcher:
    """`lanes` by channel: each one's `run` belongs on a thread of its own. `threads` are per channel."""

    def __init__(
        self,
        desks: Sequence[Desk],
        channels: Mapping[str, Channel],
        stopping: Stopping,
        *,
        threads: int = 16,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        rand: Callable[[], float] = random.random,
    ) -> None:
        self.lanes = {
            name: Lane(name, channel, desks, stopping, threads=threads, now=now, rand=rand)
            for name, channel in channels.items()
        }

    def wake(self, document_id: str, desk: str = "alerts") -> None:
        """Something to send was stored. Any thread."""
        for lane in self.lanes.values():
            lane.wake(document_id, desk)

    def send_due(self) -> int:
        """Send what is due now on the caller's thread; how many deliveries were held."""
        return sum(lane.send_due() for lane in self.lanes.values())
