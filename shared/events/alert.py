"""`alert.*` and `deadline.*`: what notify did and judged. No names, no addresses, no content."""

from __future__ import annotations

from marshmallow import fields

from shared.events.fields import EventSchema, Moment, text


class AlertSchema(EventSchema):
    alert_id = text(required=True)
    incident_id = text(required=True)
    case_code = text(required=True)
    agency = text(required=True)
    agency_kind = text(required=True)
    duty = text(required=True)
    occasion = text(required=True)
    state = text(required=True)
    # Rises with every change of the alert: the highest wins, in whatever order they arrive.
    version = fields.Integer(required=True)
    raised_at = Moment(required=True)
    due_at = Moment(required=True)
    acknowledged_at = Moment(load_default=None, allow_none=True)
    escalation_level = fields.Integer(load_default=0)
    channel = text()
    reason = text()


class DeadlineSchema(EventSchema):
    incident_id = text(required=True)
    case_id = text()
    clock = text(required=True)
    state = text(required=True)
    version = fields.Integer(required=True)
    due_at = Moment(required=True)
    met_at = Moment(load_default=None, allow_none=True)
