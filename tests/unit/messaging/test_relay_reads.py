"""The store is read when there is a reason to, and a confirm alone is none."""

from __future__ import annotations

from collections.abc import Hashable, Sequence, Set

from shared.messaging.relay import Outgoing, Relay
from tests.harness.waiting import until
from tests.unit.messaging.fakes import FakePublisher, FakeSource


class Counted(FakeSource):
    reads = 0

    def pending(self, limit: int, held: Set[Hashable]) -> Sequence[Outgoing]:
        self.reads += 1
        return super().pending(limit, held)


def test_confirms_that_come_one_by_one_cost_no_read_each() -> None:
    source, publisher = Counted(30), FakePublisher()
    relay = Relay(source, publisher.as_publisher(), window=100, poll=60)
    relay.start()
    until(lambda: len(publisher.published) == 30)

    for number, (_, _, future) in enumerate(list(publisher.published), start=1):
        future.set_result(None)
        until(lambda number=number: len(source.items) == 30 - number)

    assert source.reads == 1
    relay.stop(0.5)


def test_what_is_stored_while_the_store_is_read_is_not_overlooked() -> None:
    source, publisher = Counted(1), FakePublisher()
    publisher.confirm_at_once = True
    relay = Relay(source, publisher.as_publisher(), window=100, poll=60)
    read = source.pending

    def read_and_one_more_comes(limit: int, held: Set[Hashable]) -> Sequence[Outgoing]:
        found = read(limit, held)
        if source.reads == 1:
            source.items[2] = FakeSource(2).items[2]
            relay.wake()
        return found

    source.pending = read_and_one_more_comes  # type: ignore[method-assign]
    relay.start()

    until(lambda: publisher.ids() == ["id-1", "id-2"])
    relay.stop(0.5)
