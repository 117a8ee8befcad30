"""Nothing leaves the store before its confirm, and nothing refused is repeated at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.messaging.errors import NotConfirmed, Refused, Unroutable
from shared.messaging.relay import Relay
from tests.harness.waiting import until
from tests.unit.messaging.fakes import FakePublisher, FakeSource


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Setting:
    def __init__(self, items: int, window: int = 100) -> None:
        self.clock, self.publisher, self.source = Clock(), FakePublisher(), FakeSource(items)
        self.relay = Relay(self.source, self.publisher.as_publisher(), window=window, poll=0.02, clock=self.clock)


@pytest.fixture
def setting(request: pytest.FixtureRequest) -> Iterator[Setting]:
    made = Setting(*getattr(request, "param", (5,)))
    yield made
    made.relay.stop(0.5)


def test_items_go_out_in_order_and_leave_the_store_when_confirmed(setting: Setting) -> None:
    setting.publisher.confirm_at_once = True
    setting.relay.start()
    until(lambda: not setting.source.items)
    assert setting.publisher.ids() == ["id-1", "id-2", "id-3", "id-4", "id-5"]
    assert setting.relay.last_confirm is not None
    until(lambda: setting.relay.oldest_waiting_since is None)


def test_an_unconfirmed_item_stays_and_is_not_sent_twice_meanwhile(setting: Setting) -> None:
    setting.relay.start()
    until(lambda: len(setting.publisher.published) == 5)
    for _, _, future in setting.publisher.published[1:]:
        future.set_result(None)
    until(lambda: list(setting.source.items) == [1])
    assert len(setting.publisher.published) == 5
    assert setting.relay.oldest_waiting_since is not None


@pytest.mark.parametrize("setting", [(20, 8)], indirect=True)
def test_no_more_than_the_window_is_in_flight(setting: Setting) -> None:
    setting.relay.start()
    until(lambda: len(setting.publisher.published) == 8)
    for _, _, future in setting.publisher.published[:4]:
        future.set_result(None)
    until(lambda: len(setting.publisher.published) == 12)


@pytest.mark.parametrize("error", [Refused("nack"), Unroutable("nowhere"), NotConfirmed("silence", silent=True)])
def test_a_refused_item_waits_while_others_flow(setting: Setting, error: Exception) -> None:
    setting.publisher.confirm_at_once = True
    setting.publisher.fail_with["id-2"] = error
    setting.relay.start()
    until(lambda: list(setting.source.items) == [2])
    until(lambda: setting.relay.waiting == 1)
    setting.relay.wake()
    assert setting.publisher.ids().count("id-2") == 1
    setting.clock.now += 2.1
    until(lambda: setting.publisher.ids().count("id-2") == 2)
    setting.publisher.fail_with.clear()
    setting.clock.now += 61
    until(lambda: not setting.source.items)


def test_the_wait_grows_and_ends_at_a_minute(setting: Setting) -> None:
    setting.publisher.fail_with = {f"id-{n}": Refused("nack") for n in range(1, 6)}
    setting.relay.start()
    for tries in range(1, 12):
        until(lambda tries=tries: len(setting.publisher.published) == 5 * tries)
        until(lambda: setting.relay.waiting == 5)
        setting.clock.now += 60.1


def test_lost_with_the_connection_goes_again_at_once_with_the_same_id(setting: Setting) -> None:
    setting.relay.start()
    until(lambda: len(setting.publisher.published) == 5)
    setting.publisher.ready = False
    for _, _, future in setting.publisher.published:
        future.set_exception(NotConfirmed("connection lost"))
    setting.publisher.confirm_at_once = True
    setting.publisher.ready = True
    until(lambda: not setting.source.items)
    assert setting.publisher.ids() == [f"id-{n}" for n in range(1, 6)] * 2


def test_without_a_connection_nothing_is_published_but_the_age_is_known(setting: Setting) -> None:
    setting.publisher.ready = False
    setting.relay.start()
    until(lambda: setting.relay.oldest_waiting_since is not None)
    assert setting.publisher.published == []


def test_a_failing_store_is_asked_again_and_nothing_is_sent_twice(setting: Setting) -> None:
    setting.publisher.confirm_at_once = True
    setting.source.fail = RuntimeError("disk")
    setting.relay.start()
    until(lambda: len(setting.publisher.published) == 5)
    setting.source.fail = None
    until(lambda: not setting.source.items)
    assert len(setting.publisher.published) == 5


def test_stop_waits_for_confirms_on_their_way(setting: Setting) -> None:
    setting.relay.start()
    until(lambda: len(setting.publisher.published) == 5)
    for _, _, future in setting.publisher.published:
        future.set_result(None)
    setting.relay.stop(2.0)
    assert not setting.source.items


def test_stop_gives_up_at_its_deadline() -> None:
    setting = Setting(3)
    setting.relay.start()
    until(lambda: len(setting.publisher.published) == 3)
    setting.clock.now += 100  # the relay's own clock; stop's deadline starts from it
    setting.relay.stop(0.1)
    assert len(setting.source.items) == 3
