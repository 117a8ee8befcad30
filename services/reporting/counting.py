"""What a set of cases adds up to (pure).

Tables are one-way, by kind, sex, age band or village. A child with several kinds counts once in the total and once in
each of its kinds' rows, so the rows of `kind` may add up to more than the total; every other table adds up to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any

from services.reporting.cases import UNKNOWN
from shared.directory import Directory, Indicator

Row = list[Any]  # [value, number]
Figures = dict[str, Any]  # {"total": number, "by": {grouping: [Row, ...]}}

# Which cases an indicator counts. An indicator of the directory without a rule here is not offered.
RULES: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "REPORTED_CHILDREN": lambda case: not case["drill"],
}
_AGE = {"received_at": "age_received", "occurred_at": "age_occurred"}


def offered(directory: Directory) -> list[Indicator]:
    """The indicators that can be computed, in the directory's order."""
    return [
        indicator
        for indicator in directory.indicators.values()
        if indicator.code in RULES and indicator.date_field in _AGE and indicator.way == "sum"
    ]


def groupings(indicator: Indicator) -> list[str]:
    return [name for name in indicator.groupings if name in _VALUES]


def shape_of(directory: Directory) -> str:
    """Changes whenever the same cases would give other rows: then what is stored has to be computed anew."""
    parts = [f"{band.code}:{band.from_age}:{band.to_age}" for band in directory.age_bands]
    parts += [f"{one.code}:{one.date_field}:{','.join(groupings(one))}" for one in offered(directory)]
    parts += [",".join(directory.codes(table)) for table in ("kinds", "sexes")]
    return sha256("\n".join(parts).encode()).hexdigest()[:8]


def figures(cases: Iterable[Mapping[str, Any]], indicator: Indicator, directory: Directory) -> Figures:
    """The numbers of one indicator over the cases of one unit and half-month."""
    counted = [case for case in cases if RULES[indicator.code](case)]
    tables: dict[str, Counter[str]] = {name: Counter() for name in groupings(indicator)}
    for case in counted:
        for name, table in tables.items():
            table.update(_VALUES[name](case, indicator, directory))
    return {"total": len(counted), "by": {name: _rows(table) for name, table in tables.items()}}


def added(parts: Iterable[Figures]) -> Figures:
    """The sum of figures of one indicator, over units or half-months."""
    total = 0
    tables: dict[str, Counter[str]] = {}
    for part in parts:
        total += part["total"]
        for name, rows in part["by"].items():
            table = tables.setdefault(name, Counter())
            for value, number in rows:
                table[value] += number
    return {"total": total, "by": {name: _rows(table) for name, table in tables.items()}}


def _rows(table: Counter[str]) -> list[Row]:
    return [[value, number] for value, number in sorted(table.items()) if number]


def _kinds(case: Mapping[str, Any], indicator: Indicator, directory: Directory) -> Iterable[str]:
    known = directory.codes("kinds")
    return {_known(kind, known) for kind in case["kinds"]} or {UNKNOWN}


def _sex(case: Mapping[str, Any], indicator: Indicator, directory: Directory) -> Iterable[str]:
    return [_known(case["counting"]["sex"], directory.codes("sexes"))]


def _age_band(case: Mapping[str, Any], indicator: Indicator, directory: Directory) -> Iterable[str]:
    # What has no day of its own is dated by its reception, and so is the age.
    field = indicator.date_field if case[indicator.date_field] is not None else "received_at"
    return [directory.age_band(case["counting"][_AGE[field]]).code]


def _village(case: Mapping[str, Any], indicator: Indicator, directory: Directory) -> Iterable[str]:
    return [_known(case["village"], directory.units)]


def _known(value: str | None, known: Mapping[str, object]) -> str:
    """Free text never becomes a row: a row's name is shown to readers who may not see a report."""
    return value if value in known and value is not None else UNKNOWN


_VALUES: dict[str, Callable[[Mapping[str, Any], Indicator, Directory], Iterable[str]]] = {
    "kind": _kinds,
    "sex": _sex,
    "age_band": _age_band,
    "village": _village,
}
