"""The organisation tree as counting needs it (pure): who counts whose cases in which half-month.

A change of the tree counts from the next half-month on, so the tree of a half-month is that of its first day. A commune
that is not in force on that day keeps the place it had on the nearest day it was: a late report about an abolished
commune must not vanish from the province's number.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property

from shared.calendar import segment_days
from shared.directory import Directory, Unit

COMMUNE, VILLAGE = "COMMUNE", "VILLAGE"


class Units:
    """One version of the directory; answers are kept, because every batch asks the same."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._trees: dict[str, str] = {}
        self._above: dict[tuple[str, str], tuple[str, ...]] = {}
        self._communes: dict[str, dict[str, tuple[str, ...]]] = {}

    def tree(self, segment: str) -> str:
        """The form of the tree in a half-month: equal for two half-months when nothing changed in between."""
        if segment not in self._trees:
            self._trees[segment] = self.directory.tree.key_on(segment_days(segment)[0])
        return self._trees[segment]

    def counted_in(self, commune: str) -> str:
        """The unit that counts a commune's cases: itself, or the home commune for a code that nobody knows."""
        return commune if commune in self._commune_codes else self.directory.home

    def above(self, commune: str, segment: str) -> tuple[str, ...]:
        """The units whose numbers contain the commune's, from the one directly above up."""
        key = (commune, segment)
        if key not in self._above:
            day = self._day(self.directory.unit(commune), segment_days(segment)[0])
            self._above[key] = tuple(unit.code for unit in self.directory.units_above(commune, day))
        return self._above[key]

    def communes(self, unit: str, segment: str) -> tuple[str, ...]:
        """The communes whose cases a unit above them counts in a half-month."""
        if segment not in self._communes:
            below: dict[str, list[str]] = {}
            for commune in self._commune_codes:
                for above in self.above(commune, segment):
                    below.setdefault(above, []).append(commune)
            self._communes[segment] = {above: tuple(communes) for above, communes in below.items()}
        return self._communes[segment].get(unit, ())

    def is_commune(self, unit: str) -> bool:
        return unit in self._commune_codes

    def villages(self, commune: str, on: date) -> Iterable[str]:
        return (unit.code for unit in self.directory.units_under(commune, on) if unit.level == VILLAGE)

    @cached_property
    def form(self) -> str:
        """Changes whenever some commune hangs elsewhere in some half-month, or another unit counts its cases."""
        parts = [f"home {self.directory.home}"]
        for unit in sorted(self.directory.units.values(), key=lambda unit: unit.code):
            links = ",".join(f"{link.to}:{link.valid_from}:{link.valid_to}" for link in unit.parents)
            parts.append(f"{unit.code} {unit.level} {unit.valid_from} {unit.valid_to} {links}")
        return "\n".join(parts)

    @cached_property
    def _commune_codes(self) -> frozenset[str]:
        found = {unit.code for unit in self.directory.units.values() if unit.level == COMMUNE}
        return frozenset(found | {self.directory.home})

    @staticmethod
    def _day(unit: Unit | None, day: date) -> date:
        if unit is None or unit.in_force(day):
            return day
        if unit.valid_from is not None and day < unit.valid_from:
            return unit.valid_from
        return unit.valid_to if unit.valid_to is not None else day
