"""The organisation tree in time (pure): who is above and below on a day."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from shared.directory.model import Agency, Link, Unit, day_of


def link_at(links: tuple[Link, ...], at: date | datetime) -> str | None:
    return next((link.to for link in links if link.in_force(at)), None)


@dataclass(frozen=True)
class Tree:
    units: Mapping[str, Unit]
    agencies: Mapping[str, Agency]
    _by_unit: dict[str, list[Agency]] = field(default_factory=dict, repr=False, compare=False)
    _below: dict[str, list[Unit]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for agency in self.agencies.values():
            self._by_unit.setdefault(agency.unit, []).append(agency)
        for unit in self.units.values():
            for above in dict.fromkeys(link.to for link in unit.parents):
                self._below.setdefault(above, []).append(unit)

    def parent(self, code: str, on: date | datetime) -> Unit | None:
        """The unit directly above on that day; None at the top, for an unknown unit and for one not in force then."""
        unit = self.units.get(code)
        if unit is None or not unit.in_force(on):
            return None
        above = link_at(unit.parents, on)
        return self.units.get(above) if above is not None else None

    def units_above(self, code: str, on: date | datetime) -> tuple[Unit, ...]:
        """From the unit directly above up to the highest."""
        found: list[Unit] = []
        unit = self.parent(code, on)
        while unit is not None and unit not in found:
            found.append(unit)
            unit = self.parent(unit.code, on)
        return tuple(found)

    def children(self, code: str, on: date | datetime) -> tuple[Unit, ...]:
        """The units directly below on that day, in the order of the file."""
        return tuple(
            unit for unit in self._below.get(code, ()) if unit.in_force(on) and link_at(unit.parents, on) == code
        )

    def units_under(self, code: str, on: date | datetime) -> tuple[Unit, ...]:
        """Every unit below on that day, each after the one above it; without the unit itself."""
        found: list[Unit] = []
        for child in self.children(code, on):
            found.append(child)
            found.extend(self.units_under(child.code, on))
        return tuple(found)

    def agencies_of(self, unit: str, kind: str | None = None, at: date | datetime | None = None) -> tuple[Agency, ...]:
        """Agencies of exactly this unit, in the order of the file; at None gives those of every time."""
        return tuple(
            agency
            for agency in self._by_unit.get(unit, ())
            if (kind is None or agency.kind == kind) and (at is None or agency.in_force(at))
        )

    def superior(self, code: str, at: date | datetime) -> Agency | None:
        """The agency above at that time; None at the top and for an unknown agency."""
        agency = self.agencies.get(code)
        if agency is None:
            return None
        above = link_at(agency.superiors, at)
        return self.agencies.get(above) if above is not None else None

    def key_on(self, on: date | datetime) -> str:
        """8 hex digits that are equal on two days exactly when the same units hang in the same way."""
        day = day_of(on)
        shape = sorted(
            f"{unit.code}<{link_at(unit.parents, day) or ''}" for unit in self.units.values() if unit.in_force(day)
        )
        return hashlib.sha256("\n".join(shape).encode()).hexdigest()[:8]
