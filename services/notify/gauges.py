"""Figures for `/metrics`, read from the database when they are asked for: the worker has no port of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from math import nan

from services.notify.documents.connection import store
from services.notify.store import collections, spools
from shared import metrics


def watch_all() -> None:
    for name, text, value in (
        ("notify_alerts_open", "Alerts that nobody has acknowledged", _open),
        ("notify_alerts_late", "Alerts or deliveries whose next action is overdue by a minute", _late),
        ("notify_deliveries_waiting", "Alerts with a delivery that is not settled", _waiting),
        ("notify_gap_numbers", "Numbers missing in the sequences of all intakes", _missing),
        ("notify_dead_letters_waiting", "Dead letters that were not replayed", _dead),
        ("notify_worker_age_seconds", "Age of the newest worker's sign of life", _age),
    ):
        metrics.watch(name, text, value)


def _open() -> float:
    with store():
        return collections.alerts().count_documents(
            {"acknowledged_at": None, "drill": {"$ne": True}, "next_action_at": {"$ne": None}}
        )


def _late() -> float:
    before = datetime.fromtimestamp(datetime.now(UTC).timestamp() - 60, UTC)
    with store():
        return collections.alerts().count_documents(
            {
                "$or": [
                    {"next_action_at": {"$lte": before}},
                    {"deliveries": {"$elemMatch": {"next_at": {"$lte": before}}}},
                ]
            }
        )


def _waiting() -> float:
    with store():
        return collections.alerts().count_documents(
            {"deliveries": {"$elemMatch": {"next_at": {"$gt": datetime.fromtimestamp(0, UTC)}}}}
        )


def _missing() -> float:
    return sum(gap.high - gap.low + 1 for row in spools.everyone() for gap in spools.gaps_of(row))


def _dead() -> float:
    with store():
        return collections.dead_letters().count_documents({"replayed_at": None})


def _age() -> float:
    with store():
        newest = collections.heartbeats().find_one(sort=[("at", -1)])
    return nan if newest is None else (datetime.now(UTC) - newest["at"]).total_seconds()
