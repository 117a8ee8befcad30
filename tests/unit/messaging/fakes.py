"""Stand-ins that we own: a publisher that answers when told, and a session that remembers acks."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence, Set
from concurrent.futures import Future
from typing import cast

from shared.events.message import Message
from shared.messaging.publisher import Publisher
from shared.messaging.relay import Outgoing
from shared.messaging.session import Session, Taken


class FakePublisher:
    def __init__(self) -> None:
        self.ready = True
        self.published: list[tuple[str, Message, Future[None]]] = []
        self.confirm_at_once = False
        self.fail_with: dict[str, Exception] = {}

    def publish(self, exchange: str, message: Message) -> Future[None]:
        future: Future[None] = Future()
        self.published.append((exchange, message, future))
        if message.message_id in self.fail_with:
            future.set_exception(self.fail_with[message.message_id])
        elif self.confirm_at_once:
            future.set_result(None)
        return future

    def ids(self) -> list[str]:
        return [message.message_id for _, message, _ in self.published]

    def as_publisher(self) -> Publisher:
        return cast(Publisher, self)


class FakeSession:
    def __init__(self) -> None:
        self.open = True
        self.acked: list[int] = []

    def settled(self, tags: Iterable[int]) -> None:
        self.acked.extend(tags)

    def taken(self, tag: int, *, count: int = 0, message_id: str | None = None, **headers: str | int) -> Taken:
        message = Message("k", b"{}", message_id or f"id-{tag}", "t", headers=dict(headers))
        return Taken(cast(Session, self), tag, message, {}, count)


class FakeSource:
    def __init__(self, count: int) -> None:
        self.items = {n: Outgoing(n, Message("a.b", b"{}", f"id-{n}", "t")) for n in range(1, count + 1)}
        self.confirmed_calls: list[list[Hashable]] = []
        self.fail: Exception | None = None

    def pending(self, limit: int, held: Set[Hashable]) -> Sequence[Outgoing]:
        return [item for key, item in self.items.items() if key not in held][:limit]

    def confirmed(self, keys: Sequence[Hashable]) -> None:
        if self.fail is not None:
            raise self.fail
        self.confirmed_calls.append(list(keys))
        for key in keys:
            del self.items[cast(int, key)]
