"""What becomes of a delivery, by what its handler says or does."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.events.message import Message
from shared.failures import DependencyDown, Permanent, Temporary
from shared.messaging import topology
from shared.messaging.consumer import Dead, Delivery, Done, Later, Outcome
from tests.harness.waiting import until
from tests.integration.messaging.broker import Broker, tallies, tally
from tests.integration.messaging.conftest import Consume, Running


class Log:
    """A handler that remembers what it got, and says Done unless `says` knows better."""

    def __init__(self, **says: Outcome | Exception) -> None:
        self.batches: list[list[Delivery]] = []
        self.says = says

    def __call__(self, batch: Sequence[Delivery]) -> Sequence[Outcome]:
        self.batches.append(list(batch))
        outcomes = []
        for delivery in batch:
            outcome = self.says.get(delivery.event.id, Done())
            if isinstance(outcome, Exception):
                raise outcome
            outcomes.append(outcome)
        return outcomes

    @property
    def ids(self) -> list[str]:
        return [delivery.event.id for batch in self.batches for delivery in batch]


def emptied(broker: Broker, queue: str = "notify.events") -> None:
    """Wait until the broker holds nothing of the queue, also not in a consumer's hands."""
    until(lambda: broker.consumers(queue) == 0, timeout=20)
    until(lambda: broker.count(queue) == 0)


def test_done_leaves_the_queue(broker: Broker, consume: Consume, running: list[Running]) -> None:
    log = Log()
    broker.put("notify.events", *tallies(100))
    consumer = consume(log)
    until(lambda: len(log.ids) == 100)
    running.pop().stop()
    emptied(broker)
    assert log.ids == [message.message_id for message in tallies(100)]
    assert consumer.last_progress is not None


def test_deliveries_come_in_batches_with_their_event(broker: Broker, consume: Consume) -> None:
    log = Log()
    broker.put("reporting.events", *tallies(500))
    consume(log, "reporting.events", batch_max=200)
    until(lambda: len(log.ids) == 500)
    assert max(map(len, log.batches)) > 50
    first = log.batches[0][0]
    assert (first.event.name, first.event.data["last_seq"]) == ("intake.tally", 1)
    assert (first.attempt, first.delivery_count) == (1, 0)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (replace(tally("bad"), body=b"\xff{"), "body is not JSON"),
        (replace(tally("bad"), headers={}), "header ce-id is missing"),
        (replace(tally("bad"), body=b"{}"), "invalid fields: last_seq, spool"),
        (
            replace(tally("bad"), headers={**tally("bad").headers, "ce-type": "vn.lentieng.intake.tally.v9"}),
            "intake.tally.v9 is not in the catalogue",
        ),
    ],
)
def test_poison_goes_to_the_dead_queue_with_its_reason_while_others_flow(
    broker: Broker, consume: Consume, bad: Message, reason: str
) -> None:
    log = Log()
    broker.put("notify.events", *tallies(3), bad, tally("last"))
    consume(log)
    until(lambda: broker.count("notify.events.dead") == 1)
    until(lambda: len(log.ids) == 4)
    [(headers, properties, body)] = broker.take_all("notify.events.dead")
    assert (headers["x-reason"], properties.message_id, body) == (reason, "bad", bad.body)
    assert "bad" not in log.ids


@pytest.mark.parametrize("outcome", [Dead("no such commune"), Permanent("no such commune")])
def test_dead_is_dead_at_once(broker: Broker, consume: Consume, outcome: Outcome | Exception) -> None:
    log = Log(**{"e-0001": outcome})
    broker.put("notify.events", *tallies(3))
    consume(log)
    until(lambda: broker.count("notify.events.dead") == 1)
    until(lambda: "e-0002" in log.ids)
    assert log.ids.count("e-0001") == 1
    assert broker.take_all("notify.events.dead")[0][0]["x-reason"] == "no such commune"


@pytest.mark.parametrize("outcome", [Later("busy"), Temporary("busy"), ValueError("a bug")])
def test_later_comes_again_counted_by_our_own_header(
    broker: Broker, consume: Consume, outcome: Outcome | Exception
) -> None:
    log = Log(**{"e-0001": outcome})
    broker.put("notify.events", *tallies(3))
    consume(log, max_attempts=3)
    until(lambda: broker.count("notify.events.dead") == 1, timeout=20)
    again = [delivery for batch in log.batches for delivery in batch if delivery.event.id == "e-0001"]
    assert [delivery.attempt for delivery in again] == [1, 2, 3]
    assert [delivery.delivery_count for delivery in again] == [0, 0, 0]
    [(headers, _, _)] = broker.take_all("notify.events.dead")
    name = "busy" if isinstance(outcome, Later) else type(outcome).__name__
    assert headers["x-reason"] == f"3 attempts: {name}"
    assert not [header for header in headers if "death" in header]
    assert broker.count("notify.events") == broker.count("notify.events.retry") == 0


def test_a_bug_for_one_member_costs_the_others_nothing(broker: Broker, consume: Consume) -> None:
    log = Log(**{"e-0007": RuntimeError("a bug")})
    broker.put("reporting.events", *tallies(20))
    consume(log, "reporting.events", batch_max=20, max_attempts=1)
    until(lambda: broker.count("reporting.events.dead") == 1)
    until(lambda: {delivery.event.id for batch in log.batches if len(batch) == 1 for delivery in batch})
    until(lambda: set(log.ids) == {message.message_id for message in tallies(20)})
    assert [ids for ids, count in Counter(log.ids).items() if count > 3] == []


