"""The parts of one intake replica, put together and taken apart in one place."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from services.intake.alarm import Alarm
from services.intake.door import Door, Keys
from services.intake.relaying import SpoolSource
from services.intake.sealing_key import CurrentSealer
from services.intake.settings import Settings
from services.intake.spool import Spool, SpoolUnavailable, Status
from services.intake.spool.control import ControlServer
from services.intake.steps.door import StepDoor
from services.intake.tally import Tally
from shared import gateway, logs, metrics
from shared.directory import DirectoryFolder
from shared.events import Message
from shared.messaging.publisher import Publisher
from shared.messaging.relay import Relay
from shared.sealing import Sealer
from shared.signing import PublicKeys
from shared.stopping import Stopping
from shared.web.staff import StaffDoor

log = logs.get(__name__)

_FORGET_EVERY = timedelta(hours=1)


class Intake:
    """One replica. Make it after the fork: it starts threads, opens the spool and connects to the broker."""

    def __init__(self, settings: Settings, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.settings, self.clock = settings, clock
        self.directory = DirectoryFolder(settings.directory)
        self.spool = Spool(settings.spool_file)
        self.control = ControlServer(self.spool, settings.spool_file)
        sealer = CurrentSealer(settings.sealing_public_key, Sealer)
        self.door = Door(
            self.spool,
            sealer,
            self.directory,
            Keys(settings.receipt_key, settings.receipt_check_key, settings.case_token_key),
            node=settings.node,
            staff_url=settings.staff_url,
            clock=clock,
        )
        self.steps = StepDoor(self.spool, sealer, self.directory, node=settings.node, clock=clock)
        self.public_keys = PublicKeys(settings.session_public_dir)
        self.staff = StaffDoor(self.public_keys, (settings.staff_url, settings.public_url), clock=clock)
        self.publisher = Publisher(settings.amqp_url, name=f"intake-{settings.node}")
        self.relay = Relay(SpoolSource(self.spool), self.publisher, name="intake-relay")
        self.spool.on_stored = self.relay.wake
        self.alarm = Alarm(_sms(settings.alarm_gateway), settings.alarm_to)
        self.tally = Tally(self._publish, source=f"/intake/{settings.node}")
        self._stopping = Stopping()
        self._housekeeping = threading.Thread(target=self._keep_house, name="intake-housekeeping", daemon=True)

    def start(self) -> None:
        self.publisher.start()
        self.relay.start()
        self._housekeeping.start()
        metrics.watch("intake_spool_waiting", "Accepted and not confirmed by the broker", self._waiting)
        metrics.watch("intake_spool_set_aside", "Old spool files that need a person", self._set_aside)
        metrics.watch("intake_spool_oldest_seconds", "Age of the oldest of them", self._oldest_age)

    def stop(self) -> None:
        """Called when no request runs any more. What is not confirmed in time stays in the spool."""
        self._stopping.request()
        self.relay.stop(deadline=8)
        self.publisher.close(deadline=3)
        self._housekeeping.join(3)
        self.control.close()
        self.spool.close()

    def spool_problem(self) -> str | None:
        """For readiness: intake can do its job while the broker is down, but not without its spool."""
        try:
            self.spool.status()
        except SpoolUnavailable as unavailable:
            return f"spool {unavailable.reason}"
        return None

    def _keep_house(self) -> None:
        forgot_at = self.clock()
        while not self._stopping.wait(1.0):
            now = self.clock()
            try:
                status = self._status()
                self.alarm.tick(now, status)
                if status is not None and self.publisher.connected:
                    self.tally.tick(now, self.directory.current().version, status)
                if now - forgot_at >= _FORGET_EVERY:
                    forgot_at = now
                    self.spool.forget_old()
            except Exception as error:
                # The alarm is the last thing that may die of somebody else's fault.
                log.error("housekeeping failed", exc_info=error)

    def _status(self) -> Status | None:
        try:
            return self.spool.status()
        except SpoolUnavailable:
            return None

    def _publish(self, message: Message) -> None:
        def seen(done: Future[None]) -> None:
            if done.exception() is not None:
                log.warning("tally not confirmed", reason=type(done.exception()).__name__)

        self.publisher.publish("events", message).add_done_callback(seen)

    def _waiting(self) -> float:
        status = self._status()
        return float("nan") if status is None else float(status.waiting)

    def _set_aside(self) -> float:
        status = self._status()
        return float("nan") if status is None else float(status.set_aside)

    def _oldest_age(self) -> float:
        status = self._status()
        if status is None:
            return float("nan")
        oldest = status.oldest_waiting_at
        return 0.0 if oldest is None else max(0.0, self.clock().timestamp() - oldest)


def _sms(file: Path | None) -> Callable[[str, str, str], bool] | None:
    if file is None:
        return None
    config = gateway.GatewayConfig.load(file)

    def send(to: str, text: str, request_id: str) -> bool:
        with httpx.Client(timeout=10) as client:
            reply = gateway.send(client, config, to=to, text=text, request_id=request_id)
        return reply.outcome in {"accepted", "duplicate", "unknown"}

    return send
