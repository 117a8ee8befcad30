"""That at all times, in every commune, somebody owes what the matrix says and somebody is above."""

from __future__ import annotations

from shared.directory.checks.tree import boundaries
from shared.directory.directory import Directory
from shared.directory.errors import DirectoryError


def check(directory: Directory) -> None:
    _home(directory)
    _coverage(directory)


def _home(directory: Directory) -> None:
    home = directory.unit(directory.home)
    if home is None or home.level != "COMMUNE":
        raise DirectoryError("directory.yaml", "home", f'"{directory.home}" is not a commune of units.yaml; name one')
    for day in boundaries(directory):
        if not home.in_force(day):
            raise DirectoryError(
                "directory.yaml", "home", f'"{home.code}" is not in force from {day}; name one that is'
            )


def _coverage(directory: Directory) -> None:
    """Whatever the matrix names has, in every commune and at every time, an agency that it falls on."""
    kinds = {kind for row in directory.matrix.rows for kind in row.tell}
    agency_kinds = directory.codes("agency_kinds")
    for day in boundaries(directory):
        for unit in directory.units.values():
            if unit.level != "COMMUNE" or not unit.in_force(day):
                continue
            for kind in sorted(kinds):
                if not agency_kinds[kind].flag("per_child") and not directory.responsible(kind, unit.code, (), day):
                    raise DirectoryError(
                        "agencies.yaml", "agencies", f'no {kind} for "{unit.code}" or above it on {day}; add one'
                    )
            top = directory.units_above(unit.code, day)
            if not top or not any(directory.agencies(top[-1].code, at=day)):
                raise DirectoryError(
                    "agencies.yaml", "agencies", f'no agency at the top of "{unit.code}" on {day}; the ladder would end'
                )
