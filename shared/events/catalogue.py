"""Every event of the system: name, version, schema. Past tense; golden JSON per version in tests/contract."""

from __future__ import annotations

from functools import cache

from shared.events.alert import AlertSchema, ContactsSchema, DeadlineSchema
from shared.events.event import Event
from shared.events.fields import EventSchema
from shared.events.incident import ChunkSchema, ReportedSchema, SupplementedSchema
from shared.events.operator import OperatorNotedSchema
from shared.events.services import AccountChangedSchema, ProjectionFailedSchema, ReportSchema, TallySchema
from shared.events.staff import ActivitySchema, NilSchema, StepSchema
from shared.failures import InvalidEvent, UnknownEvent

ALERT_STATES = ("raised", "sent", "failed", "acknowledged", "escalated", "exhausted", "stuck", "withdrawn")

# Running clocks of a report go without saying; `started` is one that a later step or supplement started.
DEADLINE_STATES = ("started", "warned", "missed", "met", "stopped")

SCHEMAS: dict[tuple[str, int], type[EventSchema]] = {
    ("incident.reported", 1): ReportedSchema,
    ("incident.supplemented", 1): SupplementedSchema,
    ("attachment.chunk", 1): ChunkSchema,
    ("case.step_recorded", 1): StepSchema,
    ("activity.recorded", 1): ActivitySchema,
    ("nil.declared", 1): NilSchema,
    ("intake.tally", 1): TallySchema,
    **{(f"alert.{state}", 1): AlertSchema for state in ALERT_STATES},
    **{(f"deadline.{state}", 1): DeadlineSchema for state in DEADLINE_STATES},
    ("contacts.listed", 1): ContactsSchema,
    **{(f"report.{state}", 1): ReportSchema for state in ("published", "pulled", "overdue")},
    ("projection.failed", 1): ProjectionFailedSchema,
    ("operator.noted", 1): OperatorNotedSchema,
    ("account.changed", 1): AccountChangedSchema,
}


def validate(event: Event) -> None:
    """Raises `UnknownEvent` (name or major version) or `InvalidEvent` (its reason names fields, never values)."""
    schema = SCHEMAS.get((event.name, event.version))
    if schema is None:
        raise UnknownEvent(f"{event.name}.v{event.version} is not in the catalogue")
    problems = _made(schema).validate(event.data)
    if problems:
        raise InvalidEvent("invalid fields: " + ", ".join(sorted(_paths(problems))))


@cache
def _made(schema: type[EventSchema]) -> EventSchema:
    """Once for each class: making a schema costs more than using it, and threads may share it."""
    return schema()


def _paths(problems: object, at: str = "") -> list[str]:
    if isinstance(problems, dict):
        return [path for key, value in problems.items() for path in _paths(value, f"{at}.{key}" if at else str(key))]
    return [at]
