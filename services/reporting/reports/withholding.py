"""What one audience sees of a version: its four tables and all earlier versions judged together (pure).

Within a version each table is suppressed as everywhere (suppression.py): small cells and their companions are one mark,
because a mark that told the two apart would give two small cells with a known sum away. A table whose total is withheld
is withheld whole, or its rows would add up to it.

Between versions: whoever has two of them can subtract. The difference of one late report would be one child's kind,
sex, age and village side by side, which no single table says; and which cells were hidden before says what they were
once they are open. So a table is shown again only if it is the table of the earlier version, or if nothing was or is
hidden in it and no row nor the total moved by a small number. Otherwise the whole table is withheld in this version,
and the total alone says what is new. A version that withheld it, or whose total was below the threshold, showed
nothing of it and is not compared with.

What remains by intent: a table whose children are all in one row says so of those who came first, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.reporting.reports.audiences import FULL, WIDER
from services.reporting.suppression import THRESHOLD, hidden, small

Table = Mapping[str, int]  # row -> number, in the order of the rows


@dataclass(frozen=True)
class Shown:
    """`tables`: row -> number, None where it is hidden. `withheld`: tables hidden because of an earlier version."""

    total: int | None
    tables: dict[str, dict[str, int | None]]
    withheld: frozenset[str]


@dataclass(frozen=True)
class Earlier:
    """An earlier version: exact numbers, and which tables it withheld from this audience because of those before it."""

    total: int
    tables: Mapping[str, Table]
    withheld: frozenset[str]


def shown(total: int, tables: Mapping[str, Table], audience: str, earlier: Iterable[Earlier] = ()) -> Shown:
    """What this audience may see."""
    if audience == FULL:
        return Shown(total, {name: dict(table) for name, table in tables.items()}, frozenset())
    if audience == WIDER and small(total):
        return Shown(None, {name: dict.fromkeys(table) for name, table in tables.items()}, frozenset())
    before = list(earlier)
    withheld = frozenset(
        name for name, table in tables.items() if any(not _safe_beside(one, name, total, table) for one in before)
    )
    found: dict[str, dict[str, int | None]] = {}
    for name, table in tables.items():
        out = set(range(len(table))) if name in withheld else hidden(list(table.values()))
        found[name] = {row: None if place in out else number for place, (row, number) in enumerate(table.items())}
    return Shown(total, found, withheld)


def _safe_beside(one: Earlier, name: str, total: int, table: Table) -> bool:
    old = one.tables.get(name)
    if old is None or name in one.withheld or one.total < THRESHOLD:
        return True
    moved = [abs(total - one.total)]
    moved += [abs(table.get(row, 0) - old.get(row, 0)) for row in {*table, *old}]
    if not any(moved):
        return True
    nothing_hidden = not hidden(list(table.values())) and not hidden(list(old.values()))
    return nothing_hidden and not any(map(small, moved))
