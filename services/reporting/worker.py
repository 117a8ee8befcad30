"""The background process: a list of its parts, and the order in which they stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

from services.reporting.deadletters import Cupboard
from services.reporting.documents import Store
from services.reporting.heartbeat import Heart
from services.reporting.keys.checking import check
from services.reporting.keys.housekeeping import Housekeeping
from services.reporting.keys.keyring import Keyring
from services.reporting.keys.rewrap import Rewrap
from services.reporting.opening import Opening
from services.reporting.outbox import of_dead_letters, of_notices, of_snapshots
from services.reporting.projector import Projector
from services.reporting.recompute import Recompute
from services.reporting.reports.making import Maker
from services.reporting.reports.republish import Republish
from services.reporting.rollups import Rollups
from services.reporting.settings import Settings
from shared import backoff, logs
from shared.directory import DirectoryFolder
from shared.failures import DependencyDown
from shared.messaging.consumer import Consumer
from shared.messaging.deadletters import DeadLetterDrain
from shared.messaging.publisher import Publisher
from shared.messaging.relay import Relay
from shared.stopping import Stopping

QUEUE = "reporting.events"
_BATCH_WINDOW = 0.05
_LEAVE = 20.0

log = logs.get(__name__)


class Worker:
    """Everything that runs in the background. `run` blocks until stopping is requested."""

    def __init__(self, settings: Settings, stopping: Stopping) -> None:
        self._stopping = stopping
        # The other threads go on until the consumer has finished what it holds: its last marks are theirs to clean.
        self._ending = Stopping()
        self.folder = DirectoryFolder(settings.directory)
        self.store = Store(settings.mongo_url, settings.mongo_database)
        self.rollups = Rollups(self.store)
        self.recompute = Recompute(self.store, self.rollups, self.folder.current, self._ending)
        self.keyring = Keyring(settings.case_key)
        self.projector = Projector(
            self.store,
            self.folder.at_least,
            Rewrap(self.store, Opening.from_dir(settings.sealing_private_dir), self.keyring),
            marked=self.recompute.wake,
        )
        self.recompute.at_new_directory = self.projector.refold_incomplete
        self.publisher = Publisher(settings.amqp_url, name="reporting")
        self.relay = Relay(of_snapshots(self.store), self.publisher, name="reporting-relay")
        # Its own: an alarm must not stand behind a thousand versions of reports.
        self.alarms = Relay(of_dead_letters(self.store), self.publisher, name="reporting-alarms")
        self.notices = Relay(of_notices(self.store), self.publisher, name="reporting-notices")
        self.housekeeping = Housekeeping(
            self.store,
            self._ending,
            told=self.notices.wake,
            again=self.projector.refold_incomplete,
        )
        self.republish = Republish(
            self.store,
            Maker(self.store, self.rollups),
            self.folder.current,
            self._ending,
            told=self.relay.wake,
        )
        self.recompute.computed = self.republish.recomputed
        self.consumer = Consumer(
            settings.amqp_url,
            QUEUE,
            self.projector,
            None,
            stopping,
            batch_max=settings.batch_max,
            batch_window=_BATCH_WINDOW,
            name="reporting",
        )
        cupboard = Cupboard(self.store, settings.dead_letter_dir, settings.sealing_private_dir, told=self.alarms.wake)
        self.drain = DeadLetterDrain(settings.amqp_url, QUEUE, cupboard.put, stopping)
        self.heart = Heart(self.store, self.problem, self._ending)

    def problem(self) -> str | None:
        """Why nothing is projected now; None when all is well."""
        return self.consumer.problem() or self.recompute.problem()

    def run(self) -> None:
        self._prepare()
        self.publisher.start()
        self.relay.start()
        self.alarms.start()
        self.notices.start()
        background = [
            _thread(self.recompute.run, "recompute"),
            _thread(self.republish.run, "republish"),
            _thread(self.heart.run, "heartbeat"),
            _thread(self.housekeeping.run, "housekeeping"),
        ]
        drain = _thread(self.drain.run, "dead-letters")
        log.info("worker started", queue=QUEUE)
        try:
            self.consumer.run()  # returns once what it had taken is projected and acked
        finally:
            self._stopping.request()
            self._ending.request()
            for thread in (drain, *background):
                thread.join(_LEAVE)
            self.notices.stop()
            self.alarms.stop()
            self.relay.stop()
            self.publisher.close()
            self.store.close()
        log.info("worker stopped", queue=QUEUE)

    def _prepare(self) -> None:
        """Indexes first: without them the first batch would read whole collections. Raises `WrongKey`."""
        attempt = 0
        while not self._stopping.requested:
            try:
                self.store.ensure_indexes()
                check(self.store, self.keyring)
            except DependencyDown as down:
                attempt += 1
                log.warning("waiting", dependency=down.dependency)
                self._stopping.wait(backoff.delay(attempt, first=0.5, cap=5.0))
            else:
                return


def _thread(target: Callable[[], None], name: str) -> threading.Thread:
    thread = threading.Thread(target=target, name=name, daemon=True)
    thread.start()
    return thread
