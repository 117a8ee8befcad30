"""Rollups: the numbers of a unit's half-month, computed whole whenever their mark says so.

A commune's numbers come from its cases; those of a unit above are the sum of its communes' rollups under the tree of
that half-month, and are stored too, so that a province's half-year is twelve documents however many incidents there
were. Whoever computes reads the mark first and the cases after it: what is written under a mark holds at least all that
was written before the mark was raised, so two who compute at once cannot leave an old number that looks new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from services.reporting.counting import added, figures, offered, shape_of
from services.reporting.documents import Store, cases, rollups, segments, translated
from services.reporting.documents.segments import Pair
from services.reporting.units import Units
from shared.directory import Directory

Rollup = dict[str, Any]


class Rollups:
    """`between` is called after the marks were read and before the cases are; tests come in there."""

    def __init__(
        self,
        store: Store,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        between: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._now = now
        self._between = between
        self._units: Units | None = None

    def read(self, unit: str, half_months: Iterable[str], directory: Directory) -> list[Rollup]:
        """The rollups of a unit, each up to date with every case that was marked before this call.

        Raises `DependencyDown`.
        """
        found = self.resolve([(unit, segment) for segment in half_months], directory)
        return list(found.values())

    def resolve(self, pairs: Iterable[Pair], directory: Directory, *, force: bool = False) -> dict[Pair, Rollup]:
        """As `read`, for any pairs; with `force` also those that are up to date are computed and stored."""
        units = self._units_of(directory)
        with translated():
            return self._resolve(list(dict.fromkeys(pairs)), units, force=force)

    def compute(self, pairs: Iterable[Pair], directory: Directory, *, force: bool = False) -> int:
        """Bring these up to date and take their hints away. Returns how many. Raises `DependencyDown`."""
        units = self._units_of(directory)
        # Communes first: what is above them is then summed from what was just stored.
        pairs = sorted(pairs, key=lambda pair: not units.is_commune(pair[0]))
        communes = [pair for pair in pairs if units.is_commune(pair[0])]
        found = self.resolve(communes, directory, force=force)
        found |= self.resolve(pairs[len(communes) :], directory, force=force)
        with translated():
            # After the numbers are stored, and only where no mark was made since: a hint too many is computed again.
            segments.settled(self._store.segments, {pair: rollup["wanted"] for pair, rollup in found.items()})
        return len(found)

    def _resolve(self, pairs: list[Pair], units: Units, *, force: bool = False) -> dict[Pair, Rollup]:
        marks = segments.wanted(self._store.segments, pairs)
        shape = shape_of(units.directory)
        stored = rollups.get(self._store.rollups, [_id(pair, units) for pair in pairs])
        found: dict[Pair, Rollup] = {}
        stale: list[Pair] = []
        for pair in pairs:
            rollup = stored.get(_id(pair, units))
            fresh = rollup is not None and rollup["shape"] == shape and rollup["wanted"] >= marks.get(pair, 0)
            if rollup is not None and fresh and not force:
                found[pair] = rollup
            else:
                stale.append(pair)
        if stale:
            self._between()
            at = self._now()
            computed = {
                pair: _document(pair, numbers, marks.get(pair, 0), at, shape, units)
                for pair, numbers in self._computed(stale, marks, units).items()
            }
            # Without a mark nothing was ever counted: the zeros are right, and any unit and year may be asked for.
            rollups.put(self._store.rollups, [rollup for pair, rollup in computed.items() if pair in marks])
            found.update(computed)
        return {pair: found[pair] for pair in pairs}

    def _computed(self, pairs: list[Pair], marks: dict[Pair, int], units: Units) -> dict[Pair, dict[str, Any]]:
        own = [pair for pair in pairs if units.is_commune(pair[0])]
        above = [pair for pair in pairs if not units.is_commune(pair[0])]
        # What was never marked never had a case: all zeros, without a look.
        numbers = self._from_cases([pair for pair in own if pair in marks], units.directory)
        numbers |= {pair: self._zeros(units.directory) for pair in own if pair not in marks}
        numbers |= self._from_communes(above, units)
        return numbers

    def _from_cases(self, pairs: list[Pair], directory: Directory) -> dict[Pair, dict[str, Any]]:
        numbers: dict[Pair, dict[str, Any]] = {pair: {} for pair in pairs}
        if not pairs:
            return numbers
        by_field: dict[str, dict[Pair, list[dict[str, Any]]]] = {}
        for field in {indicator.date_field for indicator in offered(directory)}:
            groups: dict[Pair, list[dict[str, Any]]] = {pair: [] for pair in pairs}
            communes, half_months = {unit for unit, _ in pairs}, {segment for _, segment in pairs}
            for case in cases.counted(self._store.cases, communes, field, half_months):
                pair = (case["counted_in"], case["segments"][field])
                if pair in groups:
                    groups[pair].append(case)
            by_field[field] = groups
        for pair in pairs:
            for indicator in offered(directory):
                numbers[pair][indicator.code] = figures(by_field[indicator.date_field][pair], indicator, directory)
        return numbers

    def _from_communes(self, pairs: list[Pair], units: Units) -> dict[Pair, dict[str, Any]]:
        below = {pair: [(commune, pair[1]) for commune in units.communes(*pair)] for pair in pairs}
        parts = self._resolve(list({one for communes in below.values() for one in communes}), units) if below else {}
        return {
            pair: {
                indicator.code: added(parts[one]["indicators"][indicator.code] for one in communes)
                for indicator in offered(units.directory)
            }
            for pair, communes in below.items()
        }

    @staticmethod
    def _zeros(directory: Directory) -> dict[str, Any]:
        return {indicator.code: figures([], indicator, directory) for indicator in offered(directory)}

    def _units_of(self, directory: Directory) -> Units:
        units = self._units
        if units is None or units.directory is not directory:
            units = self._units = Units(directory)
        return units


def _id(pair: Pair, units: Units) -> str:
    return f"{pair[0]}|{units.tree(pair[1])}|{pair[1]}"


def _document(pair: Pair, numbers: dict[str, Any], mark: int, at: datetime, shape: str, units: Units) -> Rollup:
    unit, segment = pair
    return {
        "_id": _id(pair, units),
        "unit": unit,
        "tree": units.tree(segment),
        "segment": segment,
        "wanted": mark,
        "shape": shape,
        "computed_at": at,
        "indicators": numbers,
    }
