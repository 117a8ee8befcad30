"""Who owes this child an action, by when (pure): duties, not recipients.

Clear facts, directory, contacts and a time go in, duties come out; shared.authority says who must not know. There is
always at least one duty, whatever the report says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.authority import (
    Barrier,
    Clear,
    Contact,
    excluded_agencies,
    ladder,
    last_resort,
    top_agencies,
    withheld_persons,
)
from shared.authority.ladder import COMMITTEE
from shared.directory import Agency, Directory

SUPERVISE = "SUPERVISE"


@dataclass(frozen=True)
class Duty:
    """What one agency owes. `due_at` is UTC.

    `why`: matrix, instead_of:<agency that must not know>, unknown_code, last_resort.
    """

    agency: str
    agency_kind: str
    duty: str
    due_at: datetime
    why: str


@dataclass(frozen=True)
class Routed:
    """`barrier` says which contacts must not be reached, in whatever agency they are."""

    duties: tuple[Duty, ...]
    barrier: Barrier


def route(
    clear: Clear,
    directory: Directory,
    contacts: Sequence[Contact],
    *,
    at: datetime,
    received_at: datetime,
    urgent_at: datetime | None = None,
) -> Routed:
    """`at` is now: the agencies of today are told, also of what was received long ago. The law's clock runs from
    `received_at`, and that of what became urgent later from `urgent_at`. `contacts` are those of every agency.
    """
    barrier = barrier_around(clear, directory, contacts, at)
    due_at = deadline(clear, directory, received_at, urgent_at)
    owed: dict[tuple[str, str], Duty] = {}

    def owes(agency: Agency | None, code: str, why: str) -> None:
        if agency is not None:
            owed.setdefault((agency.code, code), Duty(agency.code, agency.kind, code, due_at, why))

    for duty in directory.duties(clear.kinds, clear.danger, clear.environment):
        for agency in directory.responsible(duty.agency_kind, clear.commune, clear.schools, at):
            if agency.code not in barrier.agencies:
                owes(agency, duty.code, "matrix")
                continue
            above = _above(agency.code, directory, contacts, barrier, at)
            owes(above, duty.code, f"instead_of:{agency.code}")
    if not owed:
        # Nobody of the ladder is known to this directory: whoever is left at the top, rather than nobody.
        for agency in last_resort(top_agencies(clear.commune, directory, at), directory):
            owes(agency, SUPERVISE, "last_resort")
    if has_unknown_codes(clear, directory):
        # What nobody can judge is judged by people: the committee has its duty already, the unit above gets one too.
        for committee in directory.responsible(COMMITTEE, clear.commune, (), at):
            owes(_above(committee.code, directory, contacts, barrier, at), SUPERVISE, "unknown_code")
    return Routed(tuple(owed.values()), barrier)


def _above(
    agency: str, directory: Directory, contacts: Iterable[Contact], barrier: Barrier, at: datetime
) -> Agency | None:
    """The nearest agency above of which somebody can be told; the nearest of all where nobody can.

    From one that lists nobody the alert would only climb on, past whoever stands beside it.
    """
    rungs = ladder(agency, directory, at, barrier.agencies)
    told = {one.agency for one in contacts if (one.phones or one.mailboxes) and not barrier.bars(one)}
    return directory.agency(next((code for code in rungs if code in told), rungs[0]))


def barrier_around(clear: Clear, directory: Directory, contacts: Sequence[Contact], at: datetime) -> Barrier:
    """Who must not know, with the agencies of whom nobody may be reached: they count as excluded too."""
    excluded = excluded_agencies(clear, directory, at)
    persons = withheld_persons(clear, excluded, contacts, directory, at)
    barrier = Barrier.around(excluded, contacts, persons)
    silenced = _silenced(contacts, barrier)
    top = {agency.code for agency in top_agencies(clear.commune, directory, at)}
    if top <= excluded | silenced:
        # Up there nobody can be told. The duty still falls on who may know, never on who must not: the operator hears.
        silenced -= top
    # Their people are barred already, so that leaving them out as agencies bars nobody else.
    return replace(barrier, agencies=excluded | silenced) if silenced else barrier


def _silenced(contacts: Iterable[Contact], barrier: Barrier) -> frozenset[str]:
    listed: dict[str, bool] = {}
    for contact in contacts:
        listed[contact.agency] = listed.get(contact.agency, False) or not barrier.bars(contact)
    return frozenset(agency for agency, reachable in listed.items() if not reachable)


def has_unknown_codes(clear: Clear, directory: Directory) -> bool:
    """True if the directory lacks a code that decides who is told."""
    commune = directory.unit(clear.commune) if clear.commune else None
    given = [("kinds", code) for code in clear.kinds] + [("relations", code) for code in clear.relations]
    if clear.environment:
        given.append(("environments", clear.environment))
    return commune is None or any(not directory.code(table, code).known for table, code in given)


def deadline(clear: Clear, directory: Directory, received_at: datetime, urgent_at: datetime | None = None) -> datetime:
    """When the duty is due, UTC: the decree's 12 hours for abuse or danger not ruled out, else the plan's days."""
    if directory.urgent(clear.kinds, clear.danger):
        return directory.clock("EMERGENCY_MEASURE").limit.due(urgent_at or received_at, directory.workdays)
    return directory.clock("PLAN_SUBMITTED").limit.due(received_at, directory.workdays)
