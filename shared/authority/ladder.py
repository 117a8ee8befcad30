"""The way up: who is told when an agency doesn't answer, or must not know."""

from __future__ import annotations

from datetime import date, datetime

from shared.authority.exclusion import last_resort, top_agencies
from shared.directory import Agency, Directory

COMMITTEE = "committee"


def ladder(
    agency: str, directory: Directory, at: date | datetime, excluded: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Codes of the agencies to climb through, nearest first; never empty.

    First the agency's own line (its superior, that one's superior, …), then the general agencies (those for children)
    of each unit above. Excluded ones are left out and the climb goes on past them. An agency that nobody knows starts
    at the home commune's committee.

    When nothing remains: any other agency of the highest unit that is not excluded, the agency itself at the very top
    included (it is rung again); and if even those are all excluded, the last resort of the highest unit all the same,
    as in `excluded_agencies`.
    """
    known = directory.agency(agency)
    unit = directory.place(known.unit if known is not None else None, at)
    rungs: dict[str, None] = {}
    if known is None:
        rungs.update(dict.fromkeys(one.code for one in directory.responsible(COMMITTEE, unit, (), at)))
    rungs.update(dict.fromkeys(one.code for one in _own_line(agency, directory, at)))
    for above in directory.units_above(unit, at):
        rungs.update(
            dict.fromkeys(
                one.code
                for one in directory.agencies(above.code, at=at)
                if directory.code("agency_kinds", one.kind).flag("general")
            )
        )
    found = tuple(code for code in rungs if code != agency and code not in excluded)
    if found:
        return found
    top = top_agencies(unit, directory, at)
    others = tuple(one.code for one in top if one.code != agency and one.code not in excluded)
    if others:
        return others
    if agency not in excluded and any(one.code == agency for one in top):
        return (agency,)
    return tuple(one.code for one in last_resort(top, directory))


def _own_line(agency: str, directory: Directory, at: date | datetime) -> list[Agency]:
    line: list[Agency] = []
    above = directory.superior(agency, at)
    while above is not None and above not in line:
        line.append(above)
        above = directory.superior(above.code, at)
    return line
