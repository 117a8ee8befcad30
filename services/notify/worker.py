"""The worker, from top to bottom: what it is made of, in which order it starts and in which it stops."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from services.notify.account_notices import AccountNotices
from services.notify.channels.base import Channel
from services.notify.channels.email_smtp import EmailSmtp, MailServer
from services.notify.channels.sms_http import SmsHttp
from services.notify.clock_keeper import ClockRunner
from services.notify.composing import AlertComposer, ClockComposer, NoticeComposer
from services.notify.dead_letters import DeadLetters
from services.notify.desks import AlertDesk, IncidentDesk, NoticeDesk
from services.notify.dispatcher import Dispatcher
from services.notify.dispatching import Outcome
from services.notify.documents import connection, indexes
from services.notify.gap_alarm import GapAlarm
from services.notify.handlers import Handler
from services.notify.heartbeat import EVERY, Heartbeat
from services.notify.ladder_runner import LadderRunner
from services.notify.operator_notes import OperatorNotes
from services.notify.operator_notices import Notices, Operator
from services.notify.parts import Parts
from services.notify.roster_teller import EVERY as EVERY_ROSTER
from services.notify.roster_teller import RosterTeller
from services.notify.settings import Settings
from services.notify.settling import Ports
from services.notify.states import EMAIL, FAILED_PERMANENT, SMS
from services.notify.store import alerts, collections, contacts, dead
from services.notify.store.claims import Held
from services.notify.store.collections import Row
from services.notify.store.outbox import DocumentOutbox
from services.notify.watchdog import Watchdog
from shared import backoff, logs
from shared.directory import DirectoryFolder
from shared.failures import DependencyDown
from shared.messaging.consumer import Consumer
from shared.messaging.deadletters import DeadLetterDrain
from shared.messaging.publisher import Publisher
from shared.messaging.relay import Relay
from shared.stopping import Stopping

QUEUE = "notify.events"
_FINISH = 35.0
_HOUR = 3_600.0
# Of a dead letter that was sent again: as long as intake keeps what it has sent.
_BODIES_KEPT = timedelta(days=7)

log = logs.get(__name__)


class Worker:
    """Everything of one worker process. Make it after the fork; `run` blocks until `stopping` is requested."""

    def __init__(self, settings: Settings, stopping: Stopping) -> None:
        self._settings, self._stopping = settings, stopping
        self._parts = Parts(stopping)
        self.started = threading.Event()
        self._finish = Stopping()  # of those that work on until the consumer has finished
        directory = DirectoryFolder(settings.directory)

        self._publisher = Publisher(settings.amqp_url, name="notify")
        self._relay = Relay(DocumentOutbox(collections.alerts), self._publisher, name="notify-relay")
        self._slow_relay = Relay(
            DocumentOutbox(collections.incidents, collections.rosters), self._publisher, name="notify-clocks"
        )
        self._channels: dict[str, Channel] = {
            SMS: SmsHttp(settings.sms_gateway_file, connections=settings.sender_threads),
            EMAIL: EmailSmtp(
                MailServer(
                    settings.smtp_host,
                    settings.smtp_port,
                    settings.smtp_from,
                    settings.smtp_user,
                    settings.smtp_password,
                    settings.smtp_tls,
                )
            ),
        }
        alert_desk = AlertDesk(AlertComposer(settings.link_key, settings.link_base_url), self._recorded)
        self._dispatcher = Dispatcher(
            [alert_desk, IncidentDesk(ClockComposer(settings.staff_url)), NoticeDesk(NoticeComposer())],
            self._channels,
            self._finish,
            threads=settings.sender_threads,
        )
        self._notices = Notices(
            Operator(settings.operator_phone, settings.operator_mail),
            lambda notice_id: self._dispatcher.wake(notice_id, "notices"),
        )
        self._ladder = LadderRunner(
            directory.current,
            self._notices,
            link_key=settings.link_key,
            wake=self._dispatcher.wake,
            told=self._relay.wake,
        )
        self._watchdog = Watchdog(self._notices, self._relay.wake)
        self._gap_alarm = GapAlarm(self._notices)
        dead_letters = DeadLetters(directory.current, self._notices, sandbox=settings.sandbox)
        self._drain = DeadLetterDrain(settings.amqp_url, QUEUE, dead_letters.take, stopping)
        ports = Ports(
            directory=directory,
            link_key=settings.link_key,
            sandbox=settings.sandbox,
            wake=self._dispatcher.wake,
            told=self._relay.wake,
            wake_incident=lambda incident_id: self._dispatcher.wake(incident_id, "incidents"),
            told_of_incident=self._slow_relay.wake,
            dead_elsewhere=dead_letters.elsewhere,
            noted=OperatorNotes(self._notices).take,
            account_changed=AccountNotices(self._notices).take,
            tell_operator=self._notices.tell,
        )
        handler = Handler(ports)
        self._clocks = ClockRunner(directory.current, ports)
        self._rosters = RosterTeller(directory.current, settings.link_key, self._slow_relay.wake)
        self._consumer = Consumer(
            settings.amqp_url, QUEUE, handler, self._publisher, stopping, batch_max=20, batch_window=0.01
        )
        self._heartbeat = Heartbeat(
            lambda: self._consumer.connected and not self._consumer.holding,
            self._parts.alive,
            lambda: directory.current().version,
        )

    def run(self) -> int:
        """The exit status: 1 if a part ended that nobody asked to."""
        if not self._prepared():
            return 0
        parts = self._parts
        self._publisher.start()
        self._relay.start()
        self._slow_relay.start()
        for name, lane in self._dispatcher.lanes.items():
            parts.run(f"send {name}", lane.run)
        parts.every(1.0, "escalation", self._ladder.once)
        parts.every(1.0, "clocks", self._clocks.once)
        parts.every(EVERY_ROSTER, "contacts", self._rosters.once)
        parts.every(5.0, "watchdog", self._watchdog.once)
        parts.every(5.0, "gaps", self._gap_alarm.once)
        parts.every(_HOUR, "dead bodies", lambda: dead.forget_bodies(datetime.now(UTC) - _BODIES_KEPT))
        parts.run("dead letters", self._drain.run)
        parts.run("consumer", self._consumer.run)
        parts.every(EVERY, "heartbeat", self._heartbeat.once)
        self.started.set()
        log.info("worker started")
        self._stopping.event.wait()
        self._stop()
        return 1 if parts.broken else 0

    def _prepared(self) -> bool:
        """Indexes and first contacts, however long MongoDB takes to come up. False if asked to stop before."""
        connection.connect(self._settings.mongo_url, self._settings.mongo_database)
        attempt = 0
        while not self._stopping.requested:
            try:
                indexes.make()
                if self._settings.contacts_seed_file is not None:
                    loaded = contacts.load_seed(self._settings.contacts_seed_file, datetime.now(UTC))
                    log.info("contacts", rows=loaded)
            except DependencyDown as down:
                attempt += 1
                log.warning("worker waits", dependency=down.dependency, attempt=attempt)
                self._stopping.wait(backoff.delay(attempt, first=0.5, cap=5.0))
            else:
                return True
        return False

    def _stop(self) -> None:
        """Stop taking, finish what is under way, flush what it has to tell, close."""
        log.info("worker stops")
        self._parts.join(("consumer", "dead letters"), _FINISH)
        self._parts.join(("escalation", "clocks", "contacts", "watchdog", "gaps", "dead bodies", "heartbeat"), 10.0)
        self._finish.request()
        self._parts.join(tuple(f"send {name}" for name in self._dispatcher.lanes), _FINISH)
        for relay in (self._relay, self._slow_relay):
            relay.wake()
            relay.stop(5.0)
        self._publisher.close(5.0)
        for channel in self._channels.values():
            channel.close()
        try:
            self._heartbeat.gone()
        except DependencyDown:
            log.warning("heartbeat stays", dependency="mongodb")
        connection.disconnect()

    def _recorded(self, alert: Row, held: Held, outcome: Outcome) -> None:
        """A delivery's outcome was written: its event goes out, and a target that fails for good is not waited for."""
        self._relay.wake()
        if outcome.state != FAILED_PERMANENT:
            return
        alerts.hasten(alert["_id"], datetime.now(UTC))
        self._notices.tell(
            "failed",
            alert["_id"],
            f"Vụ việc {alert['code']}: có số điện thoại hoặc hộp thư không nhận được tin báo. Hãy kiểm tra danh bạ.",
        )
