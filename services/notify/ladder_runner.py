"""Climbs: every second, each alert whose patience has run out goes one rung up, or to the operator.

An alert that was acknowledged has patience too, until somebody has recorded a step for the child.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from services.notify import escalation, raising, standing, states
from services.notify.incident_rows import clear_now
from services.notify.operator_notices import Notices
from services.notify.routing import barrier_around
from services.notify.set_aside import SetAside
from services.notify.store import alerts, contacts, incidents
from services.notify.store.collections import Row
from services.notify.stored_incidents import judged
from shared import crashpoints, logs, metrics
from shared.directory import Directory

_BATCH = 100

log = logs.get(__name__)
_CLIMBS = metrics.counter("notify_escalations_total", "Alerts that went up a rung or had none left", ("result",))


class LadderRunner:
    """`wake` is told the id of each alert with new deliveries, `told` that an event waits."""

    def __init__(
        self,
        directory: Callable[[], Directory],
        notices: Notices,
        *,
        link_key: bytes,
        wake: Callable[[str], None],
        told: Callable[[], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._directory, self._notices, self._link_key = directory, notices, link_key
        self._wake, self._told, self._now = wake, told, now
        self._aside = SetAside()

    def once(self) -> int:
        """One round; how many alerts climbed or were exhausted. Raises `DependencyDown`."""
        now = self._now()
        climbed = 0
        for alert in alerts.due(now, _BATCH, but=self._aside.ids(now)):
            with self._aside.guarding(alert["_id"], now):
                climbed += self._climb(alert, now)
        return climbed

    def _climb(self, alert: Row, now: datetime) -> bool:
        row = incidents.get(alert["incident_id"])
        incident = judged(row)
        acknowledged = alert.get("acknowledged_at") is not None
        if incident is not None and not standing.chased(incident, alert):
            alerts.rest(alert, now)  # ended or merged: settling it comes to the same
            return False
        if acknowledged and incident is not None and incident.acted_since(alert["occasion"]):
            alerts.rest(alert)  # somebody did something in time
            return False
        directory = self._directory()
        everyone = contacts.everyone()
        # What was learned since the alert was raised counts here as well, and first.
        clear = clear_now(row, alert["facts"])
        step = escalation.next_step(
            agency=alert["agency"],
            level=alert.get("escalation_level", 0),
            told=alert.get("told", []),
            contacts=everyone,
            barrier=barrier_around(clear, directory, everyone, now),
            directory=directory,
            wait=escalation.patience(directory, alert.get("danger"), 1),
            now=now,
        )
        if isinstance(step, escalation.Exhausted):
            return self._exhausted(alert, step, now)
        known = [link["token_sha256"] for link in alert.get("links", [])]
        push = raising.deliveries(
            alert["_id"], step.targets, level=step.level, link_key=self._link_key, now=now, known=known
        )
        fields = {
            "state": states.ESCALATED,
            "escalation_level": step.level,
            "next_action_at": step.next_action_at,
        }
        reason = f"told:{step.agency}"
        if acknowledged:
            done = alerts.reopen(alert, now, fields, push, reason)
        else:
            done = alerts.change(alert, "escalated", now, fields, push=push, reason=reason) is not None
        if not done:
            return False  # acknowledged or changed meanwhile: the next round judges anew
        crashpoints.reach("notify.escalated")
        _CLIMBS.labels("climbed").inc()
        log.warning("alert climbed", alert_id=alert["_id"], agency=step.agency, step=step.level)
        self._wake(alert["_id"])
        self._told()
        return True

    def _exhausted(self, alert: Row, step: escalation.Exhausted, now: datetime) -> bool:
        # The operator is told first: told and not marked is told once more by the same id, which changes nothing. Who
        # acknowledges afterwards and records no step leaves it to nobody again, and that is another trouble.
        acknowledged = alert.get("acknowledged_at")
        self._notices.tell(
            "exhausted",
            alert["_id"] if acknowledged is None else f"{alert['_id']}/{acknowledged.isoformat()}",
            f"Vụ việc {alert['code']}: đã báo hết các cấp mà chưa ai xác nhận hoặc chưa có bước xử lý. "
            "Hãy gọi điện ngay.",
        )
        fields = {
            "state": states.EXHAUSTED,
            "escalation_level": step.level,
            "next_action_at": None,
            "exhausted_at": now,
        }
        if not alerts.exhaust(alert, now, fields):
            return False
        _CLIMBS.labels("exhausted").inc()
        log.error("alert exhausted", alert_id=alert["_id"], agency=alert["agency"])
        self._told()
        return True
