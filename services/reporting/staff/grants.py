"""What a viewer may record in a case: the grant that goes with the forms, and which form has which fields."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.reporting.lifecycle import RECEIVED, REOPENED
from services.reporting.staff.sight import Sight, facts_of
from shared import grants
from shared.authority import provisionally_withheld
from shared.directory import Agency
from shared.grants import Grant
from shared.signing import SigningKey

_RELEASE, _CONFLICT, _ISOLATION_ENDED = "AGENCY_RELEASED", "CONFLICT_DECLARED", "ISOLATION_ENDED"
# What usually comes next; everything else is one tap further.
_NEXT: Mapping[str, tuple[str, ...]] = {
    RECEIVED: ("INITIAL_ASSESSED", "EMERGENCY_APPLIED", "EMERGENCY_NOT_NEEDED"),
    "INITIAL_ASSESSED": ("EMERGENCY_APPLIED", "EMERGENCY_NOT_NEEDED", "DETAILED_ASSESSED"),
    "EMERGENCY_APPLIED": ("DETAILED_ASSESSED", "MEETING_HELD"),
    "ISOLATED": (_ISOLATION_ENDED, "DETAILED_ASSESSED", "MEETING_HELD"),
    "DETAILED_ASSESSED": ("MEETING_HELD", "PLAN_SUBMITTED"),
    "MEETING_HELD": ("PLAN_SUBMITTED",),
    "PLAN_SUBMITTED": ("PLAN_APPROVED",),
    "PLAN_APPROVED": ("REVIEWED",),
    "REVIEWED": ("CLOSED", "PLAN_SUBMITTED"),
}
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "INITIAL_ASSESSED": ("risk",),
    "DETAILED_ASSESSED": ("risk",),
    "REVIEWED": ("risk",),
    "ISOLATED": ("until",),
    "MERGED_INTO": ("merged_into",),
    _CONFLICT: ("withhold",),
    _RELEASE: ("released",),
}
_NEED_RISK = frozenset({"INITIAL_ASSESSED", "DETAILED_ASSESSED"})


@dataclass(frozen=True)
class StepForm:
    """`fields`: which of risk, until, merged_into, withhold and released it asks beside time and note."""

    code: str
    label: str
    key: str
    fields: tuple[str, ...]
    risk_needed: bool


@dataclass(frozen=True)
class StepForms:
    """`usual` come next in the order of the decree, `others` are the rest."""

    grant: str
    usual: list[StepForm]
    others: list[StepForm]
    may_know: list[Agency]
    withheld: list[Agency]


def step_forms(case: Mapping[str, Any], sight: Sight, key: SigningKey, at: datetime) -> StepForms | None:
    """None for a viewer who may record nothing here."""
    steps = sight.steps(case)
    if not steps:
        return None
    clear, directory = facts_of(case).clear, sight.directory
    withheld = [
        agency for code in sorted(provisionally_withheld(clear, directory)) if (agency := directory.agency(code))
    ]
    withheld = [agency for agency in withheld if agency.in_force(at)]
    offered = [code for code in steps if _offered(code, case, withheld)]
    usual = [code for code in (_NEXT.get(case["state"], ()) if case["open"] else (REOPENED,)) if code in offered]
    return StepForms(
        grant=grants.encode(grant_of(case, sight, steps, at), key),
        usual=[_form(code, sight) for code in usual],
        others=[_form(code, sight) for code in offered if code not in usual],
        may_know=_agencies(case, sight),
        withheld=withheld,
    )


def grant_of(case: Mapping[str, Any], sight: Sight, steps: tuple[str, ...], at: datetime) -> Grant:
    viewer = sight.viewer
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
    )


def _offered(code: str, case: Mapping[str, Any], withheld: list[Agency]) -> bool:
    if code == REOPENED:
        return not case["open"]
    if code == _RELEASE:
        return bool(withheld)
    return code != _ISOLATION_ENDED or any(step["step"] == "ISOLATED" for step in case["steps"])


def _form(code: str, sight: Sight) -> StepForm:
    label = sight.directory.code("steps", code).vi
    return StepForm(code, label, secrets.token_urlsafe(16), _FIELDS.get(code, ()), code in _NEED_RISK)


def _agencies(case: Mapping[str, Any], sight: Sight) -> list[Agency]:
    """Whom a conflict may be about: the agencies of the commune and of the units above it, the school of the child."""
    directory, at = sight.directory, sight.at
    units = [case["counted_in"], *(unit.code for unit in directory.units_above(case["counted_in"], at))]
    found = [agency for unit in units for agency in directory.agencies(unit, at=at)]
    school = directory.agency(case["school"]) if case["school"] else None
    if school is not None and school not in found:
        found.append(school)
    return [agency for agency in found if agency.code not in case["withhold_from"]]
