"""The kinds of documents with deliveries, as the dispatcher sees them: alerts, incidents with their clocks, notices."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from services.notify import states
from services.notify.channels.base import Parcel
from services.notify.composing import AlertComposer, ClockComposer, NoticeComposer
from services.notify.dispatching import Outcome, changes_of
from services.notify.store import alerts, claims, collections
from services.notify.store.claims import Claimed, Finished, Held
from services.notify.store.collections import Row, Rows

_TRIES = 20
# How many alerts it is remembered of which delivery made them *sent*: more than are ever under way.
_MARKS = 4_096


class Desk(Protocol):
    """Where deliveries are claimed, written and recorded."""

    @property
    def name(self) -> str: ...

    def due(self, channel: str, now: datetime, limit: int) -> list[str]: ...

    def claim(self, document_id: str, channel: str, name: str, now: datetime) -> Claimed | None: ...

    def read(self, document_id: str) -> Row | None:
        """As it is now."""
        ...

    def wanted(self, document: Row, held: Held) -> bool:
        """Whether this message still needs to be sent, may be, and is still ours."""
        ...

    def parcel(self, document: Row, held: Held) -> Parcel: ...

    def tells(self, document: Row, held: Held, outcome: Outcome) -> bool:
        """Whether the outcome changes more than its own delivery; such a one is recorded alone."""
        ...

    def record(self, document: Row, held: Held, outcome: Outcome, now: datetime) -> bool:
        """False if the claim was somebody else's by then."""
        ...

    def record_all(self, finished: Sequence[tuple[Row, Held, Outcome]], now: datetime) -> int:
        """Those that tell nothing, together; of how many documents none was ours by then."""
        ...


class AlertDesk:
    """`told` is called after an outcome that others react to: the relay has an event, the ladder may go on.

    The first delivery of an alert that arrives makes it *sent*; the others, of whichever channel, see that it is on its
    way to do so and write no more than themselves, instead of each trying to and being too late. If it is killed over
    that, its delivery comes due again, and makes the alert *sent* then.
    """

    name = "alerts"

    def __init__(self, composer: AlertComposer, told: Callable[[Row, Held, Outcome], None]) -> None:
        self._composer, self._told = composer, told
        # Of an alert the delivery that makes it *sent*, from its arrival on and for a while after.
        self._marks: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def due(self, channel: str, now: datetime, limit: int) -> list[str]:
        return claims.due(collections.alerts(), channel, now, limit)

    def claim(self, document_id: str, channel: str, name: str, now: datetime) -> Claimed | None:
        return claims.claim(collections.alerts(), document_id, channel, name, now)

    def read(self, document_id: str) -> Row | None:
        return alerts.get(document_id)

    def wanted(self, document: Row, held: Held) -> bool:
        row = _row_of(document, held)
        open_ = document.get("acknowledged_at") is None and document["state"] != states.WITHDRAWN
        return open_ and bool(row) and row.get("ended_at") is None

    def parcel(self, document: Row, held: Held) -> Parcel:
        return self._composer.parcel(document, held)

    def tells(self, document: Row, held: Held, outcome: Outcome) -> bool:
        if outcome.state not in states.ARRIVED:
            return outcome.state == states.FAILED_PERMANENT
        return document["state"] == states.RAISED and self._marked(document["_id"], held.id)

    def record(self, document: Row, held: Held, outcome: Outcome, now: datetime) -> bool:
        done = False
        try:
            done = self._record(document, held, outcome, now)
        finally:
            if not done:
                self._unmark(document["_id"], held.id)
        return done

    def record_all(self, finished: Sequence[tuple[Row, Held, Outcome]], now: datetime) -> int:
        return _record_all(collections.alerts(), finished, now)

    def _marked(self, alert_id: str, delivery_id: str) -> bool:
        with self._lock:
            marked = self._marks.setdefault(alert_id, delivery_id)
            if len(self._marks) > _MARKS:
                self._marks.popitem(last=False)
        return marked == delivery_id

    def _unmark(self, alert_id: str, delivery_id: str) -> None:
        with self._lock:
            if self._marks.get(alert_id) == delivery_id:
                del self._marks[alert_id]

    def _record(self, document: Row, held: Held, outcome: Outcome, now: datetime) -> bool:
        alert: Row | None = document
        delivery, attempt = changes_of(outcome, held, now)
        for _ in range(_TRIES):
            if alert is None:
                return False
            also = _event_of(alert, held, outcome, now)
            if also and outcome.state in states.ARRIVED and not self._marked(alert["_id"], held.id):
                also = None
            where = {"version": alert["version"]} if also else None
            if claims.record(collections.alerts(), alert["_id"], held, delivery, attempt, where=where, also=also):
                if also:
                    self._told(alert, held, outcome)
                return True
            if not also:
                return False
            # The alert moved on while we sent: another delivery's outcome, an acknowledgement, a climb. Judge anew.
            alert = alerts.get(alert["_id"])
            if alert is not None and not _still_ours(alert, held):
                return False
        raise RuntimeError("an alert changed each time an outcome was about to be recorded")


