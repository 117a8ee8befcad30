"""An ack with `multiple` covers settled deliveries only, and in the end every delivery is acked once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.ledger import Ack, Ledger


def ledger(count: int) -> Ledger:
    made = Ledger()
    for tag in range(1, count + 1):
        made.delivered(tag)
    return made


def test_a_whole_batch_is_one_ack() -> None:
    assert ledger(5).settle([1, 2, 3, 4, 5]) == [Ack(5, multiple=True)]


def test_an_open_delivery_is_not_jumped_over() -> None:
    book = ledger(4)
    assert book.settle([1, 3]) == [Ack(1, multiple=False), Ack(3, multiple=False)]
    assert book.settle([2, 4]) == [Ack(4, multiple=True)]
    assert len(book) == 0


def test_one_tag_is_acked_once() -> None:
    book = ledger(2)
    assert book.settle([1]) == [Ack(1, multiple=False)]
    assert book.settle([1]) == []


def test_a_tag_of_another_channel_gives_no_ack() -> None:
    assert ledger(2).settle([99]) == []


@given(st.data())
def test_in_any_order_every_tag_is_acked_once_and_never_early(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 40))
    order = data.draw(st.permutations(range(1, count + 1)))
    book, settled, acked = ledger(count), set[int](), set[int]()
    while order:
        size = data.draw(st.integers(1, len(order)))
        part, order = order[:size], order[size:]
        settled.update(part)
        for ack in book.settle(part):
            covered = {tag for tag in range(1, ack.tag + 1) if tag not in acked} if ack.multiple else {ack.tag}
            assert covered <= settled
            assert not covered & acked
            acked |= covered
        assert acked == settled
    assert len(book) == 0
