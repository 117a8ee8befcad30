"""How deliveries are put together for the handler."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from shared.messaging.session import Taken
from shared.messaging.worker import Worker
from shared.stopping import Stopping
from tests.harness.waiting import until
from tests.unit.messaging.fakes import FakeSession


def batches_of(fill: Callable[[Worker], None], total: int) -> list[list[int]]:
    """The tags of each batch when everything is in the inbox before the worker starts."""
    seen: list[list[int]] = []
    stopping = Stopping()

    def work(batch: Sequence[Taken]) -> None:
        seen.append([taken.tag for taken in batch])

    worker = Worker(work, stopping, name="w", batch_max=4, batch_window=0.01)
    fill(worker)
    worker.start()
    until(lambda: sum(map(len, seen)) == total)
    stopping.request()
    worker.join(5)
    return seen


def test_a_batch_ends_at_its_maximum() -> None:
    session = FakeSession()
    assert batches_of(lambda w: [w.take(session.taken(t)) for t in range(1, 7)] and None, 6) == [[1, 2, 3, 4], [5, 6]]


def test_a_batch_of_long_messages_ends_sooner() -> None:
    session = FakeSession()

    def fill(worker: Worker) -> None:
        for tag in range(1, 6):
            taken = session.taken(tag)
            worker.take(replace(taken, message=replace(taken.message, body=b"x" * 5 * 1024 * 1024)))

    assert batches_of(fill, 5) == [[1, 2], [3, 4], [5]]


def test_a_delivery_counted_three_times_is_alone() -> None:
    session = FakeSession()

    def fill(worker: Worker) -> None:
        for tag, count in enumerate((0, 2, 3, 0, 4, 5), start=1):
            worker.take(session.taken(tag, count=count))

    assert batches_of(fill, 6) == [[1, 2], [3], [4], [5], [6]]


def test_what_the_broker_has_taken_back_is_not_worked_on() -> None:
    gone, here = FakeSession(), FakeSession()
    gone.open = False

    def fill(worker: Worker) -> None:
        worker.take(gone.taken(1))
        worker.take(here.taken(2))

    assert batches_of(fill, 1) == [[2]]


def test_stop_finishes_the_batch_in_hand_and_leaves_the_rest() -> None:
    session, entered, go_on = FakeSession(), threading.Event(), threading.Event()
    seen: list[int] = []
    stopping = Stopping()

    def work(batch: Sequence[Taken]) -> None:
        entered.set()
        assert go_on.wait(10)
        seen.extend(taken.tag for taken in batch)

    worker = Worker(work, stopping, name="w", batch_max=1, batch_window=0.01)
    for tag in (1, 2, 3):
        worker.take(session.taken(tag))
    worker.start()
    assert entered.wait(10)
    stopping.request()
    assert worker.busy_since is not None
    go_on.set()
    worker.join(10)
    assert not worker.alive
    assert seen == [1]