class PlainDesk:
    """Documents of which no delivery's outcome changes anything but itself."""

    name: str

    def __init__(self, rows: Callable[[], Rows]) -> None:
        self._rows = rows

    def due(self, channel: str, now: datetime, limit: int) -> list[str]:
        return claims.due(self._rows(), channel, now, limit)

    def claim(self, document_id: str, channel: str, name: str, now: datetime) -> Claimed | None:
        return claims.claim(self._rows(), document_id, channel, name, now)

    def read(self, document_id: str) -> Row | None:
        return claims.read(self._rows(), document_id)

    def record(self, document: Row, held: Held, outcome: Outcome, now: datetime) -> bool:
        delivery, attempt = changes_of(outcome, held, now)
        return claims.record(self._rows(), document["_id"], held, delivery, attempt)

    def tells(self, document: Row, held: Held, outcome: Outcome) -> bool:
        return False

    def record_all(self, finished: Sequence[tuple[Row, Held, Outcome]], now: datetime) -> int:
        return _record_all(self._rows(), finished, now)


class IncidentDesk(PlainDesk):
    """Messages on an incident's clocks."""

    name = "incidents"

    def __init__(self, composer: ClockComposer) -> None:
        super().__init__(collections.incidents)
        self._composer = composer

    def wanted(self, document: Row, held: Held) -> bool:
        """Not once the clock has moved on: what was to be warned of is done, or missed by now."""
        row = _row_of(document, held)
        about = row.get("about") or {}
        now = {(clock["case_id"], clock["clock"]): clock["state"] for clock in document.get("clocks", [])}
        moved_on = now.get((about.get("case_id"), about.get("clock"))) != about.get("state")
        return bool(row) and row.get("ended_at") is None and not moved_on

    def parcel(self, document: Row, held: Held) -> Parcel:
        return self._composer.parcel(document, _row_of(document, held), held)


class NoticeDesk(PlainDesk):
    name = "notices"

    def __init__(self, composer: NoticeComposer) -> None:
        super().__init__(collections.notices)
        self._composer = composer

    def wanted(self, document: Row, held: Held) -> bool:
        return bool(_row_of(document, held))

    def parcel(self, document: Row, held: Held) -> Parcel:
        return self._composer.parcel(document, held)


def _record_all(rows: Rows, finished: Sequence[tuple[Row, Held, Outcome]], now: datetime) -> int:
    return claims.record_all(
        rows,
        [Finished(document["_id"], held, *changes_of(outcome, held, now)) for document, held, outcome in finished],
    )


def _event_of(alert: Row, held: Held, outcome: Outcome, now: datetime) -> dict[str, dict[str, Any]] | None:
    """The first message that is taken over makes the alert *sent*; a target that fails for good is told each time."""
    if outcome.state in states.ARRIVED and alert["state"] == states.RAISED:
        return alerts.operators_of(alert, "sent", now, {"state": states.SENT}, channel=held.channel)
    if outcome.state == states.FAILED_PERMANENT:
        return alerts.operators_of(alert, "failed", now, {}, channel=held.channel, reason=outcome.reason)
    return None


def _row_of(document: Row, held: Held) -> Row:
    """The delivery; empty if it is another's by now."""
    mine = (row for row in document["deliveries"] if row["id"] == held.id and row["generation"] == held.generation)
    return next(mine, {})


def _still_ours(alert: Row, held: Held) -> bool:
    return bool(_row_of(alert, held))
