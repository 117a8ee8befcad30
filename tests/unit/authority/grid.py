"""Who may do what, as it was agreed: written by hand, apart from the software's own table, so that a slip shows.

O own commune, C charged (matrix or alert), I involved (alert), U unit, - not at all.
"""

from __future__ import annotations

_ENDPOINTS = """
                    committee chairman police school clerk district province village member auditor administrator
case.list               O        O       C      C      O      I        I        -      -       -          -
case.search             O        O       C      C      O      I        I        -      -       -          -
case.count              O        O       C      C      O      I        I        -      -       -          -
case.show               O        O       C      C      O      I        I        -      -       -          -
case.open.child         O        O       C      C      -      I        I        -      -       -          -
case.open.suspect       O        O       C      -      -      -        -        -      -       -          -
case.open.reporter      O        O       C      -      -      -        -        -      -       -          -
case.erase              -        O       -      -      -      -        -        -      -       -          -
case.hold               -        O       -      -      -      -        -        -      -       -          -
figures.visible         U        U       U      U      -      -        -        -      -       -          -
figures.published       U        U       -      -      U      U        U        U      U       U          -
access_log              -        -       -      -      -      -        -        -      -       U          -
accounts                -        -       -      -      -      -        -        -      -       -          U
delegate                -        U       -      -      -      -        -        -      -       -          -
reset.approve           U        U       -      -      -      U        U        -      -       -          U
"""
_STEPS = """
                        committee chairman police school clerk district province village member auditor administrator
INITIAL_ASSESSED            O        O       -      -      -      -        -        -      -       -          -
EMERGENCY_APPLIED           O        O       C      -      -      I        I        -      -       -          -
EMERGENCY_NOT_NEEDED        O        O       C      -      -      I        I        -      -       -          -
ISOLATED                    O        O       -      -      -      -        -        -      -       -          -
ISOLATION_ENDED             O        O       -      -      -      -        -        -      -       -          -
DETAILED_ASSESSED           O        O       -      -      O      -        -        -      -       -          -
MEETING_HELD                O        O       -      -      O      -        -        -      -       -          -
PLAN_SUBMITTED              O        O       -      -      O      -        -        -      -       -          -
PLAN_APPROVED               -        O       -      -      -      -        -        -      -       -          -
REVIEWED                    O        O       -      -      -      -        -        -      -       -          -
CLOSED                      O        O       -      -      -      -        -        -      -       -          -
UNFOUNDED                   O        O       -      -      -      -        -        -      -       -          -
TRANSFERRED                 O        O       -      -      -      I        I        -      -       -          -
CRIMINAL_PROCEDURE          O        O       C      -      -      -        -        -      -       -          -
ADMINISTRATIVE_SANCTION     O        O       C      -      -      -        -        -      -       -          -
REOPENED                    O        O       -      -      -      -        -        -      -       -          -
MERGED_INTO                 O        O       -      -      -      -        -        -      -       -          -
CONFLICT_DECLARED           O        O       C      C      O      I        I        -      -       -          -
AGENCY_RELEASED             O        O       -      -      -      I        I        -      -       -          -
QUESTION_TO_REPORTER        O        O       C      -      -      -        -        -      -       -          -
"""


def _read(text: str, prefix: str) -> dict[tuple[str, str], str]:
    head, *lines = text.strip("\n").splitlines()
    found = {}
    for line in lines:
        name, *letters = line.split()
        for role, letter in zip(head.split(), letters, strict=True):
            found[role, prefix + name] = letter
    return found


GRID = {**_read(_ENDPOINTS, ""), **_read(_STEPS, "case.step.")}
ROLES = tuple(dict.fromkeys(role for role, _ in GRID))
ENDPOINTS = tuple(dict.fromkeys(endpoint for _, endpoint in GRID))
CASE_ENDPOINTS = tuple(one for one in ENDPOINTS if one.startswith("case."))
