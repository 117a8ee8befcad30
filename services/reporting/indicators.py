"""The answer to one question: an indicator of a unit in a period, perhaps by a grouping, for one reader (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from services.reporting.cases import UNKNOWN
from services.reporting.counting import added
from services.reporting.suppression import small
from services.reporting.units import Units
from shared.calendar import Period
from shared.directory import Directory, Indicator

# own: the commune reads its own children. exact_total: the unit directly above a unit, and a unit above communes for
# itself: totals are exact. suppressed: everybody else who may read at all. Tables of the last two are of published
# versions alone (reports/grouped.py): a live one would give away what versions and units withhold together.
View = Literal["own", "exact_total", "suppressed"]


@dataclass(frozen=True)
class Answer:
    cells: list[dict[str, Any]]
    total: int | None
    suppressed: bool


def view_of(reader: str, unit: str, period: Period, units: Units) -> View:
    """How much of a unit's numbers a reader sees who may read it, by the tree as of the period's last day."""
    if reader == unit:
        return "own" if units.is_commune(unit) else "exact_total"
    above = units.directory.units_above(unit, period.last)
    return "exact_total" if above and above[0].code == reader else "suppressed"


def answer(
    rollups: Iterable[Mapping[str, Any]],
    indicator: Indicator,
    by: str | None,
    view: View,
    values: Iterable[str],
) -> Answer:
    """Add the half-months up and hide what this reader may not see: small totals, and live tables.

    `values` are the rows that the table has even where they are zero, in their order; others follow, and the unknown.
    """
    whole = added(rollup["indicators"][indicator.code] for rollup in rollups)
    total: int = whole["total"]
    shown_total = None if view == "suppressed" and small(total) else total
    cells: list[dict[str, Any]] = []
    if by is not None:
        numbers = dict(whole["by"].get(by, []))
        if view == "own":
            cells = [{by: name, "value": numbers.get(name, 0)} for name in names_of(values, numbers)]
        else:
            # Not a row more than the table always has: that one is there would say that it is not zero.
            cells = [{by: name, "value": None} for name in names_of(values, ())]
    withheld = shown_total is None or any(cell["value"] is None for cell in cells)
    return Answer(cells, shown_total, withheld)


def names_of(values: Iterable[str], numbers: Iterable[str]) -> list[str]:
    """The rows of a table in their order: those it always has, others that have a number, the unknown last."""
    known = [value for value in values if value != UNKNOWN]
    return [*dict.fromkeys([*known, *sorted(set(numbers) - {UNKNOWN})]), UNKNOWN]


def rows_of(by: str, unit: str, period: Period, units: Units) -> list[str]:
    """The rows that a table always has: the codes in force on the period's last day, in the directory's order."""
    directory: Directory = units.directory
    if by == "village":
        return list(units.villages(unit, period.last))
    if by == "age_band":
        return [band.code for band in directory.age_bands]
    table = {"kind": "kinds", "sex": "sexes"}[by]
    return [code.code for code in directory.codes_in_force(table, period.last)]
