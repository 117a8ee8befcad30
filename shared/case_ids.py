"""The ids of an incident's cases, derived alike by whoever knows the incident (pure)."""

from __future__ import annotations

import uuid

_CASES = uuid.UUID("a3a1c6b2-70a5-5d1f-8a3d-5b0c1f7be0d4")


def case_id(incident_id: str, number: int) -> str:
    """The case of the incident's child `number`, counted from 1."""
    return str(uuid.uuid5(_CASES, f"{incident_id}/{number}"))


def number_of(incident_id: str, case: str, children: int) -> int | None:
    """Which child of the incident this case is of; None when it is none of its `children`."""
    return next((number for number in range(1, children + 1) if case_id(incident_id, number) == case), None)
