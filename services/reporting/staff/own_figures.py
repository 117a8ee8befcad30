"""What a viewer's own cases add up to now (pure). Drills count nowhere; a case that one may not see is in no number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.reporting.cases import UNKNOWN
from services.reporting.lifecycle import STATES
from services.reporting.staff import case_clocks
from services.reporting.staff.case_view import state_label
from shared.calendar import local_date
from shared.directory import Directory

Rows = list[tuple[str, int]]


@dataclass(frozen=True)
class Figures:
    """`late`: open cases with a clock of the law that has run out. A child with two kinds is in two rows of `kinds`."""

    open: int
    late: int
    this_month: int
    this_year: int
    states: Rows
    kinds: Rows
    villages: Rows


def figures_of(cases: Iterable[Mapping[str, Any]], directory: Directory, now: datetime) -> Figures:
    counted = [case for case in cases if not case["drill"]]
    opened = [case for case in counted if case["open"]]
    today = local_date(now)
    days = [local_date(case["received_at"]) for case in counted]
    return Figures(
        open=len(opened),
        late=sum(_late(case, directory, now) for case in opened),
        this_month=sum((day.year, day.month) == (today.year, today.month) for day in days),
        this_year=sum(day.year == today.year for day in days),
        states=_states(counted, directory),
        kinds=_rows(_label(kind, "kinds", directory) for case in opened for kind in case["kinds"] or [UNKNOWN]),
        villages=_rows(_village(case, directory) for case in opened),
    )


def _late(case: Mapping[str, Any], directory: Directory, now: datetime) -> bool:
    return any(clock.late_by_law for clock in case_clocks.clocks_of(case, directory, now))


def _states(cases: Iterable[Mapping[str, Any]], directory: Directory) -> Rows:
    """In the order of the work."""
    counted = Counter(case["state"] for case in cases)
    return [(state_label(state, directory), counted[state]) for state in STATES if counted[state]]


def _rows(labels: Iterable[str]) -> Rows:
    return sorted(Counter(labels).items(), key=lambda row: (-row[1], row[0]))


def _label(code: str, table: str, directory: Directory) -> str:
    # Free text never becomes a row.
    known = directory.code(table, code)
    return known.vi if known.known else "Chưa rõ"


def _village(case: Mapping[str, Any], directory: Directory) -> str:
    village = directory.unit(case["village"]) if case["village"] else None
    return village.vi if village is not None else "Chưa rõ thôn"
