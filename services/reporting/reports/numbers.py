"""The exact numbers of a report (pure): what its rollups add up to, and whether anything differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.reporting.counting import added, groupings, offered, shape_of
from services.reporting.indicators import names_of, rows_of
from services.reporting.units import Units
from shared.calendar import Period
from shared.directory import Directory, Indicator, Report

Tables = dict[str, dict[str, int]]  # grouping -> row -> number


def indicator_of(report: Report, directory: Directory) -> Indicator | None:
    """None for an indicator that can't be computed."""
    return next((one for one in offered(directory) if one.code == report.indicator), None)


def basis_of(report: Report, directory: Directory) -> str:
    """Changes when the same cases may give another report: a new form of it, other age bands, other codes."""
    return f"{report.version}|{shape_of(directory)}"


def exact(
    read: list[dict[str, Any]], report: Report, indicator: Indicator, unit: str, period: Period, directory: Directory
) -> tuple[int, Tables]:
    """The total of the period and each table with the rows that it always has, zeros included."""
    units = Units(directory)
    whole = added(rollup["indicators"][indicator.code] for rollup in read)
    tables: Tables = {}
    for name in report.tables:
        if name not in groupings(indicator) or (name == "village" and not units.is_commune(unit)):
            continue
        numbers = dict(whole["by"].get(name, []))
        rows = names_of(rows_of(name, unit, period, units), numbers)
        tables[name] = {row: numbers.get(row, 0) for row in rows}
    return whole["total"], tables


def same(newest: Mapping[str, Any], report: Report, total: int, tables: Tables) -> bool:
    """Whether the newest version says the same. A new row of zeros, such as a new village, changes no number."""
    old = newest["figures"]
    if newest["definition_version"] != report.version or old["total"] != total:
        return False
    return {name: _counted(dict(rows)) for name, rows in old["tables"].items()} == {
        name: _counted(rows) for name, rows in tables.items()
    }


def _counted(rows: Mapping[str, int]) -> dict[str, int]:
    return {row: number for row, number in rows.items() if number}
