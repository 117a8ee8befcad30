"""One channel's lane: hands deliveries over the moment they are stored, and every second whatever is due.

Each channel has threads of its own, so that a mail server that hangs keeps no text message waiting. Nothing here knows
SMS from e-mail or an alert from a notice; the rules are in `dispatching`, the atomic updates in `store.claims`. Kill
the process anywhere: what was claimed comes due again when its lease ends.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import uuid4

from services.notify import dispatching, states
from services.notify.channels.base import Channel, Failed, Result, Unknown
from services.notify.desks import Desk
from services.notify.dispatching import Outcome
from services.notify.recording import Recorder
from services.notify.store.claims import Held
from services.notify.store.collections import Row
from shared import crashpoints, logs, metrics
from shared.failures import DependencyDown, Temporary
from shared.stopping import Stopping

T = TypeVar("T")

_POLL = 1.0
_BATCH = 50
# So old a claim may be that what was read with it still decides who is told.
_FRESH = timedelta(seconds=1)
# An outcome that can't be written is worth some patience: without it the message goes out twice.
_RECORD_WAITS = (0.2, 1.0, 3.0)

log = logs.get(__name__)
_OUTCOMES = metrics.counter("notify_deliveries_total", "Outcomes of calls by channel and state", ("channel", "state"))


class Lane:
    def __init__(
        self,
        name: str,
        channel: Channel,
        desks: Sequence[Desk],
        stopping: Stopping,
        *,
        threads: int = 16,
        poll: float = _POLL,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        rand: Callable[[], float] = random.random,
    ) -> None:
        self._desks = {desk.name: desk for desk in desks}
        self._name, self._channel, self._stopping = name, channel, stopping
        self._threads, self._poll, self._now, self._rand = threads, poll, now, rand
        self._woken: deque[tuple[str, str]] = deque()
        self._wake = threading.Event()
        self._under_way = 0
        self._next_poll = 0.0
        self._room = threading.Condition()
        self._recorder = Recorder(self._write)
        self._pool: ThreadPoolExecutor | None = None

    def wake(self, document_id: str, desk: str = "alerts") -> None:
        """Something to send was stored. Any thread."""
        self._woken.append((desk, document_id))
        self._wake.set()

    def run(self) -> None:
        """Blocks until stopping is requested; then every call under way is finished and recorded."""
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix=f"send-{self._name}")
        try:
            while not self._stopping.requested:
                self._wake.clear()
                try:
                    self._round()
                except DependencyDown as down:
                    log.warning("lane waits", channel=self._name, dependency=down.dependency)
                    self._stopping.wait(1.0)
                except Exception as error:
                    # A question that the database refuses once is asked again; a lane that ended would end the worker.
                    log.error("lane failed", channel=self._name, error=error)
                    self._stopping.wait(1.0)
                self._wait()
        finally:
            self._pool.shutdown(wait=True)

    def send_due(self) -> int:
        """Send what is due now on the caller's thread; how many deliveries were held. For tests and repairs."""
        sent = 0
        for desk in self._desks.values():
            for document_id in desk.due(self._name, self._now(), _BATCH):
                sent += sum(1 for _ in self._claimed(desk, document_id, each=self._deliver))
        return sent

    # Everything below runs on the lane's thread or on a sender's.

    def _wait(self) -> None:
        if not self._woken and not self._stopping.requested:
            self._wake.wait(max(0.0, self._next_poll - time.monotonic()))

    def _round(self) -> None:
        while self._woken and not self._stopping.requested:
            name, document_id = self._woken.popleft()
            self._submit(self._desks[name], document_id)
        # What was stored just now was woken for. Asking for the rest at every wake would cost more than the sending.
        if time.monotonic() < self._next_poll:
            return
        self._next_poll = time.monotonic() + self._poll
        for desk in self._desks.values():
            for document_id in desk.due(self._name, self._now(), _BATCH):
                if self._stopping.requested:
                    return
                self._submit(desk, document_id)

    def _submit(self, desk: Desk, document_id: str) -> None:
        # A claim that waited for a thread would eat its own lease, so nothing is claimed before there is room.
        with self._room:
            while self._under_way >= self._threads:
                self._room.wait(1.0)
                if self._stopping.requested:
                    return
        self._start(lambda: list(self._claimed(desk, document_id, each=self._start_delivery)))

    def _start(self, work: Callable[[], object]) -> None:
        assert self._pool is not None
        with self._room:
            self._under_way += 1
        try:
            self._pool.submit(self._guarded, work)
        except RuntimeError:
            self._guarded(work)  # shutting down: what is claimed is finished here, or it would have to be repeated

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except DependencyDown as down:
            log.warning("delivery waits", dependency=down.dependency)
        except Exception as error:
            log.error("delivery failed unexpectedly", error=error)
            _OUTCOMES.labels("none", "error").inc()
        finally:
            self._done()

    def _done(self) -> None:
        with self._room:
            self._under_way -= 1
            self._room.notify_all()

    def _claimed(self, desk: Desk, document_id: str, *, each: Callable[[Desk, Row, Held], None]) -> Sequence[Held]:
        claimed = desk.claim(document_id, self._name, uuid4().hex, self._now())
        if claimed is None:
            return ()
        crashpoints.reach("notify.claimed")
        for held in claimed.held[1:]:
            each(desk, claimed.document, held)
        # The first one needs no other thread.
        self._deliver(desk, claimed.document, claimed.held[0])
        return claimed.held

    def _start_delivery(self, desk: Desk, document: Row, held: Held) -> None:
        self._start(lambda: self._deliver(desk, document, held))

    def _deliver(self, desk: Desk, document: Row, held: Held) -> None:
        safe = self._channel.repeats_safely
        try:
            document = self._as_it_is(desk, document, held)
        except Temporary:
            outcome: Outcome | None = dispatching.put_back(held, self._now(), "not_read")
        else:
            wanted = desk.wanted(document, held)
            outcome = dispatching.before(held, wanted=wanted, repeats_safely=safe, now=self._now())
        if outcome is None:
            result = self._call(desk, document, held)
            outcome = dispatching.after(held, result, repeats_safely=safe, now=self._now(), rand=self._rand)
        _OUTCOMES.labels(held.channel, outcome.state).inc()
        if desk.tells(document, held, outcome):
            recorded = self._record(lambda: desk.record(document, held, outcome, self._now()))
            _say("delivery" if recorded else "delivery taken over by another", held, outcome)
        else:
            _say("delivery", held, outcome)
            self._recorder.add((desk, document, held, outcome))

    def _as_it_is(self, desk: Desk, document: Row, held: Held) -> Row:
        """The document, read again if the claim waited for a thread: a conflict that was stored meanwhile stops the
        message.
        """
        if self._now() - held.claimed_at <= _FRESH:
            return document
        return desk.read(document["_id"]) or {**document, "deliveries": []}

    def _call(self, desk: Desk, document: Row, held: Held) -> Result:
        try:
            parcel = desk.parcel(document, held)
        except Exception as error:
            log.error("message cannot be written", delivery=held.id, error=error)
            return Failed("not_composed", "temporary")
        crashpoints.reach("notify.before_send")
        try:
            result = self._channel.send(parcel)
        except Exception as error:
            # The channel gave no verdict, so nobody knows.
            log.error("channel failed unexpectedly", delivery=held.id, channel=held.channel, error=error)
            result = Unknown(type(error).__name__)
        crashpoints.reach("notify.after_send")
        return result

    def _write(self, finished: Sequence[tuple[Desk, Row, Held, Outcome]]) -> None:
        """All these outcomes; of each kind of document in one round trip."""
        for desk in self._desks.values():
            mine = [(document, held, outcome) for whose, document, held, outcome in finished if whose is desk]
            if mine:
                self._write_of(desk, mine)

    def _write_of(self, desk: Desk, finished: Sequence[tuple[Row, Held, Outcome]]) -> None:
        try:
            lost = self._record(lambda: desk.record_all(finished, self._now()))
        except Exception as error:
            # They come due again when their lease ends, like those of a process that died.
            log.error("outcomes not recorded", channel=self._name, rows=len(finished), error=error)
            return
        if lost:
            log.warning("deliveries taken over by another", channel=self._name, rows=lost)

    def _record(self, write: Callable[[], T]) -> T:
        for wait in _RECORD_WAITS:
            try:
                return write()
            except Temporary:
                self._stopping.wait(wait)
        return write()


def _say(what: str, held: Held, outcome: Outcome) -> None:
    """What goes as it should is counted; a line of its own has what took longer or failed."""
    level = log.warning if outcome.state not in states.ARRIVED else log.info if held.generation > 1 else log.debug
    level(
        what,
        delivery=held.id,
        channel=held.channel,
        state=outcome.state,
        reason=outcome.reason,
        attempt=held.generation,
    )
