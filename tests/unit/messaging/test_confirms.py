"""Every confirm, nack and return completes the right futures, in whatever order they come."""

from __future__ import annotations

from concurrent.futures import Future

from shared.events.message import Message
from shared.messaging.confirms import InFlight, Publish
from shared.messaging.errors import Refused, Unroutable


def publish(number: int, *, key: str = "a.b", deadline: float = 100.0) -> Publish:
    return Publish("events", Message(key, b"{}", f"id-{number}", "t"), Future(), deadline)


def in_flight(count: int) -> tuple[InFlight, list[Publish]]:
    flight, items = InFlight(), [publish(number) for number in range(1, count + 1)]
    for item in items:
        flight.add(item)
    return flight, items


def test_a_single_confirm_completes_only_its_own() -> None:
    flight, items = in_flight(3)
    flight.confirmed(2, multiple=False, nack=False)
    assert [item.future.done() for item in items] == [False, True, False]
    assert len(flight) == 2


def test_multiple_completes_all_up_to_its_tag_and_skips_those_done_before() -> None:
    flight, items = in_flight(4)
    flight.confirmed(2, multiple=False, nack=False)
    flight.confirmed(3, multiple=True, nack=False)
    assert [item.future.done() for item in items] == [True, True, True, False]


def test_multiple_with_tag_zero_means_all() -> None:
    flight, items = in_flight(3)
    flight.confirmed(0, multiple=True, nack=False)
    assert all(item.future.done() for item in items)


def test_a_nack_is_refused() -> None:
    flight, items = in_flight(1)
    flight.confirmed(1, multiple=False, nack=True)
    assert isinstance(items[0].future.exception(), Refused)


def test_a_returned_message_is_unroutable_when_its_confirm_comes() -> None:
    flight, items = in_flight(2)
    flight.returned("events", "a.b", "id-2")
    assert not items[1].future.done()
    flight.confirmed(2, multiple=True, nack=False)
    assert items[0].future.exception() is None
    assert isinstance(items[1].future.exception(), Unroutable)


def test_a_return_is_matched_by_its_way_too_when_one_id_is_twice_in_flight() -> None:
    flight = InFlight()
    routed, returned = publish(1, key="a.b"), publish(1, key="c.d")
    flight.add(routed)
    flight.add(returned)
    flight.returned("events", "c.d", "id-1")
    flight.confirmed(0, multiple=True, nack=False)
    assert routed.future.exception() is None
    assert isinstance(returned.future.exception(), Unroutable)


def test_only_the_late_are_overdue_and_their_confirm_may_still_come() -> None:
    flight = InFlight()
    late, timely = publish(1, deadline=5.0), publish(2, deadline=9.0)
    flight.add(late)
    flight.add(timely)
    assert flight.overdue(6.0) == [late]
    flight.confirmed(1, multiple=False, nack=False)
    assert not late.future.done()
    assert len(flight) == 1


def test_tags_start_again_on_the_next_channel() -> None:
    flight, items = in_flight(2)
    assert flight.clear() == items
    again = publish(7)
    flight.add(again)
    flight.confirmed(1, multiple=False, nack=False)
    assert again.future.done()


def test_a_future_that_its_owner_cancelled_is_left_alone() -> None:
    flight, items = in_flight(1)
    items[0].future.cancel()
    flight.confirmed(1, multiple=False, nack=False)
    assert items[0].future.cancelled()
