"""What the services tell of themselves: reports, what could not be done, accounts, and how far a spool's numbers go."""

from __future__ import annotations

from marshmallow import fields

from shared.events.fields import EventSchema, Moment, text


class ReportSchema(EventSchema):
    """`reader`: the partner that pulled it, in `report.pulled`; `access_log_head`: in `report.published`."""

    definition = text(required=True)
    unit = text(required=True)
    calendar = text(required=True)
    period = text(required=True)
    version = fields.Integer(required=True)
    at = Moment(required=True)
    reader = text()
    access_log_head = text()


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


class AccountChangedSchema(EventSchema):
    """Something was done to an account of the staff that its owner must hear of, by whoever it was done.

    `account` is its id, `contact` the contact id that it had, `what`: PASSWORD_RESET, or one that came later. The words
    are notify's; neither name nor number is in it.
    """

    account = text(required=True)
    contact = text(required=True)
    what = text(required=True)
    at = Moment(required=True)


class TallySchema(EventSchema):
    spool = text(required=True)
    last_seq = fields.Integer(required=True)
