"""`operator.noted`: what a service wants in the operator's mailbox; notify alone sends mail."""

from __future__ import annotations

from shared.events.fields import EventSchema, Moment, text


class OperatorNotedSchema(EventSchema):
    """What whoever keeps the system running should have in his mailbox, without content.

    `topic`: ACCESS_LOG_HEAD (`detail`: count and hash), SEALED_TOO_LONG (`detail`: count), or one that came later.
    """

    topic = text(required=True)
    detail = text(required=True)
    at = Moment(required=True)
