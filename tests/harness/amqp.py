"""A test's own connection to the broker, also to one that is about to go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pika

from shared.messaging.blocking import opened


@contextmanager
def connected(url: str) -> Iterator[pika.BlockingConnection]:
    """`BrokerGone` if it cannot be opened. Closed at the end, if the broker is still there for that."""
    connection = opened(pika.URLParameters(url))
    try:
        yield connection
    finally:
        if connection.is_open:
            with suppress(pika.exceptions.AMQPError):
                connection.close()
