"""pika's blocking connection, without the sockets that it forgets."""

from __future__ import annotations

import pika  # type: ignore[import-untyped]

from shared.messaging.errors import BrokerGone, translated


def opened(parameters: pika.connection.Parameters) -> pika.BlockingConnection:
    """An open connection; `BrokerGone` otherwise.

    A broker that goes as it answers the opening leaves pika with a connection that is closed already: its close was
    nobody's to hear yet, so neither `close()` nor `with` does anything, and the pair of sockets that wakes its loop
    would wait for the collector.
    """
    with translated():
        connection = pika.BlockingConnection(parameters)
    if not connection.is_open:
        forget(connection)
        raise BrokerGone("the connection was lost while it opened")
    return connection


def forget(connection: pika.BlockingConnection) -> None:
    """Close what a connection that is gone still holds; harmless if it holds nothing."""
    connection._cleanup()
