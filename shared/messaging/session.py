"""One connection, one channel, one consumer. It belongs to the thread that opened it; `settled` alone is for any.

Everything delivered carries its session, and is settled through it: an ack that comes after a reconnect ends at a
closed session and is dropped (on a new channel the old tag would close that channel, without a word).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import pika  # type: ignore[import-untyped]
import pika.exceptions  # type: ignore[import-untyped]
from pika.heartbeat import HeartbeatChecker  # type: ignore[import-untyped]

from shared import logs
from shared.events.message import Message
from shared.messaging.blocking import forget, opened
from shared.messaging.errors import BrokerGone, ChannelRefused, translated
from shared.messaging.ledger import Ledger
from shared.messaging.topology import Binding
from shared.messaging.wire import delivery_count_of, message_of

COUNTED = 3
_CLOSE_WAIT = 5.0
_SILENCE = 1.25  # of the heartbeat, in which the broker says something even when it has nothing to say

log = logs.get(__name__)


@dataclass(frozen=True, eq=False)
class Taken:
    """A delivery in our hands. `headers` are all that arrived, `message` has only those that are ours to keep."""

    session: Session = field(repr=False)
    tag: int
    message: Message = field(repr=False)
    headers: Mapping[str, object] = field(repr=False)
    delivery_count: int

    @property
    def counted(self) -> bool:
        """It came back so often that it may be what kills its consumer: to be handled alone."""
        return self.delivery_count >= COUNTED

    @property
    def stale(self) -> bool:
        """Its channel is gone, so the broker has given it back already and delivers it again."""
        return not self.session.open


class _Patient(HeartbeatChecker):  # type: ignore[misc]
    """Gives up after two silent looks (26 to 39 s) instead of one (13 to 26 s).

    A broker that stood still and goes on delivers to connections that were closed meanwhile, and takes all of it back:
    each message charged with a return that was nobody's fault.
    """

    @property
    def connection_is_idle(self) -> bool:
        return bool(self._idle_byte_intervals > 1)


class Session:
    def __init__(self, parameters: pika.connection.Parameters, queue: str, take: Callable[[Taken], None]) -> None:
        self.open = False
        self._queue = queue
        self._take = take
        self._ledger = Ledger()
        self._ended: str | None = None
        self._tag = ""
        self._widen_to: int | None = None
        self._probe_over = False
        self._taking = True
        self._patience = _SILENCE * parameters.heartbeat if parameters.heartbeat else float("inf")
        self._bytes = 0
        self._heard_at = time.monotonic()
        self._connection = opened(parameters)
        self._be_patient()

    @property
    def heard(self) -> bool:
        """Open, and the broker is not silent: one that was stopped keeps every connection open. Any thread."""
        return self.open and time.monotonic() - self._heard_at < self._patience

    def consume(self, prefetch: int) -> None:
        """Start taking, one message at a time until the first that was not counted often, then `prefetch`.

        What kills its consumer comes first after the crash. With a full prefetch every neighbour would be charged with
        each of its crashes, and reach the delivery limit together with it.
        """
        with translated():
            self._channel = self._connection.channel()
            self._channel.add_on_cancel_callback(self._on_cancelled)
            self._widen_to = prefetch if prefetch > 1 else None
            self._consume(1)
            self._heard_at = time.monotonic()
            self.open = True

    def _consume(self, prefetch: int) -> None:
        self._channel.basic_qos(prefetch_count=prefetch)
        self._tag = self._channel.basic_consume(self._queue, self._on_message)

    def assert_bindings(self, bindings: Sequence[Binding]) -> None:
        """Bind again what may have been unbound. A missing queue or right is logged, and consuming goes on."""
        with translated():
            channel = self._connection.channel()
            for binding in bindings:
                try:
                    with translated():
                        channel.queue_bind(binding.queue, binding.exchange, binding.key)
                except ChannelRefused as refused:
                    log.error("bindings.refused", queue=binding.queue, exchange=binding.exchange, reason=str(refused))
                    channel = self._connection.channel()
            channel.close()

    def pump(self, seconds: float) -> None:
        """Let the connection work for at most `seconds`; `BrokerGone` when it, the channel or the consumer is gone.

        A consumer that the broker cancelled raises nothing by itself: the loop would just stay silent for ever.
        """
        with translated():
            self._connection.process_data_events(time_limit=seconds)
            self._listen()
            if self._ended is None and not self._channel.is_open:
                self._ended = "the channel was closed"
            if self._ended is not None:
                raise BrokerGone(self._ended)
            if self._widen_to is not None and self._probe_over:
                self._widen()

    def _be_patient(self) -> None:
        checker = getattr(getattr(self._connection, "_impl", None), "_heartbeat_checker", None)
        if type(checker) is HeartbeatChecker:
            checker.__class__ = _Patient

    def _listen(self) -> None:
        # pika counts for its own heartbeats and shows the number only inside; without it we hear nothing but the close.
        received = getattr(getattr(self._connection, "_impl", None), "bytes_received", None)
        if received is None or received != self._bytes:
            self._bytes, self._heard_at = received or 0, time.monotonic()

    def _widen(self) -> None:
        prefetch, self._widen_to = self._widen_to, None
        assert prefetch is not None
        self._channel.basic_cancel(self._tag)
        self._consume(prefetch)

    def _on_message(
        self, _: object, method: pika.spec.Basic.Deliver, properties: pika.BasicProperties, body: bytes
    ) -> None:
        if not self._taking:
            return
        headers: Mapping[str, object] = properties.headers or {}
        taken = Taken(
            session=self,
            tag=method.delivery_tag,
            message=message_of(method.routing_key, properties, body),
            headers=headers,
            delivery_count=delivery_count_of(headers),
        )
        self._ledger.delivered(taken.tag)
        self._probe_over = self._probe_over or not taken.counted
        self._take(taken)

    def _on_cancelled(self, _: object) -> None:
        self._ended = "the consumer was cancelled by the broker"

    def settled(self, tags: Iterable[int]) -> None:
        """Ack these deliveries. Any thread; silently too late when the session is closed."""
        if not self.open:
            return
        try:
            self._connection.add_callback_threadsafe(partial(self._ack, list(tags)))
        except pika.exceptions.ConnectionWrongStateError:
            log.info("session.stale_acks", queue=self._queue)

    def _ack(self, tags: list[int]) -> None:
        if not self._channel.is_open:
            return
        for ack in self._ledger.settle(tags):
            self._channel.basic_ack(ack.tag, multiple=ack.multiple)

    def survived(self) -> None:
        """What was handled alone killed nobody, though it is not settled yet: take the others too. Any thread."""
        self._probe_over = True

    def stop_taking(self) -> None:
        """What is in our hands stays ours to settle; what still comes goes back when the channel closes.

        The consumer is not cancelled: that would wait for an answer, and SIGTERM with it, when the broker is stopped.
        """
        self._taking, self._widen_to = False, None

    def flush(self) -> None:
        """Write every ack that was asked for before this call. Without it, closing loses the last ones."""
        written = threading.Event()
        with translated():
            self._connection.add_callback_threadsafe(written.set)
            while not written.is_set():
                self._connection.process_data_events(time_limit=1)

    def close(self) -> None:
        """Close politely, but a broker that does not answer is not waited for longer than 5 s."""
        self.open = False
        closing = threading.Thread(target=self._close, name=f"{self._queue}-close", daemon=True)
        closing.start()
        closing.join(_CLOSE_WAIT)

    def _close(self) -> None:
        try:
            with translated():
                if self._connection.is_open:
                    self._connection.close()
                else:
                    forget(self._connection)
        except Exception as error:
            log.info("session.close_failed", queue=self._queue, error=error)
