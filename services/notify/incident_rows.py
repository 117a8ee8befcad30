"""An incident as it is stored, and back (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from services.notify.incident import Child, Fact, Incident, Row, merged
from shared.authority import Clear


def clear_now(row: Row | None, first: Row) -> Clear:
    """The clear facts of a stored incident with all that is stored of it, whether its alerts are settled or not.

    `first`: those of its alert, for the moment until the incident is stored; they are the reported ones then.
    """
    incident = from_row(row) if row is not None else None
    return incident.clear if incident is not None else merged(clear_of(first), facts_in(row or {}))


def facts_of(clear: Clear) -> dict[str, Any]:
    """Clear facts as they are stored."""
    return {
        name: sorted(value) if isinstance(value, frozenset) else list(value) if isinstance(value, tuple) else value
        for name, value in asdict(clear).items()
    }


def clear_of(facts: Row) -> Clear:
    """The facts of a stored alert or incident."""
    values: dict[str, Any] = dict(facts)
    for name in ("kinds", "schools", "residences", "relations"):
        values[name] = tuple(values.get(name) or ())
    for name in ("withhold_from", "released", "withheld_contacts"):
        values[name] = frozenset(values.get(name) or ())
    return Clear(**{name: value for name, value in values.items() if name in Clear.__dataclass_fields__})


def as_row(incident: Incident) -> dict[str, Any]:
    """The reported part as it is stored; facts are added to the document one by one."""
    return {
        "code": incident.code,
        "commune": incident.commune,
        "village": incident.village,
        "received_at": incident.received_at,
        "accepted_at": incident.accepted_at,
        "drill": incident.drill,
        "backfill": incident.backfill,
        "traceparent": incident.traceparent,
        "directory": incident.directory,
        "clear": facts_of(incident.reported),
        "children": [{"case_id": child.case_id, "number": child.number} for child in incident.children],
    }


def from_row(row: Row) -> Incident | None:
    """None while only later facts have come and not the report."""
    if row.get("received_at") is None:
        return None
    return Incident(
        id=row["_id"],
        code=row["code"],
        commune=row["commune"],
        village=row.get("village"),
        received_at=row["received_at"],
        accepted_at=row["accepted_at"],
        drill=bool(row.get("drill")),
        backfill=bool(row.get("backfill")),
        traceparent=row.get("traceparent"),
        directory=row.get("directory") or "",
        reported=clear_of(row.get("clear") or {}),
        children=tuple(Child(one["case_id"], one["number"]) for one in row.get("children", [])),
        facts=facts_in(row),
    )


def facts_in(row: Row) -> tuple[Fact, ...]:
    found: Sequence[Row] = row.get("facts", [])
    return tuple(sorted((Fact.from_row(fact) for fact in found), key=lambda fact: fact.place))
