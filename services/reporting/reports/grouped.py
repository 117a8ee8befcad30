"""Grouped figures for whoever is not the unit itself: those of its newest published version, and no others.

Live tables would undo what the reports withhold: whoever asks before and after a late report, or of a unit and of those
below it, has the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.reporting.documents import Store
from services.reporting.reports.listing import listed, units_below
from shared.calendar import Period
from shared.directory import Directory, Indicator


@dataclass(frozen=True)
class Grouped:
    """A table of a version as this reader sees it, with the version's own total and time."""

    definition: str
    version: int
    as_of: datetime
    total: int | None
    cells: list[dict[str, Any]]

    @property
    def open(self) -> bool:
        """Whether any number is shown."""
        return any(cell["value"] is not None for cell in self.cells)


def published_table(
    store: Store, indicator: Indicator, by: str, unit: str, period: Period, reader: str, directory: Directory
) -> Grouped | None:
    """Of the first report of the directory that has this table and is published. Raises `DependencyDown`."""
    for report in directory.reports.values():
        if report.indicator != indicator.code or by not in report.tables:
            continue
        line = listed(store, report, period, units_below(unit, period.last, directory), reader, directory)[0]
        table = next((one for one in line.data["tables"] if one["by"] == by), None) if line.snapshot else None
        if line.snapshot is not None and table is not None:
            cells = [{by: row["code"], "value": row["value"]} for row in table["rows"]]
            return Grouped(report.code, line.snapshot["version"], line.snapshot["as_of"], line.data["total"], cells)
    return None
