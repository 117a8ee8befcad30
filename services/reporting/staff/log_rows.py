"""Which rows of the access log an auditor reads: of the own unit and those below, and of those above about our cases.

Whoever watches over the others is a person too: an auditor that a case must be kept from finds no row of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from services.reporting.documents import Store, cases, translated
from services.reporting.documents import access_log as documents
from services.reporting.staff.opening import FOUND
from services.reporting.staff.sight import Case, Sight

_AT_ONCE, _MOST_LOOKS = 200, 10

Row = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """`codes`: of the cases that the rows name by id. `older`: rows below this number come next, None without any."""

    rows: list[Row]
    codes: Mapping[str, str]
    older: int | None


@dataclass(frozen=True)
class Reader:
    """`mine`: the own unit and those below. `above`: those whose people may look at cases of here."""

    sight: Sight
    mine: Collection[str]
    above: Collection[str]

    @classmethod
    def of(cls, sight: Sight) -> Reader:
        unit, directory, at = sight.viewer.unit, sight.directory, sight.at
        mine = {unit, *(one.code for one in directory.units_under(unit, at))}
        return cls(sight, mine, {one.code for one in directory.units_above(unit, at)})

    def page(
        self,
        store: Store,
        match: Mapping[str, Any],
        before: int | None,
        limit: int,
        about: frozenset[str] = frozenset(),
    ) -> Page:
        """The newest of the rows below `before`. It looks at so many and no more: a page may be short and not the last.

        `about`: the cases that were asked for; a search that found others of them alone is none of these rows. Raises
        `DependencyDown`.
        """
        query = {**match, "unit": {"$in": sorted({*self.mine, *self.above})}}
        rows: list[Row] = []
        codes: dict[str, str] = {}
        for _ in range(_MOST_LOOKS):
            with translated():
                found = documents.page(store.access_log, before, _AT_ONCE, query)
                known = cases.named(store.cases, {name for row in found for name in _names(row)})
            codes |= {case["_id"]: case["code"] for case in known.values()}
            for row in found:
                shown = self._shown(row, known, about)
                if shown is not None and len(rows) == limit:
                    return Page(rows, codes, rows[-1]["_id"])
                rows += [shown] if shown is not None else []
                before = row["_id"]
            if len(found) < _AT_ONCE:
                return Page(rows, codes, None)
        return Page(rows, codes, before)

    def _shown(self, row: Row, known: Mapping[str, Case], about: frozenset[str]) -> Row | None:
        """The row as this reader gets it: a search is told without the cases that are none of his."""
        names = _names(row)
        if not names:
            return row if row["unit"] in self.mine else None
        kept = [name for name in names if self._ours(row, known.get(name))]
        if not kept or (about and about.isdisjoint(kept)):
            return None
        return {**row, "note": " ".join(kept)} if row["action"] == FOUND else row

    def _ours(self, row: Row, case: Case | None) -> bool:
        if case is None:
            return row["unit"] in self.mine
        if row["unit"] not in self.mine and case.get("counted_in") not in self.mine:
            return False
        return self.sight.viewer.contact is None or not self.sight.kept_from(case)


def _names(row: Mapping[str, Any]) -> list[str]:
    """The cases of a row: by code, as pages write them, or by id, as commands did; of a search those it found."""
    return str(row["note"] or "").split() if row["action"] == FOUND else [row["case"]] if row["case"] else []
