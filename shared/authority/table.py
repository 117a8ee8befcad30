"""What each role of the staff may do: role × endpoint × part -> how far. Data; staff.py judges by it.

A unit and an agency are not in the table: they are the account's, and a reach says how they have to fit the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

CHILD, SUSPECT, REPORTER = "child", "suspect", "reporter"
PARTS = (CHILD, SUSPECT, REPORTER)

LOOKS = ("case.list", "case.search", "case.count", "case.show")
OPENS = tuple(f"case.open.{part}" for part in PARTS)
POWERS = ("case.erase", "case.hold")
STEP = "case.step."
# These are asked without a case.
OF_UNIT = ("figures.visible", "figures.published", "access_log", "accounts", "delegate", "reset.approve")
ENDPOINTS = (*LOOKS, *OPENS, *POWERS, *OF_UNIT)

# Every step of the directory's table "steps", those of a newer one too.
ANY = "*"
EMERGENCY = frozenset({"EMERGENCY_APPLIED", "EMERGENCY_NOT_NEEDED"})


class Reach(Enum):
    """How far a right goes."""

    NONE = "none"
    # The case's commune is the viewer's unit.
    OWN = "own"
    # The viewer's agency owes a duty in the case by the matrix, or an alert of the incident was for it.
    CHARGED = "charged"
    # An alert of the incident was for the viewer's agency or climbed to it.
    INVOLVED = "involved"
    # No case: the viewer's unit and those below.
    UNIT = "unit"


@dataclass(frozen=True)
class Row:
    """One role. steps: codes, or ANY; not_steps: what ANY leaves out; also: of POWERS and OF_UNIT."""

    cases: Reach = Reach.NONE
    parts: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()
    not_steps: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()

    def reach(self, endpoint: str) -> Reach:
        """Raises ValueError for an endpoint that nobody defined: a typing slip must not look like a refusal."""
        if endpoint in OF_UNIT:
            return Reach.UNIT if endpoint in self.also else Reach.NONE
        return self.cases if self._of_case(endpoint) else Reach.NONE

    def _of_case(self, endpoint: str) -> bool:
        if endpoint in LOOKS:
            return True
        if endpoint in OPENS:
            return endpoint.rpartition(".")[2] in self.parts
        if endpoint in POWERS:
            return endpoint in self.also
        if endpoint.startswith(STEP):
            code = endpoint.removeprefix(STEP)
            return code in self.steps or (ANY in self.steps and code not in self.not_steps)
        raise ValueError(f"{endpoint} is not an endpoint")


_ABOVE = Row(
    cases=Reach.INVOLVED,
    parts=frozenset({CHILD}),
    # A commune that was kept out of its own case by a slip or in bad faith cannot let itself back in.
    steps=EMERGENCY | {"TRANSFERRED", "CONFLICT_DECLARED", "AGENCY_RELEASED"},
    also=frozenset({"figures.published", "reset.approve"}),
)

TABLE: Mapping[str, Row] = {
    "committee": Row(
        cases=Reach.OWN,
        parts=frozenset(PARTS),
        steps=frozenset({ANY}),
        # Who makes the plan does not approve it: that is the chairman's.
        not_steps=frozenset({"PLAN_APPROVED"}),
        also=frozenset({"figures.visible", "figures.published", "reset.approve"}),
    ),
    "chairman": Row(
        cases=Reach.OWN,
        parts=frozenset(PARTS),
        steps=frozenset({ANY}),
        also=frozenset({*POWERS, "figures.visible", "figures.published", "delegate", "reset.approve"}),
    ),
    "police": Row(
        cases=Reach.CHARGED,
        parts=frozenset(PARTS),
        steps=EMERGENCY
        | {"CRIMINAL_PROCEDURE", "ADMINISTRATIVE_SANCTION", "CONFLICT_DECLARED", "QUESTION_TO_REPORTER"},
        also=frozenset({"figures.visible"}),
    ),
    "school": Row(
        cases=Reach.CHARGED,
        parts=frozenset({CHILD}),
        steps=frozenset({"CONFLICT_DECLARED"}),
        also=frozenset({"figures.visible"}),
    ),
    "clerk": Row(
        cases=Reach.OWN,
        # Types what others decided, and reads no identity for it.
        steps=frozenset({"CONFLICT_DECLARED", "DETAILED_ASSESSED", "MEETING_HELD", "PLAN_SUBMITTED"}),
        also=frozenset({"figures.published"}),
    ),
    "district": _ABOVE,
    "province": _ABOVE,
    "village": Row(also=frozenset({"figures.published"})),
    "member": Row(also=frozenset({"figures.published"})),
    "auditor": Row(also=frozenset({"access_log", "figures.published"})),
    "administrator": Row(also=frozenset({"accounts", "reset.approve"})),
}
ROLES = tuple(TABLE)
# They watch over the others or set them up. No delegation turns such an account into one that sees cases.
APART = frozenset({"auditor", "administrator"})


def reach(role: str, endpoint: str) -> Reach:
    """A role that nobody knows reaches nothing. Raises ValueError as `Row.reach`."""
    return TABLE.get(role, Row()).reach(endpoint)


def sees_cases(role: str) -> bool:
    return TABLE.get(role, Row()).cases is not Reach.NONE


def vouches(roles: Iterable[str]) -> bool:
    """Whether one of these roles lets pass who sees cases. `reset.approve` of one that sees none is for its like."""
    return any(sees_cases(role) and reach(role, "reset.approve") is not Reach.NONE for role in roles)
