"""Bodies of notify's HTTP interface, version 1."""

from __future__ import annotations

from marshmallow import Schema, fields, validate


class AlertQuery(Schema):
    incident = fields.String(
        required=True,
        validate=validate.Length(min=1, max=100),
        metadata={"description": "The incident_id of a 202 answer of intake"},
    )


class DeliverySchema(Schema):
    channel = fields.String(required=True, metadata={"description": "sms or email"})
    to = fields.String(required=True, metadata={"description": "Masked"})
    agency = fields.String()
    level = fields.Integer(metadata={"description": "Rung of the ladder, 0 is the first"})
    state = fields.String(required=True)
    attempts = fields.Integer(required=True)
    updated_at = fields.String(required=True)


class AlertSchema(Schema):
    alert_id = fields.String(required=True)
    incident_id = fields.String(required=True)
    code = fields.String(required=True)
    agency = fields.String(required=True)
    agency_kind = fields.String(required=True)
    duty = fields.String(required=True)
    occasion = fields.String(required=True)
    why = fields.String(
        metadata={
            "description": "matrix, instead_of:<agency>, unknown_code or last_resort; "
            "for the operator and for staff who may know who is suspected"
        }
    )
    drill = fields.Boolean(required=True)
    state = fields.String(required=True)
    raised_at = fields.String(required=True)
    due_at = fields.String(required=True)
    acknowledged_at = fields.String(required=True, allow_none=True)
    acknowledged_by = fields.String(required=True, allow_none=True)
    escalation_level = fields.Integer(required=True)
    deliveries = fields.List(fields.Nested(DeliverySchema), required=True)


class AlertsSchema(Schema):
    alerts = fields.List(fields.Nested(AlertSchema), required=True)


class GapSchema(Schema):
    low = fields.Integer(required=True, data_key="from")
    high = fields.Integer(required=True, data_key="to")
    since = fields.String(required=True)
    told = fields.Boolean(required=True)


class SpoolSchema(Schema):
    spool = fields.String(required=True)
    last_seq = fields.Integer(required=True)
    seen = fields.List(fields.List(fields.Integer()), required=True)
    seen_at = fields.String(required=True)
    gaps = fields.List(fields.Nested(GapSchema), required=True)


class GapsSchema(Schema):
    spools = fields.List(fields.Nested(SpoolSchema), required=True)
