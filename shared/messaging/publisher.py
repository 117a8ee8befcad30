"""Publishes with pipelined confirms from a thread of its own; everybody else only holds a future.

One I/O loop outlives its connections, so all state belongs to that loop's thread; other threads append to the backlog
and wake the loop. A message that was never written waits for the next connection until its deadline; one that was
written and not confirmed when the connection went is unknown, and only its owner may repeat it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

import pika  # type: ignore[import-untyped]
import pika.exceptions  # type: ignore[import-untyped]
from pika.adapters.select_connection import IOLoop  # type: ignore[import-untyped]

from shared import backoff, logs
from shared.events.message import Message
from shared.messaging.confirms import InFlight, Publish
from shared.messaging.errors import NotConfirmed, Refused, blames_us, reason_of
from shared.messaging.parameters import parameters
from shared.messaging.wire import properties_of
from shared.messaging.writing import GatheringConnection

_TICK = 0.25
_HEALTHY_AFTER = 10.0
_LOUD_AFTER = 10
_CLOSE_ANSWER = 1.0

log = logs.get(__name__)


class Publisher:
    """`publish` may be called from any thread; at most `window` messages are unconfirmed, each has `deadline` seconds.

    Make and start it after a fork. It reconnects for ever, with a capped and jittered wait.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str = "publisher",
        window: int = 256,
        deadline: float = 10.0,
        renew_after: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._parameters = parameters(url, name)
        self._name = name
        self._window = window
        self._deadline = deadline
        self._renew_after = renew_after
        self._clock = clock
        self._backlog: deque[Publish] = deque()
        self._in_flight = InFlight()
        self._loop: IOLoop | None = None
        self._connection: GatheringConnection | None = None
        self._channel: pika.channel.Channel | None = None
        self._blocked = False
        self._silent_since: float | None = None
        # So many confirms one by one before the window opens. A fresh connection proves itself with one message, or an
        # alarm would cost a window of copies at each reconnect; after a close that blames us, we look for the culprit.
        self._careful = 1
        self._renewing = False
        self._pump_wanted = False
        self._failures = 0
        self._opened_at: float | None = None
        self._closing = False
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name=f"{name}-publisher", daemon=True)

    def start(self) -> None:
        self._loop = IOLoop()
        self._thread.start()

    def publish(self, exchange: str, message: Message) -> Future[None]:
        """The future completes on the broker's confirm.

        Its exception is `NotConfirmed` (unknown: the same id again), `Refused` (nack, or a message that cannot be
        sent) or `Unroutable` (returned). Callbacks of the future run on the publisher's thread and must be short.
        """
        item = Publish(exchange, message, Future(), self._clock() + self._deadline)
        if self._closing:
            item.done(NotConfirmed("the publisher is closing"))
            return item.future
        self._backlog.append(item)
        if self._stopped:  # closed in between: nobody looks at the backlog any more
            item.done(NotConfirmed("the publisher is closed"))
        elif not self._pump_wanted and self._loop is not None:
            self._pump_wanted = True
            self._loop.add_callback_threadsafe(self._pump)
        return item.future

    @property
    def connected(self) -> bool:
        """A channel is open, with confirms on."""
        return self._channel is not None

    @property
    def ready(self) -> bool:
        """Connected, and not held up by an alarm of the broker."""
        return self._channel is not None and not self._blocked

    def problem(self) -> str | None:
        """For a readiness page: why publishing does not work now, or None."""
        silent_since = self._silent_since
        if self._channel is None:
            return "not connected to the broker"
        if self._blocked:
            return "blocked by an alarm of the broker"
        if silent_since is not None:
            return f"no confirm from the broker for {self._clock() - silent_since:.0f} s"
        return None

    def close(self, deadline: float = 5.0) -> None:
        """Take no more, wait at most `deadline` seconds for what is in flight, close. The rest is `NotConfirmed`."""
        self._closing = True
        loop = self._loop
        if loop is None or not self._thread.is_alive():
            self._fail_all()
            return
        end = self._clock() + deadline
        loop.add_callback_threadsafe(lambda: self._finish(end))
        self._thread.join(deadline + 2 * _CLOSE_ANSWER)

    # Everything below runs on the loop's thread.

    def _run(self) -> None:
        while not self._stopped:
            assert self._loop is not None
            self._loop.add_callback_threadsafe(self._connect)
            self._loop.add_callback_threadsafe(self._tick)
            try:
                self._loop.start()
            except Exception:
                # A surprise inside the client must not end publishing: a new loop, a new connection, the same messages.
                log.exception("publisher.surprise", name=self._name)
                self._lost(NotConfirmed("the connection failed"))
                self._start_over()
                time.sleep(1)
        self._fail_all()
        if self._loop is not None:
            self._loop.close()

    def _start_over(self) -> None:
        # Nobody else would close the sockets that are left behind: the connection's, and the pair that wakes the loop.
        if self._connection is not None:
            self._connection.drop()
        assert self._loop is not None
        self._loop.close()
        self._connection, self._loop, self._pump_wanted = None, IOLoop(), False
        self._stopped = self._closing

    def _connect(self) -> None:
        if self._closing:
            return
        self._connection = GatheringConnection(
            self._parameters,
            on_open_callback=self._on_open,
            on_open_error_callback=self._on_closed,
            on_close_callback=self._on_closed,
            custom_ioloop=self._loop,
        )

    def _on_open(self, connection: pika.SelectConnection) -> None:
        connection.add_on_connection_blocked_callback(lambda *_: self._on_blocked(True))
        connection.add_on_connection_unblocked_callback(lambda *_: self._on_blocked(False))
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: pika.channel.Channel) -> None:
        channel.add_on_close_callback(self._on_channel_closed)
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_confirm, callback=lambda _: self._on_confirms_on(channel))

    def _on_confirms_on(self, channel: pika.channel.Channel) -> None:
        self._channel, self._opened_at = channel, self._clock()
        self._careful = max(self._careful, 1)
        log.info("publisher.connected", name=self._name)
        self._pump()

    def _on_blocked(self, blocked: bool) -> None:
        self._blocked = blocked
        log.warning("publisher.blocked" if blocked else "publisher.unblocked", name=self._name)
        self._pump()

    def _pump(self) -> None:
        """Write what the window allows."""
        self._pump_wanted = False
        if self._renewing:
            if not len(self._in_flight) and self._connection is not None and self._connection.is_open:
                self._connection.close()
        elif self._backlog and self._connection is not None and self._channel is not None and not self._blocked:
            with self._connection.gathered():
                self._write(self._channel, 1 if self._careful else self._window)

    def _write(self, channel: pika.channel.Channel, window: int) -> None:
        while self._backlog and len(self._in_flight) < window:
            item = self._backlog.popleft()
            if item.future.done():
                continue
            message = item.message
            try:
                channel.basic_publish(
                    item.exchange, message.routing_key, message.body, properties_of(message), mandatory=True
                )
            except pika.exceptions.ChannelWrongStateError:
                self._backlog.appendleft(item)
                return
            except Exception as error:
                # It could not even be encoded, so nothing was written, and only this message is concerned.
                item.done(Refused(f"cannot be sent: {type(error).__name__}"))
                continue
            self._in_flight.add(item)

    def _on_return(
        self, _: object, returned: pika.spec.Basic.Return, properties: pika.BasicProperties, __: bytes
    ) -> None:
        self._in_flight.returned(returned.exchange, returned.routing_key, properties.message_id or "")

    def _on_confirm(self, frame: pika.frame.Method) -> None:
        method = frame.method
        nack = isinstance(method, pika.spec.Basic.Nack)
        self._in_flight.confirmed(method.delivery_tag, multiple=method.multiple, nack=nack)
        self._silent_since = None
        self._careful = max(0, self._careful - 1)
        if nack and self._opened_at is not None and self._clock() - self._opened_at > self._renew_after:
            # A quorum queue tells a channel to hold back, and 3.10 may never tell it to go on. So a channel that is
            # still refused after a while is replaced, once nothing is in flight on it.
            self._renewing = True
        self._pump()

    def _tick(self) -> None:
        """Deadlines; they are in the order of publishing in the backlog too."""
        now = self._clock()
        for item in self._in_flight.overdue(now):
            if self._silent_since is None:
                self._silent_since = item.deadline - self._deadline
            item.done(NotConfirmed("no confirm in time", silent=True))
        while self._backlog and self._backlog[0].deadline <= now:
            self._backlog.popleft().done(NotConfirmed("not sent in time"))
        self._pump()
        if self._loop is not None and not self._stopped:
            self._loop.call_later(_TICK, self._tick)

    def _on_channel_closed(self, channel: object, error: Exception) -> None:
        if not self._closing:
            log.warning("publisher.channel_closed", name=self._name, reason=reason_of(error))
        self._blame(error)
        if self._connection is not None and self._connection.is_open:
            self._connection.close()

    def _on_closed(self, connection: object, error: Exception) -> None:
        if connection is not self._connection:
            return
        self._blame(error)
        self._connection = None
        if self._closing:
            self._stop()
            return
        if self._opened_at is not None and self._clock() - self._opened_at > _HEALTHY_AFTER:
            self._failures = 0
        self._opened_at = None
        self._failures += 1
        wait = backoff.delay(self._failures, first=0.2, cap=15.0)
        say = log.error if self._failures > _LOUD_AFTER else log.warning
        say("publisher.disconnected", name=self._name, reason=reason_of(error), attempt=self._failures, delay=wait)
        if self._loop is not None:
            self._loop.call_later(wait, self._connect)

    def _blame(self, error: Exception) -> None:
        """The channel is gone. What was in flight is unknown, unless only one message can be the cause."""
        if not blames_us(error):
            self._lost(NotConfirmed(f"the connection was lost: {reason_of(error)}"))
        elif len(self._in_flight) == 1:
            self._lost(Refused(f"the broker closed over it: {reason_of(error)}"))
        else:
            self._careful = self._window
            self._lost(NotConfirmed(reason_of(error), suspect=True))

    def _lost(self, error: Exception) -> None:
        self._channel, self._blocked, self._silent_since, self._renewing = None, False, None, False
        for item in self._in_flight.clear():
            item.done(error)

    def _fail_all(self) -> None:
        self._stopped = True
        error = NotConfirmed("the publisher is closed")
        self._lost(error)
        while self._backlog:
            self._backlog.popleft().done(error)

    def _finish(self, end: float) -> None:
        assert self._loop is not None
        waiting = len(self._in_flight) or (self._backlog and self._channel is not None)
        if waiting and self._clock() < end:
            self._loop.call_later(0.02, lambda: self._finish(end))
        elif self._connection is None or self._connection.is_closed:
            self._stop()
        else:
            self._loop.call_later(_CLOSE_ANSWER, self._connection.abandon)
            self._loop.call_later(1.5 * _CLOSE_ANSWER, self._stop)
            if not self._connection.is_closing:
                self._connection.close()

    def _stop(self) -> None:
        self._stopped = True
        if self._loop is not None:
            self._loop.stop()
