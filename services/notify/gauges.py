"""Figures for `/metrics`, read from the database when they are asked for: the worker has no port of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from math import nan

from services.notify.documents import connection
from services.notify.store import alerts, dead, heartbeats, spools
from services.notify.watchdog import LATE
from shared import metrics

_SECONDS = 1.5


def watch_all() -> None:
    for name, text, value in (
        ("notify_alerts_open", "Alerts that nobody has acknowledged", alerts.count_open),
        ("notify_alerts_late", "Alerts or deliveries whose next action is overdue by a minute", _late),
        ("notify_deliveries_waiting", "Alerts with a delivery that is not settled", alerts.count_waiting),
        ("notify_gap_numbers", "Numbers missing in the sequences of all intakes", _missing),
        ("notify_dead_letters_waiting", "Dead letters that were not replayed", dead.count_waiting),
        ("notify_worker_age_seconds", "Age of the newest worker's sign of life", _age),
    ):
        metrics.watch(name, text, _quickly(value))


def _quickly(count: Callable[[], float]) -> Callable[[], float]:
    """A scrape waits for no engine that has stopped: the figure is missing then, and that says it too."""

    def limited() -> float:
        with connection.limited(_SECONDS):
            return count()

    return limited


def _late() -> float:
    return alerts.count_late(datetime.now(UTC) - LATE)


def _missing() -> float:
    return sum(gap.high - gap.low + 1 for row in spools.everyone() for gap in spools.gaps_of(row))


def _age() -> float:
    at = heartbeats.newest()
    return nan if at is None else (datetime.now(UTC) - at).total_seconds()
