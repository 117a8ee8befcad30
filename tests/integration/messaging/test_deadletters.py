"""Dead messages reach the store with their reason, and can be sent again."""

from __future__ import annotations

from collections.abc import Callable

from shared.events.message import Message
from shared.failures import DependencyDown
from shared.messaging.consumer import Dead
from shared.messaging.deadletters import DeadLetter, DeadLetterDrain
from shared.messaging.replay import replay
from shared.messaging.session import COUNTED
from tests.harness.waiting import until
from tests.integration.messaging.broker import Broker, publishing, tallies, tally
from tests.integration.messaging.conftest import Consume, Running
from tests.integration.messaging.test_consumer import Log, emptied

Drain = Callable[..., DeadLetterDrain]


class Stored:
    """A store. What it is told to `raise_once` for an id, it raises at the first call with it."""

    def __init__(self, **raise_once: Exception) -> None:
        self.letters: list[DeadLetter] = []
        self.calls: list[str | None] = []
        self._raise_once = raise_once

    def __call__(self, letter: DeadLetter) -> None:
        self.calls.append(letter.event_id)
        error = self._raise_once.pop(str(letter.event_id), None)
        if error is not None:
            raise error
        self.letters.append(letter)


def test_a_dead_message_is_stored_with_its_reason_and_leaves_the_queue(
    broker: Broker, consume: Consume, drain: Drain, running: list[Running]
) -> None:
    stored = Stored()
    drain(stored)
    consume(Log(**{"e-0001": Dead("no such commune")}))
    broker.put("notify.events", *tallies(3))
    until(lambda: stored.letters)
    [letter] = stored.letters
    assert (letter.event_id, letter.name, letter.queue) == ("e-0001", "intake.tally", "notify.events")
    assert (letter.reason, letter.body, letter.large) == ("no such commune", tally("x").body, False)
    running.pop().stop()
    running.pop().stop()
    emptied(broker, "notify.events.dead")


def test_a_replayed_letter_is_handled_as_if_new(broker: Broker, consume: Consume, drain: Drain) -> None:
    stored, log = Stored(), Log(**{"e-1": Dead("bug")})
    drain(stored)
    consume(log)
    broker.put("notify.events", tally("e-1"))
    until(lambda: stored.letters)
    log.says.clear()
    with publishing(broker.url) as publisher:
        replay(publisher, stored.letters[0].queue, stored.letters[0].message).result(10)
    until(lambda: len(log.batches) == 2)
    assert [(d.event, d.attempt) for d in log.batches[1]] == [(log.batches[0][0].event, 1)]


def test_a_store_that_is_down_is_waited_for(broker: Broker, drain: Drain) -> None:
    stored = Stored(**{"e-0000": DependencyDown("mongodb")})
    _die(broker, *tallies(2))
    drain(stored)
    until(lambda: len(stored.letters) == 2)
    assert stored.calls == ["e-0000", "e-0000", "e-0001"]


def test_a_letter_that_the_store_chokes_on_waits_while_others_flow(broker: Broker, drain: Drain) -> None:
    stored = Stored(**{"e-0000": ValueError("a bug")})
    _die(broker, *tallies(3))
    drain(stored, "notify.events.dead")
    until(lambda: len(stored.letters) == 3, timeout=20)
    assert [letter.event_id for letter in stored.letters] == ["e-0001", "e-0002", "e-0000"]


def test_others_flow_too_when_that_letter_has_come_back_often(broker: Broker, drain: Drain) -> None:
    """Handled alone it is, as what may kill its consumer; but not for as long as it cannot be stored."""
    first, *others = tallies(3)
    _die(broker, first)
    broker.deliver_and_drop("notify.events.dead", COUNTED)
    _die(broker, *others)
    letters: list[str | None] = []

    def store(letter: DeadLetter) -> None:
        if letter.event_id == "e-0000":
            raise OSError("no room for it")
        letters.append(letter.event_id)

    drain(store, "notify.events.dead")
    until(lambda: letters == ["e-0001", "e-0002"])


def _die(broker: Broker, *messages: Message) -> None:
    with broker.channel() as channel:
        channel.confirm_delivery()
        for message in messages:
            channel.basic_publish("dead", "notify.events", message.body, _properties(message.message_id))


def _properties(message_id: str) -> object:
    import pika

    return pika.BasicProperties(message_id=message_id, delivery_mode=2)
