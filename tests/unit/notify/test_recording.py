"""Who writes outcomes, and for whom."""

from __future__ import annotations

import threading

from services.notify.recording import Recorder
from tests.harness.waiting import until


def test_alone_each_is_written_at_once():
    written: list[list[int]] = []
    recorder = Recorder(lambda batch: written.append(list(batch)))

    recorder.add(1)
    recorder.add(2)

    assert written == [[1], [2]]


def test_what_finishes_during_a_write_is_written_with_the_next_and_holds_nobody():
    written: list[list[int]] = []
    writing, go_on = threading.Event(), threading.Event()

    def write(batch: list[int]) -> None:
        written.append(list(batch))
        writing.set()
        assert go_on.wait(10)

    recorder = Recorder(write)
    first = threading.Thread(target=recorder.add, args=(1,))
    first.start()
    assert writing.wait(10)
    for number in range(2, 20):
        recorder.add(number)  # returns although the write is under way
    assert written == [[1]]
    go_on.set()
    first.join(10)

    assert written == [[1], list(range(2, 20))]


def test_nothing_is_lost_or_written_twice_by_many_at_once():
    written: list[int] = []
    inside: list[int] = []

    def write(batch: list[int]) -> None:
        inside.append(1)
        assert len(inside) == 1, "two at once"
        written.extend(batch)
        inside.pop()

    recorder = Recorder(write)
    threads = [
        threading.Thread(target=lambda start=start: [recorder.add(start + number) for number in range(500)])
        for start in range(0, 4_000, 500)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    until(lambda: len(written) == 4_000)
    assert sorted(written) == list(range(4_000))
