"""Someone notices: whatever should have been done a minute ago is told to the operator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from services.notify.operator_notices import Notices
from services.notify.store import alerts, incidents
from services.notify.store.collections import Row
from shared import logs, metrics
from shared.failures import DependencyDown

LATE = timedelta(seconds=60)
_BATCH = 100

log = logs.get(__name__)
_STUCK = metrics.counter("notify_stuck_total", "Alerts whose next action was more than a minute late")


class Watchdog:
    """Runs on a thread of its own, so that it sees the others fail. `told` says that an event waits."""

    def __init__(
        self,
        notices: Notices,
        told: Callable[[], None],
        *,
        late: timedelta = LATE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._notices, self._told, self._late, self._now = notices, told, late, now

    def once(self) -> int:
        """One round; how many alerts and clocks are newly stuck. Raises `DependencyDown`."""
        now = self._now()
        before = now - self._late
        stuck = sum(1 for alert in alerts.late(before, _BATCH) if _each(self._stuck, alert, now))
        return stuck + sum(1 for row in incidents.late(before, _BATCH) if _each(self._clock_stuck, row, now))

    def _clock_stuck(self, row: Row, now: datetime) -> bool:
        since = overdue_since(row, now)
        told = since is not None and self._notices.tell(
            "clock_stuck",
            f"{row['_id']}/{since.isoformat()}",
            f"Vụ việc {row.get('code') or ''}: theo dõi thời hạn bị chậm quá {int(self._late.total_seconds())} giây.",
        )
        if told:
            log.error("clock stuck", incident_id=row["_id"])
        return told

    def _stuck(self, alert: Row, now: datetime) -> bool:
        since = overdue_since(alert, now)
        if since is None or alert.get("stuck_since") == since:
            return False  # told already: the same action of the same alert
        self._notices.tell(
            "stuck",
            f"{alert['_id']}/{since.isoformat()}",
            f"Vụ việc {alert['code']}: việc báo tin bị chậm quá {int(self._late.total_seconds())} giây.",
        )
        done = alerts.change(alert, "stuck", now, {"stuck_since": since}, unless_acknowledged=False)
        if done is None:
            return False
        _STUCK.inc()
        log.error("alert stuck", alert_id=alert["_id"], agency=alert["agency"], since=since.isoformat())
        self._told()
        return True


def _each(look: Callable[[Row, datetime], bool], row: Row, now: datetime) -> bool:
    """One document that cannot be written must not keep the others from being noticed."""
    try:
        return look(row, now)
    except DependencyDown:
        raise
    except Exception as error:
        log.error("lateness cannot be told", incident_id=row.get("incident_id", row["_id"]), error=error)
        return False


def overdue_since(alert: Row, now: datetime) -> datetime | None:
    """When the longest waiting thing of an alert or incident should have been done; None if nothing is late (pure)."""
    waiting = [alert.get("next_action_at"), *(row.get("next_at") for row in alert.get("deliveries", []))]
    late = [at for at in waiting if at is not None and at <= now]
    return min(late) if late else None