def test_a_wrong_number_of_outcomes_settles_nothing_wrongly(broker: Broker, consume: Consume) -> None:
    broker.put("notify.events", *tallies(2))
    consume(lambda batch: [], max_attempts=1)
    until(lambda: broker.count("notify.events.dead") == 2)
    assert {row[0]["x-reason"] for row in broker.take_all("notify.events.dead")} == {"1 attempts: ValueError"}


def test_a_dependency_that_is_down_burns_nothing(broker: Broker, consume: Consume, running: list[Running]) -> None:
    down, calls, log = threading.Event(), [], Log()
    down.set()

    def handler(batch: Sequence[Delivery]) -> Sequence[Outcome]:
        calls.append(len(batch))
        if down.is_set():
            raise DependencyDown("mongodb")
        return log(batch)

    broker.put("notify.events", *tallies(50))
    consumer = consume(handler, prefetch=10)
    until(lambda: len(calls) >= 3, timeout=20)
    assert consumer.holding
    assert consumer.problem() == "waiting for mongodb"
    assert broker.count("notify.events") >= 39, "no more than the prefetch, and the one that came first, is taken"
    down.clear()
    until(lambda: len(log.ids) == 50, timeout=20)
    assert not consumer.holding
    assert {(d.delivery_count, d.attempt) for batch in log.batches for d in batch} == {(0, 1)}
    assert broker.count("notify.events.retry") == broker.count("notify.events.dead") == 0


def test_a_stop_while_holding_is_quick_and_loses_nothing(
    broker: Broker, consume: Consume, running: list[Running]
) -> None:
    def handler(batch: Sequence[Delivery]) -> Sequence[Outcome]:
        raise DependencyDown("mongodb")

    broker.put("notify.events", *tallies(30))
    consumer = consume(handler)
    until(lambda: consumer.holding)
    running.pop().stop(timeout=5)
    until(lambda: broker.count("notify.events") == 30)


def test_a_message_delivered_three_times_is_handled_alone(broker: Broker, consume: Consume) -> None:
    broker.put("reporting.files", tally("suspect"))
    broker.deliver_and_drop("reporting.files", 3)
    broker.put("reporting.files", *tallies(100))
    log = Log()
    consume(log, "reporting.files", batch_max=50)
    until(lambda: len(log.ids) == 101)
    [batch] = [batch for batch in log.batches if "suspect" in {delivery.event.id for delivery in batch}]
    assert [(delivery.event.id, delivery.delivery_count) for delivery in batch] == [("suspect", 3)]


def test_what_kills_its_consumer_does_not_charge_its_neighbours(broker: Broker, consume: Consume) -> None:
    """While the suspect is in hand, the rest stays in the queue, uncounted."""
    broker.put("notify.events", tally("suspect"))
    broker.deliver_and_drop("notify.events", 3)
    broker.put("notify.events", *tallies(30))
    in_hand, go_on = threading.Event(), threading.Event()

    def handler(batch: Sequence[Delivery]) -> Sequence[Outcome]:
        in_hand.set()
        assert go_on.wait(20)
        return [Done()] * len(batch)

    consume(handler)
    assert in_hand.wait(20)
    assert broker.count("notify.events") == 30
    go_on.set()
    until(lambda: broker.count("notify.events") == 0)


def test_a_copy_that_finds_no_way_is_tried_again_and_the_binding_comes_back(broker: Broker, consume: Consume) -> None:
    log = Log(**{"e-0000": Dead("x")})
    consume(log, reassert_every=0.3)
    binding = topology.Binding("notify.events.dead", "dead", "notify.events")
    broker.unbind(binding)
    broker.put("notify.events", *tallies(5))
    until(lambda: len(log.ids) == 5)
    until(lambda: broker.count("notify.events.dead") == 1, timeout=20)
    assert log.ids.count("e-0000") == 1


def test_a_binding_that_was_removed_is_made_again(broker: Broker, consume: Consume) -> None:
    consume(Log(), reassert_every=0.3)
    for binding in topology.bindings_of("notify.events"):
        broker.unbind(binding)
    for binding in topology.bindings_of("notify.events"):
        until(lambda binding=binding: broker.bound(binding), what=str(binding))


def test_a_user_without_configure_right_can_do_all_of_it(broker: Broker, consume: Consume) -> None:
    for binding in topology.bindings_of("notify.events"):
        broker.unbind(binding)
    log = Log(**{"e-0001": Later("busy"), "e-0002": Dead("x")})
    with broker.user("notify") as url:
        consume(log, url=url, max_attempts=2)
        for binding in topology.bindings_of("notify.events"):
            until(lambda binding=binding: broker.bound(binding), what=str(binding))
        broker.put("notify.events", *tallies(4))
        until(lambda: broker.count("notify.events.dead") == 2, timeout=20)
        assert sorted(log.ids) == ["e-0000", "e-0001", "e-0001", "e-0002", "e-0003"]


def test_only_one_projector_is_active_and_the_other_takes_over(
    broker: Broker, consume: Consume, running: list[Running]
) -> None:
    logs = [Log(), Log()]
    for log in logs:
        consume(log, "reporting.events", batch_max=10)
    broker.put("reporting.events", *tallies(20))
    until(lambda: sum(len(log.ids) for log in logs) == 20)
    busy = [bool(log.ids) for log in logs]
    # Widening the prefetch gives the turn to the other once; then one of them has it for good.
    broker.put("reporting.events", *tallies(20))
    until(lambda: sum(len(log.ids) for log in logs) == 40)
    assert any(busy)
    running.pop(0).stop()
    running.pop().stop()
    emptied(broker, "reporting.events")
