"""What an answer about a unit and those below it must hide together (pure): whoever has a sum and all parts but one
has that part.

Two rules, from below upwards, for one reader. "Below" are the nearest units that have published.

* A total. Where a unit directly below hides its total, so does the unit above; except where at least two hide a small
  one, nothing else is missing, and their sum leaves each of them both 1 and 2. Where nothing below is hidden but a
  small number is missing (of a unit that has published nothing, or another version), the total is hidden too, if this
  reader may not know the totals below exactly.
* A table. It is shown only where no unit below has published, or every one of them shows every row of its own and all
  rows add up. Anything less, and subtracting what is shown would show what is not: for the table of a district with one
  hidden cell below there is no second one that hides it for certain. A unit whose total is hidden hides all tables.

A total that is hidden for another's sake is not said to be small, or two small ones below it would be known from it.

It binds lists alone. One report pulled by itself has the same bytes for ever, whatever is published below it later, and
the live total of a unit is exact for those directly above: whoever may read a province and all of its units but one,
and pulls each of them by itself, can subtract (10 less 5 less 3 is the hidden 2). Who may read which unit at all is
asked there as here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.reporting.suppression import THRESHOLD, small

Table = Mapping[str, int]


@dataclass(frozen=True)
class Published:
    """Exact numbers of a version, and what this reader's copy of it shows by itself."""

    total: int
    tables: Mapping[str, Table]
    total_shown: bool
    tables_whole: frozenset[str]  # those with every row shown


@dataclass(frozen=True)
class Node:
    """`exact`: the reader may know this unit's total exactly. `below`: the units directly below."""

    unit: str
    exact: bool
    published: Published | None
    below: Sequence[Node] = ()


@dataclass(frozen=True)
class Withheld:
    """What is hidden for another unit's sake, on top of what the copy hides."""

    total: bool = False
    tables: frozenset[str] = frozenset()


NOTHING = Withheld()


@dataclass
class _Seen:
    """A published unit as the reader will see it."""

    published: Published
    total_shown: bool
    whole: set[str] = field(default_factory=set)
    leaf: bool = True


def withheld(top: Node) -> dict[str, Withheld]:
    """By unit, for those from which something is withheld."""
    found: dict[str, Withheld] = {}
    _nearest(top, found)
    return found


def _nearest(node: Node, found: dict[str, Withheld]) -> list[_Seen]:
    """This unit if it has published, else the nearest below it that have."""
    below = [seen for child in node.below for seen in _nearest(child, found)]
    mine = node.published
    if mine is None:
        return below
    if not below:
        return [_Seen(mine, mine.total_shown, set(mine.tables_whole) if mine.total_shown else set())]
    total_stays = _total_stays(mine.total, below, exact=_all_exact(node.below))
    total_shown = mine.total_shown and total_stays
    open_tables = {name for name in mine.tables if total_shown and _table_stays(name, mine, below)}
    closed = frozenset(mine.tables.keys() - open_tables)
    if closed or not total_stays:
        found[node.unit] = Withheld(not total_stays, closed)
    return [_Seen(mine, total_shown, open_tables & mine.tables_whole, leaf=False)]


def _all_exact(nodes: Sequence[Node]) -> bool:
    return all(node.exact and _all_exact(node.below) for node in nodes)


def _total_stays(total: int, below: Sequence[_Seen], *, exact: bool) -> bool:
    if exact:
        return True
    out = [seen for seen in below if not seen.total_shown]
    rest = total - sum(seen.published.total for seen in below if seen.total_shown)
    if not out:
        return not small(abs(rest))
    if not all(seen.leaf and small(seen.published.total) for seen in out):
        return False
    # Each is 1 to THRESHOLD - 1: their sum must be neither the least nor the most that it can be.
    return len(out) < rest < (THRESHOLD - 1) * len(out) and rest == sum(seen.published.total for seen in out)


def _table_stays(name: str, mine: Published, below: Sequence[_Seen]) -> bool:
    if not all(name in seen.whole for seen in below):
        return False
    tables = [seen.published.tables[name] for seen in below]
    rows = {row for table in (mine.tables[name], *tables) for row in table}
    return all(mine.tables[name].get(row, 0) == sum(table.get(row, 0) for table in tables) for row in rows)
