"""The tree: whatever stands in it has, on every day of its life, exactly one thing above it, and no circle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

from shared.directory.directory import Directory
from shared.directory.errors import DirectoryError
from shared.directory.model import Agency, Dated, Link, Unit

Known = Mapping[str, Unit] | Mapping[str, Agency]


class Where(NamedTuple):
    """A list of links: of which file, of which entry, under which key, each naming its upper one by which word."""

    file: str
    path: str
    name: str
    word: str


def check(directory: Directory) -> None:
    _dates(directory)
    _units(directory)
    _agencies(directory)


def boundaries(directory: Directory) -> list[date]:
    """A day of every stretch in which nothing in the tree changes, from before the first change to after the last."""
    days = {date(1900, 1, 1)}
    dated: list[Dated] = [*directory.units.values(), *directory.all_agencies.values()]
    for unit in directory.units.values():
        dated.extend(unit.parents)
    for agency in directory.all_agencies.values():
        dated.extend(agency.superiors)
    for one in dated:
        if one.valid_from is not None:
            days.add(one.valid_from)
        if one.valid_to is not None:
            days.add(_after(one.valid_to))
    return sorted(days)


def _after(day: date) -> date:
    return day + timedelta(days=1) if day < date.max else day


def _places(directory: Directory) -> Iterable[tuple[str, str, Dated]]:
    for number, unit in enumerate(directory.units.values()):
        yield "units.yaml", f"units[{number}]", unit
        for link, up in enumerate(unit.parents):
            yield "units.yaml", f"units[{number}].parents[{link}]", up
    for number, agency in enumerate(directory.all_agencies.values()):
        yield "agencies.yaml", f"agencies[{number}]", agency
        for link, up in enumerate(agency.superiors):
            yield "agencies.yaml", f"agencies[{number}].superior[{link}]", up
    for name, codes in directory.tables.items():
        for number, code in enumerate(codes.values()):
            yield "codes.yaml", f"tables.{name}.codes[{number}]", code
    for number, indicator in enumerate(directory.indicators.values()):
        yield "indicators.yaml", f"indicators[{number}]", indicator


def _dates(directory: Directory) -> None:
    for file, path, one in _places(directory):
        if one.valid_from is not None and one.valid_to is not None and one.valid_to < one.valid_from:
            raise DirectoryError(file, f"{path}.valid_to", "lies before valid_from; turn them round")


def _units(directory: Directory) -> None:
    for number, unit in enumerate(directory.units.values()):
        path = f"units[{number}]"
        if unit.level not in directory.codes("unit_levels"):
            raise DirectoryError("units.yaml", f"{path}.level", f'"{unit.level}" is not in the table unit_levels')
        where = Where("units.yaml", path, "parents", "unit")
        _links(where, unit, unit.parents, directory.units, unit.level != "PROVINCE")
    _no_circle("units.yaml", "units", directory.units, directory.parent, boundaries(directory))


def _agencies(directory: Directory) -> None:
    days = boundaries(directory)
    for number, agency in enumerate(directory.all_agencies.values()):
        path = f"agencies[{number}]"
        unit = directory.unit(agency.unit)
        if agency.kind not in directory.codes("agency_kinds"):
            raise DirectoryError(
                "agencies.yaml",
                f"{path}.kind",
                f'"{agency.kind}" is not in the table agency_kinds; use one of its codes',
            )
        if unit is None:
            raise DirectoryError("agencies.yaml", f"{path}.unit", f'"{agency.unit}" is not a unit; see units.yaml')
        if any(agency.in_force(day) and not unit.in_force(day) for day in days):
            raise DirectoryError("agencies.yaml", path, f'outlives its unit "{unit.code}"; give it the same dates')
        needs_above = any(agency.in_force(day) and directory.parent(unit.code, day) is not None for day in days)
        where = Where("agencies.yaml", path, "superior", "agency")
        _links(where, agency, agency.superiors, directory.all_agencies, needs_above)
    _no_circle("agencies.yaml", "agencies", directory.all_agencies, directory.superior, days)


def _links(where: Where, one: Dated, links: Sequence[Link], known: Known, needed: bool) -> None:
    """Every link leads to something in force all that time; on no day two, and on no day none where one is needed."""
    file, path, name, word = where
    for number, link in enumerate(links):
        above = known.get(link.to)
        article = "an agency" if word == "agency" else "a unit"
        if above is None:
            raise DirectoryError(
                file, f"{path}.{name}[{number}].{word}", f'"{link.to}" is not {article}; see the codes in {file}'
            )
        if not _within(link, one, above):
            raise DirectoryError(
                file,
                f"{path}.{name}[{number}]",
                f'reaches beyond the dates of "{link.to}"; set valid_from and valid_to to lie within them',
            )
    # Days on which anything can begin or end for this one.
    marks = {one.valid_from or date.min}
    for link in links:
        marks.add(link.valid_from or date.min)
        if link.valid_to is not None:
            marks.add(_after(link.valid_to))
    for day in sorted(marks):
        if not one.in_force(day):
            continue
        count = sum(link.in_force(day) for link in links)
        since = "the beginning" if day == date.min else str(day)
        if count > 1:
            raise DirectoryError(file, f"{path}.{name}", f"two at once from {since}; close one with valid_to")
        if count == 0 and needed:
            raise DirectoryError(file, f"{path}.{name}", f"nobody is above from {since}; add one for these days")


def _within(link: Link, one: Dated, above: Dated) -> bool:
    """The link, as far as the lower one is in force, lies within the life of the upper one."""
    first = max(link.valid_from or date.min, one.valid_from or date.min)
    last = min(link.valid_to or date.max, one.valid_to or date.max)
    return first > last or ((above.valid_from or date.min) <= first and last <= (above.valid_to or date.max))


def _no_circle(
    file: str,
    path: str,
    known: Known,
    above: Callable[[str, date], Unit | Agency | None],
    days: list[date],
) -> None:
    for day, (number, code) in product(days, enumerate(known)):
        seen = [code]
        one = above(code, day)
        while one is not None:
            if one.code == code:
                raise DirectoryError(
                    file, f"{path}[{number}]", f"is above itself on {day}: {' < '.join([*seen, one.code])}; break it"
                )
            if one.code in seen:
                break  # a circle further up; it is named when its own entry is looked at
            seen.append(one.code)
            one = above(one.code, day)
