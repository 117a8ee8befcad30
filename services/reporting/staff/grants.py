"""What a viewer may record in a case: the grant that goes with the forms, and which form has which fields."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.reporting.lifecycle import RECEIVED, deciding
from services.reporting.staff.case_view import agency_label
from services.reporting.staff.colleagues import Colleague
from services.reporting.staff.sight import Sight, facts_of, liftable
from services.reporting.staff.wording import local
from shared import grants
from shared.authority import may_be_named, provisionally_withheld
from shared.authority.table import SUSPECT
from shared.case_steps import (
    APPROVED,
    ASSESSMENTS,
    CONFLICT,
    FOR_THEMSELVES,
    ISOLATED,
    ISOLATION_ENDED,
    MERGED,
    PLAN,
    RELEASED,
    REOPENED,
    WORDS_NEEDED,
)
from shared.directory import Agency
from shared.grants import Grant
from shared.signing import SigningKey

# What usually comes next; everything else is one tap further.
_NEXT: Mapping[str, tuple[str, ...]] = {
    RECEIVED: ("INITIAL_ASSESSED", "EMERGENCY_APPLIED", "EMERGENCY_NOT_NEEDED"),
    "INITIAL_ASSESSED": ("EMERGENCY_APPLIED", "EMERGENCY_NOT_NEEDED", "DETAILED_ASSESSED"),
    "EMERGENCY_APPLIED": ("DETAILED_ASSESSED", "MEETING_HELD"),
    ISOLATED: (ISOLATION_ENDED, "DETAILED_ASSESSED", "MEETING_HELD"),
    "DETAILED_ASSESSED": ("MEETING_HELD", PLAN),
    "MEETING_HELD": (PLAN,),
    PLAN: (APPROVED,),
    APPROVED: ("REVIEWED",),
    "REVIEWED": ("CLOSED", PLAN),
}
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "INITIAL_ASSESSED": ("risk",),
    "DETAILED_ASSESSED": ("risk",),
    "REVIEWED": ("risk",),
    ISOLATED: ("until",),
    MERGED: ("merged_into",),
    CONFLICT: ("withhold",),
    RELEASED: ("released",),
}
# Ids of persons in a grant, so that it stays within what is taken for a token; a whole list is named by its agency.
_ROOM_FOR_PEOPLE = 1600


@dataclass(frozen=True)
class StepForm:
    """`fields`: which of risk, until, merged_into, withhold and released it asks beside time and note. `recorded`: when
    the same step was done last, in words; empty for never."""

    code: str
    label: str
    key: str
    fields: tuple[str, ...]
    risk_needed: bool
    note_needed: bool
    recorded: str


@dataclass(frozen=True)
class StepForms:
    """`usual` come next in the order of the decree, `others` are the rest; `conflict` is never out of sight.

    `agencies` and `people`: whom a conflict may be about, those that must not know among them, or the gap would name
    them; `narrow`: the own agency alone. `withheld`: (code, label) that may be let back in, `kept` (contact, label) of
    persons.
    """

    grant: str
    usual: list[StepForm]
    others: list[StepForm]
    conflict: StepForm | None
    agencies: list[Agency]
    people: list[Colleague]
    narrow: bool
    withheld: list[tuple[str, str]]
    kept: list[tuple[str, str]]


def step_forms(
    case: Mapping[str, Any], sight: Sight, key: SigningKey, at: datetime, people: Collection[Colleague] = ()
) -> StepForms | None:
    """None for a viewer who may record nothing here. `people`: of whom a conflict may be."""
    steps = sight.steps(case)
    if not steps:
        return None
    may_release = RELEASED in steps
    withheld = _withheld(case, sight) if may_release else []
    kept = _kept(case, sight, people) if may_release else []
    offered = [code for code in steps if _offered(code, case, bool(withheld or kept))]
    narrow = sight.viewer.role in FOR_THEMSELVES and not may_release
    named = nameable(people, sight, own_alone=narrow) if CONFLICT in steps else []
    usual = [code for code in (_NEXT.get(case["state"], ()) if case["open"] else (REOPENED,)) if code in offered]
    return StepForms(
        grant=grants.encode(grant_of(case, sight, steps, at, named), key),
        usual=[_form(code, case, sight) for code in usual],
        others=[_form(code, case, sight) for code in offered if code not in {*usual, CONFLICT}],
        conflict=_form(CONFLICT, case, sight) if CONFLICT in offered else None,
        agencies=_own(sight) if narrow else agencies_near(case, sight),
        people=named,
        narrow=narrow,
        withheld=withheld,
        kept=kept,
    )


def nameable(people: Iterable[Colleague], sight: Sight, *, own_alone: bool) -> list[Colleague]:
    """Those whose conflict this viewer may declare, in their order; intake takes no other."""
    room, found = _ROOM_FOR_PEOPLE, []
    listed = {one.id: one for one in sight.roster}
    for one in people:
        contact = listed[one.contact]
        if may_be_named(contact, sight.viewer.agency, sight.directory, sight.at, own_alone=own_alone):
            room -= len(one.contact) + 1
            found += [one] if room >= 0 else []
    return found


def grant_of(
    case: Mapping[str, Any], sight: Sight, steps: tuple[str, ...], at: datetime, named: Iterable[Colleague] = ()
) -> Grant:
    """For whoever may see the case. `named`: whose conflict they may declare."""
    viewer = sight.viewer
    hats, contacts = sight.hats()
    kept_out = frozenset(case["withhold_from"]), frozenset(case["withhold_contacts"])
    return Grant(
        account=viewer.account,
        role=viewer.role,
        unit=viewer.unit,
        agency=viewer.agency,
        contact=viewer.contact,
        incident=case["incident_id"],
        case=case["_id"],
        code=case["code"],
        commune=case["commune"],
        steps=steps,
        drill=case["drill"],
        issued_at=at,
        expires_at=at + grants.LASTS,
        hats=hats,
        contacts=contacts,
        people=tuple(one.contact for one in named),
        # Kept out by what was said, and here all the same: the last resort, whose word must count.
        spared=not kept_out[0].isdisjoint(hats) or not kept_out[1].isdisjoint(contacts),
    )


def _offered(code: str, case: Mapping[str, Any], anybody_withheld: bool) -> bool:
    if code == REOPENED:
        return not case["open"]
    if code == RELEASED:
        return anybody_withheld
    return code != ISOLATION_ENDED or any(step["step"] == ISOLATED for step in case["steps"])


def _form(code: str, case: Mapping[str, Any], sight: Sight) -> StepForm:
    label = sight.directory.code("steps", code).vi
    key = secrets.token_urlsafe(16)
    last = next((step["at"] for step in reversed(deciding(case["steps"])) if step["step"] == code), None)
    return StepForm(code, label, key, _FIELDS.get(code, ()), code in ASSESSMENTS, code in WORDS_NEEDED, local(last))


def _withheld(case: Mapping[str, Any], sight: Sight) -> list[tuple[str, str]]:
    """What staff or a partner declared. What only the relation keeps out tells who is suspected, so it is for those who
    may know that.
    """
    directory, (by_step, _) = sight.directory, liftable(case)
    codes = set(by_step)
    if sight.may_open(SUSPECT, case):
        found = [directory.agency(code) for code in provisionally_withheld(facts_of(case).clear, directory)]
        codes |= {agency.code for agency in found if agency is not None and agency.in_force(sight.at)}
    # Of a kind or a unit that was declared, each agency stays out until the whole is let in.
    single = {code for code in codes if not _within_another(code, by_step, sight)}
    return sorted(((code, agency_label(code, directory)) for code in single), key=lambda one: one[1])


def _within_another(code: str, declared: frozenset[str], sight: Sight) -> bool:
    agency = sight.directory.agency(code)
    return agency is not None and not declared.isdisjoint({agency.kind, agency.unit})


def _kept(case: Mapping[str, Any], sight: Sight, people: Collection[Colleague]) -> list[tuple[str, str]]:
    """Persons who must not know; by the agency where they are not among the people here."""
    names = {one.contact: f"{one.name}, {one.agency}" for one in people}
    listed = {one.id: agency_label(one.agency, sight.directory) for one in sight.roster}
    return [
        (contact, names.get(contact) or f"Một người của {listed.get(contact, 'nơi không còn trong danh bạ')}")
        for contact in sorted(liftable(case)[1])
    ]


def _own(sight: Sight) -> list[Agency]:
    own = sight.directory.agency(sight.viewer.agency or "")
    return [own] if own is not None else []


def agencies_near(case: Mapping[str, Any], sight: Sight) -> list[Agency]:
    """The agencies of the commune and of the units above it, and the school of the child."""
    directory, at = sight.directory, sight.at
    units = [case["counted_in"], *(unit.code for unit in directory.units_above(case["counted_in"], at))]
    found = [agency for unit in units for agency in directory.agencies(unit, at=at)]
    school = directory.agency(case["school"]) if case["school"] else None
    return found if school is None or school in found else [*found, school]
