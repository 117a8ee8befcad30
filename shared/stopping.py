"""The wish to stop, shared by the threads of one process."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType


class Stopping:
    """An event that signals set and every loop waits on instead of sleeping."""

    def __init__(self) -> None:
        self.event = threading.Event()

    @property
    def requested(self) -> bool:
        return self.event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds`; true as soon as stopping was requested."""
        return self.event.wait(seconds)

    def request(self) -> None:
        self.event.set()

    def on_signals(self) -> None:
        """SIGTERM and SIGINT request a stop; the second one ends the process at once.

        The handler only sets the event: anything more would run between two bytecodes of whatever it interrupted.
        Main thread only.
        """
        signal.signal(signal.SIGTERM, self._heard)
        signal.signal(signal.SIGINT, self._heard)

    def _heard(self, signum: int, frame: FrameType | None) -> None:
        if self.event.is_set():
            os._exit(1)
        self.event.set()
