"""The state of a report for every unit under one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.reporting.documents import Store, facts, snapshots, translated
from services.reporting.reports.audiences import audience_of, copy_for
from services.reporting.reports.states import PUBLISHED
from services.reporting.units import VILLAGE, Units
from shared.calendar import Period
from shared.directory import Directory, Report, Unit

NIL, MISSING = "nil", "missing"


@dataclass(frozen=True)
class Line:
    """`snapshot` is the newest published version, None without one; `audience` whose copy of it the reader gets."""

    unit: Unit
    state: str
    audience: str
    snapshot: dict[str, Any] | None

    @property
    def copy(self) -> Any:
        if self.snapshot is None:
            return None
        audiences: Mapping[str, Any] = self.snapshot["audiences"]
        return audiences[copy_for(audiences, self.audience)]

    @property
    def total(self) -> int | None:
        copy = self.copy
        total: int | None = json.loads(copy["data"])["total"] if copy is not None else None
        return total


def units_below(under: str, on: date, directory: Directory) -> list[Unit]:
    """The unit and all below it that publish reports: no villages."""
    top = directory.unit(under)
    assert top is not None
    return [unit for unit in (top, *directory.units_under(under, on)) if unit.level != VILLAGE]


def listed(
    store: Store,
    report: Report,
    period: Period,
    units: Iterable[Unit],
    reader: str,
    directory: Directory,
    changed_since: datetime | None = None,
) -> list[Line]:
    """A line per unit; with `changed_since` only those with a version made since. Raises `DependencyDown`."""
    wanted = list(units)
    match = {"definition": report.code, "calendar": period.calendar, "period": period.code}
    below = {"unit": {"$in": [unit.code for unit in wanted]}}
    more = ("audiences", "labels", "directory")
    with translated():
        published = snapshots.heads(store.snapshots, {**match, **below, "state": {"$in": list(PUBLISHED)}}, more=more)
        drafts = snapshots.heads(store.snapshots, {**match, **below, "state": {"$nin": list(PUBLISHED)}})
        declared = facts.nil_units(store.facts, period.code)
    newest = {one["unit"]: one for one in published}
    drafted = {one["unit"] for one in drafts}
    tree = Units(directory)
    lines = []
    for unit in wanted:
        snapshot = newest.get(unit.code)
        if changed_since is not None and (snapshot is None or snapshot["as_of"] < changed_since):
            continue
        if snapshot is not None:
            state = snapshot["state"]
        elif unit.code in drafted:
            state = "draft"
        else:
            state = NIL if unit.code in declared else MISSING
        lines.append(Line(unit, state, audience_of(reader, unit.code, period, tree), snapshot))
    return lines
