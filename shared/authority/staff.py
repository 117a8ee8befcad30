"""What a member of the staff may see and do: the table, then the barrier, then the reach. In doubt: not.

Every page, list, search, count, figure and grant asks `may` anew, so that a conflict declared a moment ago counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.authority.contacts import Barrier, Reachable, hats
from shared.authority.exclusion import excluded_agencies
from shared.authority.facts import Clear
from shared.authority.persons import withheld_persons
from shared.authority.reading import may_read_unit
from shared.authority.table import APART, OF_UNIT, STEP, Reach, reach
from shared.calendar import local_date
from shared.directory import Directory


@dataclass(frozen=True)
class Viewer:
    """An account as it is now. contact: id of the person's contact in `agency`; delegated: further roles, in force."""

    account: str
    role: str
    unit: str
    agency: str | None = None
    contact: str | None = None
    delegated: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CaseFacts:
    """A case as authority sees it. involved: agencies that an alert of the incident is for or climbed to."""

    clear: Clear
    involved: frozenset[str] = frozenset()


def may(
    viewer: Viewer,
    endpoint: str,
    case: CaseFacts | None,
    directory: Directory,
    roster: Collection[Reachable],
    at: datetime,
    *,
    unit: str | None = None,
) -> bool:
    """Whether this account may do this now. `roster`: the contacts of every agency.

    * An endpoint about cases: with a case, whether this one; without, whether there can be any for the account.
    * An endpoint of units (`table.OF_UNIT`): in general, or about `unit`. `figures.visible` with a case asks whether
      this one is counted.

    An account whose contact is not in the roster under its agency sees no case: nobody could tell whether it is the
    person that must not know. Raises ValueError for an endpoint that nobody defined.
    """
    reaches = _reaches(viewer, endpoint)
    if endpoint not in OF_UNIT:
        return _may_case(viewer, reaches, case, directory, roster, at)
    if Reach.UNIT not in reaches or not _covers(viewer, unit, directory, at):
        return False
    return case is None or endpoint != "figures.visible" or may(viewer, "case.count", case, directory, roster, at)


def steps_for(
    viewer: Viewer, case: CaseFacts, directory: Directory, roster: Collection[Reachable], at: datetime
) -> tuple[str, ...]:
    """The steps that the account may record in this case now, in the order of the directory: what a grant allows."""
    steps = (code.code for code in directory.codes_in_force("steps", at))
    return tuple(code for code in steps if may(viewer, STEP + code, case, directory, roster, at))


def hats_of(
    viewer: Viewer, directory: Directory, roster: Collection[Reachable]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Everything that the person behind the account is: codes of agencies with their kinds and units, ids of contacts.

    A step carries them, so that whoever must not know under one hat is known under every other.
    """
    contact = _contact(viewer, roster)
    worn = hats(contact, roster) if contact is not None else []
    agencies = [known for one in worn if (known := directory.agency(one.agency)) is not None]
    codes = {code for agency in agencies for code in (agency.code, agency.kind, agency.unit)}
    return tuple(sorted(codes | {one.agency for one in worn})), tuple(sorted({one.id for one in worn}))


def roles_of(viewer: Viewer) -> frozenset[str]:
    """The account's own role and what is delegated to it. Who watches or sets up accounts takes no delegation."""
    return frozenset({viewer.role}) if viewer.role in APART else viewer.delegated | {viewer.role}


def _may_case(
    viewer: Viewer,
    reaches: frozenset[Reach],
    case: CaseFacts | None,
    directory: Directory,
    roster: Collection[Reachable],
    at: datetime,
) -> bool:
    contact = _contact(viewer, roster)
    if not reaches or contact is None:
        return False
    if case is None:
        return True
    if not any(_fits(how, viewer, contact.agency, case, directory, at) for how in reaches):
        return False
    excluded = excluded_agencies(case.clear, directory, at)
    persons = withheld_persons(case.clear, excluded, roster, directory, at)
    return not Barrier.around(excluded, roster, persons).bars(contact)


def _reaches(viewer: Viewer, endpoint: str) -> frozenset[Reach]:
    # What is delegated can't be delegated on.
    roles = frozenset({viewer.role}) if endpoint == "delegate" else roles_of(viewer)
    return frozenset(reach(role, endpoint) for role in roles) - {Reach.NONE}


def _contact(viewer: Viewer, roster: Iterable[Reachable]) -> Reachable | None:
    if viewer.contact is None or viewer.agency is None:
        return None
    return next((one for one in roster if one.id == viewer.contact and one.agency == viewer.agency), None)


def _fits(how: Reach, viewer: Viewer, agency: str, case: CaseFacts, directory: Directory, at: datetime) -> bool:
    if how is Reach.OWN:
        return directory.commune_of(case.clear.commune, at) == viewer.unit
    if how is Reach.INVOLVED:
        return agency in case.involved
    return how is Reach.CHARGED and _charged(agency, case, directory, at)


def _charged(agency: str, case: CaseFacts, directory: Directory, at: datetime) -> bool:
    """By the matrix, or by an alert: but a school only for its own pupil, though the alert is of the whole incident."""
    known = directory.agency(agency)
    if known is None:
        return False
    per_child = directory.code("agency_kinds", known.kind).flag("per_child")
    if agency in case.involved and not per_child:
        return True
    clear = case.clear
    return any(
        duty.agency_kind == known.kind
        and any(one.code == agency for one in directory.responsible(known.kind, clear.commune, clear.schools, at))
        for duty in directory.duties(clear.kinds, clear.danger, clear.environment)
    )


def _covers(viewer: Viewer, unit: str | None, directory: Directory, at: datetime) -> bool:
    return unit is None or unit == viewer.unit or may_read_unit(viewer.unit, unit, local_date(at), directory)
