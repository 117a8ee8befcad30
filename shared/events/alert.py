"""`alert.*`, `deadline.*` and `contacts.listed`: what notify did and judged, and whom it reaches.

No names, no addresses, no content.
"""

from __future__ import annotations

from marshmallow import fields, validate

from shared.events.fields import EventSchema, Moment, codes, text


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


class ListedContactSchema(EventSchema):
    """`person` is the id of the human being. `addresses` are keyed hashes of the normal form of numbers and mailboxes.

    Equal numbers are equal strings, so that a number in two lists is seen to be one; no number leaves notify.
    """

    contact = text(required=True)
    person = text()
    addresses = fields.List(
        fields.String(validate=validate.Regexp(r"^[0-9a-f]{32}$")), load_default=list, validate=validate.Length(max=100)
    )


class ContactsSchema(EventSchema):
    """Everybody of one agency as of `at`. The highest version of an agency wins, in whatever order they arrive.

    `agencies`: all that have contacts as of `at`, so that a reader knows whether it has heard of every one.
    """

    agency = text(required=True)
    version = fields.Integer(required=True)
    at = Moment(required=True)
    contacts = fields.List(fields.Nested(ListedContactSchema), required=True, validate=validate.Length(max=1000))
    agencies = codes()
