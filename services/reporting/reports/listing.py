"""The state of a report for every unit under one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from services.reporting.documents import Store, facts, snapshots, translated
from services.reporting.reports.audiences import WIDER, audience_of, copy_for
from services.reporting.reports.jointly import NOTHING, Node, Published, Withheld, withheld
from services.reporting.reports.states import PUBLISHED
from services.reporting.units import VILLAGE, Units
from shared.calendar import Period
from shared.directory import Directory, Report, Unit

NIL, MISSING = "nil", "missing"


@dataclass(frozen=True)
class Line:
    """`snapshot` is the newest published version, None without one; `audience` whose copy of it the reader gets.

    `withheld` is what that copy shows and this answer must not, for the sake of the units below.
    """

    unit: Unit
    state: str
    audience: str
    snapshot: dict[str, Any] | None
    withheld: Withheld = NOTHING

    @property
    def copy(self) -> Any:
        if self.snapshot is None:
            return None
        audiences: Mapping[str, Any] = self.snapshot["audiences"]
        return audiences[copy_for(audiences, self.audience)]

    @property
    def data(self) -> Any:
        """The numbers as this reader gets them here; None without a version."""
        return masked(json.loads(self.copy["data"]), self.withheld) if self.snapshot is not None else None

    @property
    def total(self) -> int | None:
        data = self.data
        total: int | None = data["total"] if data is not None else None
        return total


def masked(data: Mapping[str, Any], withheld: Withheld) -> dict[str, Any]:
    """Data of a copy without what is withheld for another unit's sake."""
    tables = [
        {**table, "withheld": True, "rows": [{**row, "value": None} for row in table["rows"]]}
        if withheld.total or table["by"] in withheld.tables
        else table
        for table in data["tables"]
    ]
    return {**data, "total": None if withheld.total else data["total"], "tables": tables}


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
    """A line per unit; with `changed_since` only those with a version made since. Raises `DependencyDown`.

    `units` are a unit and all below it: numbers are withheld together with those below.
    """
    wanted = list(units)
    match = {"definition": report.code, "calendar": period.calendar, "period": period.code}
    below = {"unit": {"$in": [unit.code for unit in wanted]}}
    more = ("audiences", "labels", "directory", "figures")
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
        if snapshot is not None:
            state = snapshot["state"]
        elif unit.code in drafted:
            state = "draft"
        else:
            state = NIL if unit.code in declared else MISSING
        lines.append(Line(unit, state, audience_of(reader, unit.code, period, tree), snapshot))
    joint = withheld(_node(lines[0], _below(lines, period, directory))) if lines else {}
    return [
        replace(line, withheld=joint.get(line.unit.code, NOTHING))
        for line in lines
        if changed_since is None or (line.snapshot is not None and line.snapshot["as_of"] >= changed_since)
    ]


def _below(lines: Iterable[Line], period: Period, directory: Directory) -> dict[str, list[Line]]:
    """The lines directly below each unit, by the tree as of the period's last day."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        for above in directory.units_above(line.unit.code, period.last)[:1]:
            found.setdefault(above.code, []).append(line)
    return found


def _node(line: Line, below: Mapping[str, list[Line]]) -> Node:
    under = [_node(one, below) for one in below.get(line.unit.code, ())]
    return Node(line.unit.code, line.audience != WIDER, _published(line), under)


def _published(line: Line) -> Published | None:
    if line.snapshot is None:
        return None
    figures, shown = line.snapshot["figures"], json.loads(line.copy["data"])
    return Published(
        figures["total"],
        {name: dict(rows) for name, rows in figures["tables"].items()},
        shown["total"] is not None,
        frozenset(table["by"] for table in shown["tables"] if all(row["value"] is not None for row in table["rows"])),
    )
