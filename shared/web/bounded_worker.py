"""gunicorn's threaded worker, with an end to every request.

A thread that reads a body waits for as long as the sender likes; as many half-sent bodies as there are threads, and the
service answers nobody. A gateway bounds slow bodies in production, but the door must not depend on it.
"""

from __future__ import annotations

import contextlib
import socket
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

# Above the longest thing that a request waits for (the spool's 10 s), below a client's patience.
LONGEST = 30.0


class BoundedWorker(ThreadWorker):  # type: ignore[misc]
    """Cuts the connection of a request that has held a thread for `LONGEST` seconds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._handled_since: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        self._handled_since[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            self._handled_since.pop(conn, None)

    def notify(self) -> None:
        """Called by the worker's loop about once a second."""
        super().notify()
        late = time.monotonic() - LONGEST
        for conn, since in list(self._handled_since.items()):
            if since < late:
                with contextlib.suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RDWR)
