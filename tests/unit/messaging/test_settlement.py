"""One function settles; the ack never comes before the copy is confirmed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.messaging.errors import NotConfirmed, Refused, Unroutable
from shared.messaging.outcomes import Dead, Done, Later
from shared.messaging.settlement import Settlement
from tests.unit.messaging.fakes import FakePublisher, FakeSession

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Setting:
    def __init__(self) -> None:
        self.time = 0.0
        self.publisher, self.session = FakePublisher(), FakeSession()
        self.settlement = Settlement(
            "notify.events", self.publisher.as_publisher(), max_attempts=3, clock=lambda: self.time, now=lambda: NOW
        )


@pytest.fixture
def setting() -> Setting:
    return Setting()


def test_done_is_acked_at_once(setting: Setting) -> None:
    setting.settlement.settle((setting.session.taken(tag), Done()) for tag in (1, 2, 3))
    assert setting.session.acked == [1, 2, 3]
    assert setting.settlement.last_progress == NOW


def test_later_is_acked_only_after_its_copy_is_confirmed(setting: Setting) -> None:
    setting.settlement.settle([(setting.session.taken(1), Later("busy"))])
    [(exchange, copy, future)] = setting.publisher.published
    assert (exchange, copy.routing_key, copy.headers["x-attempt"]) == ("retry", "notify.events", 1)
    assert (setting.session.acked, setting.settlement.unfinished) == ([], 1)
    future.set_result(None)
    assert (setting.session.acked, setting.settlement.unfinished) == ([1], 0)


def test_dead_goes_with_its_reason(setting: Setting) -> None:
    setting.settlement.settle([(setting.session.taken(1), Dead("nonsense"))])
    [(exchange, copy, _)] = setting.publisher.published
    assert (exchange, copy.headers["x-reason"], copy.message_id) == ("dead", "nonsense", "id-1")


@pytest.mark.parametrize("outcome", [Later("busy"), Dead("nonsense")])
def test_what_the_broker_has_taken_back_is_not_copied(setting: Setting, outcome: Later | Dead) -> None:
    setting.session.open = False
    setting.settlement.settle([(setting.session.taken(1), outcome)])
    assert (setting.publisher.published, setting.settlement.unfinished) == ([], 0)


def test_later_at_the_last_attempt_is_dead(setting: Setting) -> None:
    setting.settlement.settle([(setting.session.taken(1, **{"x-attempt": 2}), Later("busy"))])
    assert setting.publisher.published[0][0] == "dead"
    assert setting.publisher.published[0][1].headers["x-reason"] == "3 attempts: busy"


@pytest.mark.parametrize("error", [Refused("full"), Unroutable("nowhere"), NotConfirmed("lost")])
def test_a_copy_that_was_not_taken_is_tried_again_later_and_the_original_stays_ours(
    setting: Setting, error: Exception
) -> None:
    setting.settlement.settle([(setting.session.taken(1), Dead("x")), (setting.session.taken(2), Done())])
    setting.publisher.published[0][2].set_exception(error)
    setting.settlement.tick()
    assert (len(setting.publisher.published), setting.session.acked) == (1, [2])
    setting.time = 2.1
    setting.settlement.tick()
    setting.publisher.published[1][2].set_result(None)
    assert (setting.session.acked, setting.settlement.unfinished) == ([2, 1], 0)


def test_what_the_broker_has_taken_back_is_forgotten(setting: Setting) -> None:
    setting.settlement.settle([(setting.session.taken(1), Dead("x"))])
    setting.publisher.published[0][2].set_exception(Refused("full"))
    setting.session.open = False
    setting.time = 100
    setting.settlement.tick()
    assert (len(setting.publisher.published), setting.settlement.unfinished) == (1, 0)
