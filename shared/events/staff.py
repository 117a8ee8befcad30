"""What staff, villages and services tell: steps of a case, activities, nil reports, reports, what could not be done."""

from __future__ import annotations

from marshmallow import fields

from shared.events.fields import EventSchema, Moment, text
from shared.events.incident import SealedSchema


class StepSchema(EventSchema):
    incident_id = text(required=True)
    case_id = text(required=True)
    step = text(required=True)
    at = Moment(required=True)
    recorded_at = Moment(required=True)
    by = text(required=True)
    sealed = fields.Nested(SealedSchema, load_default=None, allow_none=True)


class ActivitySchema(EventSchema):
    activity_id = text(required=True)
    kind = text(required=True)
    plan_item = text()
    on = fields.Date(required=True)
    commune = text(required=True)
    village = text()
    children = fields.Integer(load_default=None, allow_none=True)
    participants = fields.Integer(load_default=None, allow_none=True)
    amount_vnd = fields.Integer(load_default=None, allow_none=True)
    sealed = fields.Nested(SealedSchema, load_default=None, allow_none=True)


class NilSchema(EventSchema):
    unit = text(required=True)
    period = text(required=True)
    declared_by = text(required=True)
    declared_at = Moment(required=True)


class ReportSchema(EventSchema):
    """`reader`: the partner that pulled it, in `report.pulled`."""

    definition = text(required=True)
    unit = text(required=True)
    calendar = text(required=True)
    period = text(required=True)
    version = fields.Integer(required=True)
    at = Moment(required=True)
    reader = text()


class ProjectionFailedSchema(EventSchema):
    """A message that died in a service that tells nobody itself; from its headers alone.

    `event_id`, `name`: of the dead message; the hash of its body, and "unknown", where it does not say.
    """

    event_id = text(required=True)
    incident_id = text()
    name = text(required=True)
    reason = text(required=True)
    commune = text()
    at = Moment(required=True)


class TallySchema(EventSchema):
    spool = text(required=True)
    last_seq = fields.Integer(required=True)
