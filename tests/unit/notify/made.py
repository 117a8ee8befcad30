"""Incidents and steps of them, made for tests that touch no engine."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.notify.incident import STEP, SUPPLEMENT, Child, Fact, Incident
from shared.authority import Clear

# Monday, 8:00 in Vietnam.
RECEIVED = datetime(2026, 1, 5, 1, tzinfo=UTC)
COMMITTEE, POLICE = "bvte-binh-luong", "ca-binh-luong"
_NUMBER = itertools.count()


def hours(count: float) -> datetime:
    return RECEIVED + timedelta(hours=count)


def incident(*facts: Fact, name: str = "i", children: int = 1, **changed: Any) -> Incident:
    """Its cases are `<name>-1`, `<name>-2`."""
    made = Incident(
        id=name,
        code=f"CODE{name.upper()}",
        commune="binh-luong",
        village="thon-3",
        received_at=RECEIVED,
        accepted_at=RECEIVED,
        drill=False,
        backfill=False,
        traceparent=None,
        directory="",
        reported=Clear(commune="binh-luong", kinds=("VIOLENCE",), environment="FAMILY", danger=True),
        children=tuple(Child(f"{name}-{number}", number) for number in range(1, children + 1)),
        facts=facts,
    )
    return replace(made, **changed)


def step(name: str, at: datetime, *, case: str = "i-1", agency: str | None = COMMITTEE, **more: Any) -> Fact:
    """By staff, told when it was done."""
    said = {"by_staff": True, "recorded_at": at, **more}
    return Fact(id=f"e-{next(_NUMBER)}", kind=STEP, at=at, case_id=case, step=name, agency=agency, **said)


def added(at: datetime, **more: Any) -> Fact:
    return Fact(id=f"s-{next(_NUMBER)}", kind=SUPPLEMENT, at=at, recorded_at=at, **more)


def alert(agency: str = POLICE, **changed: Any) -> dict[str, Any]:
    """As it is stored when it is raised, as far as standing looks at it."""
    made = {
        "_id": f"a-{agency}",
        "incident_id": "i",
        "code": "CODEI",
        "agency": agency,
        "agency_kind": "police",
        "duty": "PROTECT_NOW",
        "occasion": "first",
        "state": "sent",
        "version": 1,
        "facts": {},
        "raised_at": RECEIVED,
        "due_at": hours(12),
        "next_action_at": hours(0.1),
        "links": [],
        "deliveries": [],
    }
    return {**made, **changed}
