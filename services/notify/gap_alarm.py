"""A number that is missing for a minute is an event that never came: the operator is told, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from services.notify.gaps import Gap
from services.notify.operator_notices import Notices
from services.notify.store import spools
from shared import logs, metrics

AGE = timedelta(seconds=60)

log = logs.get(__name__)
_GAPS = metrics.counter("notify_gaps_total", "Gaps in an intake's sequence that were told to the operator")


def sentence(spool: str, gap: Gap) -> str:
    """What is missing, and what the operator can do about it."""
    numbers = f"số {gap.low}" if gap.low == gap.high else f"số {gap.low} đến {gap.high}"
    return (
        f"Thiếu {gap.high - gap.low + 1} sự kiện ({numbers}) của {spool}: có thể là tin báo chưa đến. "
        f"Hãy gửi lại: spool replay --from {gap.low} --to {gap.high}."
    )


class GapAlarm:
    def __init__(
        self,
        notices: Notices,
        *,
        age: timedelta = AGE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._notices, self._age, self._now = notices, age, now

    def once(self) -> int:
        """One round; how many gaps were told. Raises `DependencyDown`."""
        before, told = self._now() - self._age, 0
        for row in spools.everyone():
            old = [gap for gap in spools.gaps_of(row) if not gap.told and gap.since <= before]
            for gap in old:
                told += self._notices.tell(
                    "gap",
                    f"{row['_id']}/{gap.low}",
                    sentence(row["_id"], gap),
                )
                _GAPS.inc()
                log.error("gap", spool=row["_id"], from_seq=gap.low, to_seq=gap.high)
            if old:
                spools.mark_told(row, before)
        return told
