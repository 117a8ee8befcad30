"""The content of one version for one audience (pure): the canonical data that are hashed, labels, what changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.reporting.cases import UNKNOWN
from services.reporting.reports.withholding import Shown
from services.reporting.suppression import THRESHOLD
from shared.calendar import Period
from shared.directory import Directory, Indicator, Report

_TABLES = {"kind": "kinds", "sex": "sexes"}
_NAMES = {"age_band": ("Nhóm tuổi", "Age group"), "village": ("Thôn", "Village")}


def data_of(
    report: Report, indicator: Indicator, unit: str, period: Period, audience: str, seen: Shown
) -> dict[str, Any]:
    """What the hash is of: no time, no version, no label, so that equal numbers are equal data."""
    return {
        "definition": report.code,
        "definition_version": report.version,
        "indicator": indicator.code,
        "unit": unit,
        "calendar": period.calendar,
        "period": period.code,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "audience": audience,
        "threshold": THRESHOLD,
        "total": seen.total,
        "tables": [
            {
                "by": name,
                "multi_valued": name in indicator.multi_valued,
                "withheld": name in seen.withheld,
                "rows": [{"code": row, "value": value} for row, value in table.items()],
            }
            for name, table in seen.tables.items()
        ],
    }


def changes(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every number that differs between two data of one audience: {"table", "row", "old", "new"}.

    `table` is None for the total; None as a number is one that this audience isn't shown. A row that was not there
    was zero. Empty for a first version.
    """
    if old is None:
        return []
    before, after = _numbers(old), _numbers(new)
    return [
        {"table": table, "row": row, "old": before.get((table, row), 0), "new": after.get((table, row), 0)}
        for table, row in dict.fromkeys([*after, *before])
        if before.get((table, row), 0) != after.get((table, row), 0)
    ]


def _numbers(data: Mapping[str, Any]) -> dict[tuple[str | None, str | None], int | None]:
    found: dict[tuple[str | None, str | None], int | None] = {(None, None): data["total"]}
    for table in data["tables"]:
        found |= {(table["by"], row["code"]): row["value"] for row in table["rows"]}
    return found


def labels_of(
    report: Report, indicator: Indicator, unit: str, tables: Mapping[str, Mapping[str, int]], directory: Directory
) -> dict[str, Any]:
    """Every label that a rendering needs, as [vi, en]; kept with the version, because the directory goes on."""
    found = directory.unit(unit)
    return {
        "title": [report.vi, report.en],
        "note": report.note,
        "verified": report.verified,
        "indicator": [indicator.vi, indicator.en],
        "unit": [found.vi, found.en] if found is not None else [unit, unit],
        "tables": {name: list(_NAMES.get(name) or directory.table_labels[_TABLES[name]]) for name in tables},
        "rows": {name: {row: _row(name, row, directory) for row in table} for name, table in tables.items()},
    }


def _row(table: str, row: str, directory: Directory) -> list[str]:
    known: Any = None
    if table == "age_band":
        known = next((band for band in directory.age_bands if band.code == row), None)
    elif table == "village":
        known = directory.unit(row)
    else:
        known = directory.codes(_TABLES[table]).get(row)
    if known is None:
        return ["Không rõ", "Unknown"] if row == UNKNOWN else [row, row]
    return [known.vi, known.en]
