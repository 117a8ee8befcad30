"""What is in the broker, as a bench has to know it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pika.adapters.blocking_connection import BlockingChannel

from tests.harness.amqp import connected

BOTH = ("notify.events", "reporting.events")
_TALLY = "intake.tally"


@contextmanager
def channel(url: str) -> Iterator[BlockingChannel]:
    with connected(url) as connection:
        yield connection.channel()


def depth(url: str, queue: str) -> int:
    with channel(url) as opened:
        found: int = opened.queue_declare(queue, passive=True).method.message_count
        return found


def empty(url: str) -> None:
    with channel(url) as opened:
        for queue in BOTH:
            opened.queue_purge(queue)


def take_all(url: str, queue: str) -> set[str]:
    """Empties a queue; the ids of the events that were in it, tallies aside."""
    ids: set[str] = set()
    with channel(url) as opened:
        opened.basic_qos(prefetch_count=500)
        for method, properties, _ in opened.consume(queue, inactivity_timeout=1.0):
            if method is None:
                break
            if method.routing_key != _TALLY:
                ids.add(str(properties.message_id))
            opened.basic_ack(method.delivery_tag)
        opened.cancel()
    return ids
