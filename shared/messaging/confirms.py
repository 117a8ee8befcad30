"""Which published messages wait for the broker's word, and what that word means for each. No I/O.

Tags count from 1 on each channel in the order of publishing; confirms come in any order, one by one or "all up to".
"""

from __future__ import annotations

from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass

from shared.events.message import Message
from shared.messaging.errors import Refused, Unroutable


@dataclass(eq=False)
class Publish:
    """A message on its way. `deadline` is on the publisher's clock."""

    exchange: str
    message: Message
    future: Future[None]
    deadline: float
    returned: bool = False

    def done(self, error: Exception | None = None) -> None:
        try:
            if error is None:
                self.future.set_result(None)
            else:
                self.future.set_exception(error)
        except InvalidStateError:
            pass  # its owner cancelled it


class InFlight:
    """The unconfirmed messages of one channel, in the order of publishing."""

    def __init__(self) -> None:
        self._by_tag: dict[int, Publish] = {}
        self._last = 0

    def __len__(self) -> int:
        return len(self._by_tag)

    def add(self, item: Publish) -> None:
        self._last += 1
        self._by_tag[self._last] = item

    def returned(self, exchange: str, routing_key: str, message_id: str) -> None:
        """The broker could not route it. It says so before the confirm, and in the order of publishing."""
        for item in self._by_tag.values():
            known = (item.exchange, item.message.routing_key, item.message.message_id)
            if known == (exchange, routing_key, message_id) and not item.returned:
                item.returned = True
                return

    def confirmed(self, tag: int, *, multiple: bool, nack: bool) -> None:
        """Complete the futures that a confirm speaks of. Tags already given up (see `overdue`) are skipped."""
        for known in self._up_to(tag) if multiple else [tag]:
            item = self._by_tag.pop(known, None)
            if item is None:
                continue
            if nack:
                item.done(Refused("nack: a queue did not take it"))
            elif item.returned:
                item.done(Unroutable(f"no queue is bound for {item.exchange} / {item.message.routing_key}"))
            else:
                item.done()

    def overdue(self, now: float) -> list[Publish]:
        """Take out those whose deadline passed. Deadlines are in the order of publishing: only the head can be late."""
        late = []
        while self._by_tag:
            tag, item = next(iter(self._by_tag.items()))
            if item.deadline > now:
                break
            del self._by_tag[tag]
            late.append(item)
        return late

    def clear(self) -> list[Publish]:
        """Take out all; the next channel counts from 1 again."""
        items, self._by_tag, self._last = list(self._by_tag.values()), {}, 0
        return items

    def _up_to(self, tag: int) -> list[int]:
        found = []
        for known in self._by_tag:
            if tag and known > tag:  # tag 0 means all
                break
            found.append(known)
        return found
