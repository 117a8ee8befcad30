"""Which deliveries of one channel are settled, and the fewest acks that say so. No I/O.

An ack with `multiple` speaks of every tag up to its own, so it may cover only a prefix in which all are settled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ack:
    tag: int
    multiple: bool


class Ledger:
    def __init__(self) -> None:
        # In the order of delivery; the broker numbers tags upwards.
        self._open: dict[int, bool] = {}

    def __len__(self) -> int:
        """How many deliveries are not acked yet."""
        return len(self._open)

    def delivered(self, tag: int) -> None:
        self._open[tag] = False

    def settle(self, tags: Iterable[int]) -> list[Ack]:
        """The acks to send now that `tags` are settled. A tag that is unknown or was acked before gives none."""
        new = [tag for tag in tags if tag in self._open]
        for tag in new:
            self._open[tag] = True
        prefix = []
        for tag, settled in self._open.items():
            if not settled:
                break
            prefix.append(tag)
        acks = [Ack(prefix[-1], multiple=len(prefix) > 1)] if prefix else []
        for tag in prefix:
            del self._open[tag]
        # What lies behind an open delivery is acked one by one: held back, it would come again after a lost connection.
        for tag in new:
            if self._open.pop(tag, False):
                acks.append(Ack(tag, multiple=False))
        return acks
