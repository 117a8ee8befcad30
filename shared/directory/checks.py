"""What no single file can be asked: that everything named exists, and that at all times somebody owes and somebody is above.

Each check raises DirectoryError for the first thing wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import product

from shared.directory.directory import Directory
from shared.directory.duties import ABUSE, ANY
from shared.directory.errors import DirectoryError
from shared.directory.model import Agency, Dated, Link, Unit

TABLES = (
    "channels kinds kind_groups environments sexes ethnic_groups special_groups relations reporter_relations urgencies "
    "agency_kinds unit_levels duties scopes warnings"
).split()
CLOCKS = "ACKNOWLEDGE ESCALATE EMERGENCY_MEASURE PLAN_SUBMITTED PLAN_APPROVED ISOLATION_END".split()
GROUPINGS = ("kind", "sex", "age_band", "village", "environment", "ethnic_group", "special_group", "channel")
COMMITTEE = "committee"


def check(directory: Directory) -> None:
    """Raises DirectoryError; returns nothing when the folder can be worked with."""
    for step in (_tables, _dates, _units, _agencies, _codes, _home, _matrix, _coverage, _clocks, _figures, _partners):
        step(directory)


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


def _tables(directory: Directory) -> None:
    for name in TABLES:
        if name not in directory.tables:
            raise DirectoryError("codes.yaml", f"tables.{name}", "is missing; add this table")
    for name in ("environments", "sexes", "ethnic_groups", "relations"):
        if "UNKNOWN" not in directory.codes(name):
            raise DirectoryError("codes.yaml", f"tables.{name}.codes", "has no UNKNOWN; every report must fit; add it")


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
        _links("units.yaml", path, "parents", "unit", unit, unit.parents, directory.units, unit.level != "PROVINCE")
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
        _links(
            "agencies.yaml",
            path,
            "superior",
            "agency",
            agency,
            agency.superiors,
            directory.all_agencies,
            needs_above,
        )
    _no_circle("agencies.yaml", "agencies", directory.all_agencies, directory.superior, days)


def _links(
    file: str,
    path: str,
    name: str,
    word: str,
    one: Dated,
    links: Sequence[Link],
    known: Mapping[str, Unit] | Mapping[str, Agency],
    needed: bool,
) -> None:
    """Every link leads to something in force all that time; on no day two, and on no day none where one is needed."""
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
    known: Mapping[str, Unit] | Mapping[str, Agency],
    above: Callable[[str, date], Unit | Agency | None],
    days: list[date],
) -> None:
    for day, (number, code) in product(days, enumerate(known)):
        seen = [code]
        one = above(code, day)
        while one is not None:
            if one.code in seen:
                raise DirectoryError(
                    file, f"{path}[{number}]", f"is above itself on {day}: {' < '.join([*seen, one.code])}; break it"
                )
            seen.append(one.code)
            one = above(one.code, day)


def _codes(directory: Directory) -> None:
    """What code tables say about each other."""
    groups, places, agency_kinds = (directory.codes(name) for name in ("kind_groups", "environments", "agency_kinds"))
    for number, kind in enumerate(directory.codes("kinds").values()):
        path = f"tables.kinds.codes[{number}]"
        if kind.attrs["group"] not in groups:
            raise DirectoryError("codes.yaml", f"{path}.group", f'"{kind.attrs["group"]}" is not in kind_groups')
        if kind.attrs.get("environment", "UNKNOWN") not in places:
            raise DirectoryError(
                "codes.yaml", f"{path}.environment", f'"{kind.attrs["environment"]}" is not in environments'
            )
        if kind.code in groups:
            raise DirectoryError("codes.yaml", f"{path}.code", f'"{kind.code}" is also a group; rename the group')
    for number, relation in enumerate(directory.codes("relations").values()):
        path = f"tables.relations.codes[{number}]"
        where = relation.attrs.get("bars_where", {})
        assert isinstance(where, dict)
        for place in where:
            if place not in places:
                raise DirectoryError("codes.yaml", f"{path}.bars_where", f'"{place}" is not in environments')
        for barred in (*relation.listed("bars"), *(kind for kinds in where.values() for kind in kinds)):
            if barred not in agency_kinds:
                raise DirectoryError("codes.yaml", f"{path}.bars", f'"{barred}" is not in agency_kinds')


def _home(directory: Directory) -> None:
    home = directory.unit(directory.home)
    if home is None or home.level != "COMMUNE":
        raise DirectoryError("directory.yaml", "home", f'"{directory.home}" is not a commune of units.yaml; name one')
    for day in boundaries(directory):
        if not home.in_force(day):
            raise DirectoryError(
                "directory.yaml", "home", f'"{home.code}" is not in force from {day}; name one that is'
            )


def _matrix(directory: Directory) -> None:
    kinds, groups, places = (directory.codes(name) for name in ("kinds", "kind_groups", "environments"))
    for number, row in enumerate(directory.matrix.rows):
        path = f"rows[{number}]"
        for word in sorted(row.kinds):
            if word not in (ANY, ABUSE) and word not in kinds and word not in groups:
                raise DirectoryError("duties.yaml", f"{path}.kinds", f'"{word}" is not a kind, a group, abuse or any')
        for word in sorted(row.environment):
            if word != ANY and word not in places:
                raise DirectoryError("duties.yaml", f"{path}.environment", f'"{word}" is not an environment or any')
        for agency_kind, duty in row.tell.items():
            if agency_kind not in directory.codes("agency_kinds"):
                raise DirectoryError("duties.yaml", f"{path}.tell", f'"{agency_kind}" is not in the table agency_kinds')
            if duty not in directory.codes("duties"):
                raise DirectoryError(
                    "duties.yaml", f"{path}.tell.{agency_kind}", f'"{duty}" is not in the table duties'
                )
    for kind, danger, place in product((None, *kinds), (True, False, None), (None, *places)):
        told = {duty.agency_kind for duty in directory.duties([kind] if kind else [], danger, place)}
        if COMMITTEE not in told:
            words = f"kind {kind or '(none)'}, danger {danger}, environment {place or '(none)'}"
            raise DirectoryError(
                "duties.yaml", "rows", f"nobody tells the committee of {words}; add a last row for all"
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


def _clocks(directory: Directory) -> None:
    for code in CLOCKS:
        if code not in directory.clocks:
            raise DirectoryError("clocks.yaml", "clocks", f'"{code}" is missing; add it')


def _figures(directory: Directory) -> None:
    for number, indicator in enumerate(directory.indicators.values()):
        for name in ("groupings", "multi_valued"):
            allowed = GROUPINGS if name == "groupings" else indicator.groupings
            for grouping in getattr(indicator, name):
                if grouping not in allowed:
                    raise DirectoryError(
                        "indicators.yaml",
                        f"indicators[{number}].{name}",
                        f'"{grouping}" is not a grouping; use {", ".join(allowed)}',
                    )
    bands = directory.age_bands
    unknown = [band for band in bands if band.from_age is None and band.to_age is None]
    if len(unknown) != 1:
        raise DirectoryError("indicators.yaml", "age_bands.bands", "needs one band without ages, for the unknown age")
    if len({band.code for band in bands}) != len(bands):
        raise DirectoryError("indicators.yaml", "age_bands.bands", "has a code twice; give one of them another")
    for age in range(0, 31):
        fits = [
            band.code
            for band in bands
            if band not in unknown and (band.from_age or 0) <= age <= (30 if band.to_age is None else band.to_age)
        ]
        if len(fits) > 1:
            raise DirectoryError("indicators.yaml", "age_bands.bands", f"age {age} lies in {' and '.join(fits)}")


def _partners(directory: Directory) -> None:
    seen: dict[str, str] = {}
    for number, partner in enumerate(directory.partners):
        path = f"partners[{number}]"
        if partner.unit not in directory.units:
            raise DirectoryError("partners.yaml", f"{path}.unit", f'"{partner.unit}" is not a unit; see units.yaml')
        for channel in partner.channels:
            if channel not in directory.codes("channels"):
                raise DirectoryError("partners.yaml", f"{path}.channels", f'"{channel}" is not in the table channels')
        for place, stored in enumerate(partner.token_sha256):
            if stored in seen:
                raise DirectoryError(
                    "partners.yaml", f"{path}.token_sha256[{place}]", f'is also of "{seen[stored]}"; make a new token'
                )
            seen[stored] = partner.id
