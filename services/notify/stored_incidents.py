"""Stored incidents as they are judged: with what their merges are worth, which other incidents say."""

from __future__ import annotations

from services.notify import merging
from services.notify.incident import Incident
from services.notify.incident_rows import from_row
from services.notify.store import incidents
from services.notify.store.collections import Row


def judged(row: Row | None) -> Incident | None:
    """None while the report itself is not here. Raises `DependencyDown`."""
    return merging.loaded(row, of_case)


def of_case(case: str) -> Incident | None:
    """By a case's id or code."""
    row = incidents.of_case(case)
    return from_row(row) if row is not None else None
