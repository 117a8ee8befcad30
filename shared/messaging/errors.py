"""What can go wrong with the broker, in our words. pika's exceptions are translated here and stay in the package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pika.exceptions  # type: ignore[import-untyped]
from pika.adapters.utils.connection_workflow import AMQPConnectorException  # type: ignore[import-untyped]

from shared.failures import DependencyDown, Temporary

_FORCED = 320
_NOT_FOUND = 404
_MISMATCH = 406


class NotConfirmed(Temporary):
    """Unknown: the broker may have the message. Publish it again with the same id.

    `silent`: the connection stood, but no confirm came in time; wait before the repeat, or every queue that does work
    fills with copies. `suspect`: the broker closed over something that was in flight, so repeat one by one to find it.
    """

    def __init__(self, reason: str, *, silent: bool = False, suspect: bool = False) -> None:
        super().__init__(reason)
        self.silent = silent
        self.suspect = suspect


class Refused(Temporary):
    """The broker said no (a queue is full, or the message itself cannot be taken). Wait, then the same id again."""


class Unroutable(Temporary):
    """No queue is bound for the message: a binding is missing. Wait, then the same id again."""


class BrokerGone(DependencyDown):
    """There is no usable connection."""

    def __init__(self, reason: str) -> None:
        super().__init__("broker", reason)
        self.reason = reason


class ChannelRefused(Temporary):
    """The broker closed the channel over a command: `code` is AMQP's (403 access, 404 missing, 406 mismatch)."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text

    @property
    def missing(self) -> bool:
        return self.code == _NOT_FOUND

    @property
    def mismatch(self) -> bool:
        return self.code == _MISMATCH


class WrongTopology(Exception):
    """The broker holds something of the same name with other arguments. A person must decide; the text says what."""


def reason_of(error: BaseException) -> str:
    """A short reason without addresses or credentials."""
    if isinstance(error, pika.exceptions.ConnectionClosed | pika.exceptions.ChannelClosed):
        return f"{error.reply_code} {error.reply_text}"
    cause = next((part for part in error.args if isinstance(part, BaseException)), None)
    return f"{type(error).__name__}{' ' + type(cause).__name__ if cause is not None else ''}"


def blames_us(error: BaseException) -> bool:
    """Whether the broker closed because of something that we sent, and not for a reason of its own."""
    if isinstance(error, pika.exceptions.ChannelClosedByBroker):
        return True
    return isinstance(error, pika.exceptions.ConnectionClosedByBroker) and error.reply_code != _FORCED


@contextmanager
def translated() -> Iterator[None]:
    """Turn pika's exceptions and socket errors into `ChannelRefused` or `BrokerGone`."""
    try:
        yield
    except pika.exceptions.ChannelClosedByBroker as error:
        raise ChannelRefused(error.reply_code, error.reply_text) from None
    except (pika.exceptions.AMQPError, AMQPConnectorException, OSError) as error:
        raise BrokerGone(reason_of(error)) from None
