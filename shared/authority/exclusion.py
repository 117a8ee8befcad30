"""Which agencies must not be told of an incident."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from shared.authority.facts import Clear
from shared.directory import Agency, Code, Directory

UNKNOWN = "UNKNOWN"


def excluded_agencies(clear: Clear, directory: Directory, at: date | datetime) -> frozenset[str]:
    """Codes of the agencies that must not be told, by what is known now.

    * the relation of the suspected person: the column `bars` of the table "relations" (teacher -> school, police
      officer -> police, member of the committee -> committee), and `bars_where` for one environment;
    * `withhold_from`: an agency, an agency kind or a unit (all its agencies). Where the suspected person works comes
      the same way, since intake adds it there.

    A code that this directory doesn't know stays in the answer: a newer one may have an agency of that name. An agency
    of a barred kind is barred wherever it is and whenever it was, because nobody says which school it was.

    Never everybody: see _somebody_is_told.
    """
    asked = expanded(clear.withhold_from, directory)
    by_relation = _by_relation(clear, directory) - expanded(clear.released, directory)
    return _somebody_is_told(asked | by_relation, clear, directory, at)


def provisionally_withheld(clear: Clear, directory: Directory) -> frozenset[str]:
    """The agencies that only the relation keeps out, or a relation nobody knows: what the worker may release."""
    return _by_relation(clear, directory) - expanded(clear.withhold_from | clear.released, directory)


def _by_relation(clear: Clear, directory: Directory) -> frozenset[str]:
    places = _environments(clear, directory)
    kinds: set[str] = set()
    for relation in _relations(clear, directory):
        kinds.update(relation.listed("bars"))
        where = relation.attrs.get("bars_where")
        if isinstance(where, dict):
            for place in places:
                kinds.update(where.get(place, ()))
    return frozenset(agency.code for agency in directory.all_agencies.values() if agency.kind in kinds)


def _relations(clear: Clear, directory: Directory) -> list[Code]:
    """The relations as codes; one that nobody knows is UNKNOWN, and none at all is UNKNOWN where somebody did it.

    An accident with no suspected person has no unknown one either: the school of a child who drowned is told.
    """
    unknown = directory.code("relations", UNKNOWN)
    if clear.relations:
        found = [directory.code("relations", code) for code in clear.relations]
        return [code if code.known else unknown for code in found]
    kinds = [directory.code("kinds", code) for code in clear.kinds]
    nobody_suspected = bool(kinds) and all(kind.flag("no_suspect") for kind in kinds)
    return [] if nobody_suspected else [unknown]


def _environments(clear: Clear, directory: Directory) -> set[str]:
    """Where it happened: as said, and as the kind's own name says (violence at school is at school).

    A report that says neither happened somewhere unknown, which may have been a school: most people who fill in the
    public form leave the question open, and a child who names a teacher in a sentence must not have the school told.
    """
    places = {str(directory.code("kinds", code).attrs.get("environment", "")) for code in clear.kinds}
    return (places | {clear.environment or ""}) - {""} or {UNKNOWN}


def expanded(codes: Iterable[str], directory: Directory) -> frozenset[str]:
    """Agencies of the codes, which may be agencies, agency kinds or units; unknown ones stay as they are."""
    found: set[str] = set()
    for code in codes:
        found.add(code)
        if code in directory.codes("agency_kinds"):
            found.update(agency.code for agency in directory.all_agencies.values() if agency.kind == code)
        if code in directory.units:
            found.update(agency.code for agency in directory.agencies(code))
    return frozenset(found)


def _somebody_is_told(
    excluded: frozenset[str], clear: Clear, directory: Directory, at: date | datetime
) -> frozenset[str]:
    """The exclusions without the last resort, when they would shut out every agency of the highest unit.

    A report that nobody may read protects the wrong person. When all the way up is excluded, the general agency of the
    highest unit (the one for children), the farthest from local hands, is told all the same.
    """
    top = top_agencies(clear.commune, directory, at)
    if any(agency.code not in excluded for agency in top):
        return excluded
    return excluded - {agency.code for agency in last_resort(top, directory)}


def top_agencies(commune: str | None, directory: Directory, at: date | datetime) -> tuple[Agency, ...]:
    """The agencies of the highest unit above a commune, or above the home commune when nobody knows it."""
    place = directory.place(commune, at)
    above = directory.units_above(place, at)
    return directory.agencies(above[-1].code if above else place, at=at)


def last_resort(top: tuple[Agency, ...], directory: Directory) -> tuple[Agency, ...]:
    general = tuple(agency for agency in top if directory.code("agency_kinds", agency.kind).flag("general"))
    return general or top
