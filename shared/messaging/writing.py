"""A SelectConnection that can write many frames with one system call, and can be given up.

pika sends each of the three frames of a message by itself, with Nagle's algorithm off: three system calls and packets a
message cost the client a third of its time, and the broker as many reads. Only private hooks of pika 1.4 make this
possible; where they are missing, the connection writes as pika does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pika  # type: ignore[import-untyped]
import pika.exceptions  # type: ignore[import-untyped]

_ENOUGH = 64 * 1024  # a bigger buffer is copied again and again while the socket takes it in parts


class GatheringConnection(pika.SelectConnection):  # type: ignore[misc]
    _held: list[bytes] | None = None
    _held_size = 0

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """What is sent inside goes out together."""
        self._held = []
        try:
            yield
        finally:
            self._release()
            self._held = None

    def abandon(self) -> None:
        """Give up on a broker that does not even answer a close. The close callback follows."""
        if not self.is_closed:
            self._terminate_stream(pika.exceptions.ConnectionClosedByClient(200, "given up"))

    def drop(self) -> None:
        """Close the socket now, without a word to anybody: for a connection whose loop will not run again."""
        sock = getattr(getattr(self, "_transport", None), "_sock", None)
        if sock is not None:
            sock.close()

    def _release(self) -> None:
        held, self._held, self._held_size = self._held, [], 0
        if held and not self.is_closed:
            super()._adapter_emit_data(b"".join(held))

    def _adapter_emit_data(self, data: bytes) -> None:
        if self._held is None:
            super()._adapter_emit_data(data)
            return
        self._held.append(data)
        self._held_size += len(data)
        if self._held_size >= _ENOUGH:
            self._release()
