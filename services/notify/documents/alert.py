"""An alert: one agency's duty made known, its deliveries and the events it still has to tell."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    StringField,
)

from services.notify.documents.connection import ALIAS
from services.notify.documents.delivery import Delivery


class Link(EmbeddedDocument):
    """Who may acknowledge: the hash of the token of one contact's short link. `ended_at`: not any more."""

    token_sha256 = StringField(required=True)
    contact = StringField(required=True)
    person = StringField()
    agency = StringField(required=True)
    ended_at = DateTimeField()


class Lapse(EmbeddedDocument):
    """An acknowledgement that counts no more: by somebody who must not know, or without a step in time."""

    at = DateTimeField(required=True)
    acknowledged_at = DateTimeField(required=True)
    contact = StringField()
    why = StringField(required=True)


class Pending(EmbeddedDocument):
    """An event that the relay has not yet published: in the same update as the state that it tells of."""

    id = StringField(required=True)
    at = DateTimeField(required=True)
    event = DictField(required=True)


class Alert(Document):
    """`_id` is UUIDv5(incident, agency, duty, occasion). Times are UTC.

    Labels are kept as they were when the alert was raised: a repeated message must be identical to the first.
    `facts` is the clear part that decides who may know, of the report and of what came later. `over_at`: nobody is
    chased any more because staff have ended it. `exhausted_at`: when there was nobody left to tell.
    """

    id = StringField(primary_key=True)
    incident_id = StringField(required=True)
    code = StringField(required=True)
    commune = StringField()
    commune_name = StringField()
    village = StringField()
    village_name = StringField()
    kind_groups = ListField(StringField())
    urgency = StringField(required=True)
    danger = BooleanField(null=True)
    drill = BooleanField(default=False)
    facts = DictField()
    directory = StringField()
    traceparent = StringField()

    agency = StringField(required=True)
    agency_name = StringField()
    agency_kind = StringField(required=True)
    duty = StringField(required=True)
    duty_name = StringField()
    occasion = StringField(required=True)
    why = StringField()

    state = StringField(required=True)
    version = IntField(required=True)
    accepted_at = DateTimeField(required=True)
    received_at = DateTimeField(required=True)
    raised_at = DateTimeField(required=True)
    due_at = DateTimeField(required=True)
    acknowledged_at = DateTimeField()
    acknowledged_by = StringField()
    acknowledged_agency = StringField()
    acknowledged_contact = StringField()
    lapses = EmbeddedDocumentListField(Lapse)
    withdrawn_at = DateTimeField()
    escalation_level = IntField(default=0)
    told = ListField(StringField())
    next_action_at = DateTimeField()
    over_at = DateTimeField()
    exhausted_at = DateTimeField()
    stuck_since = DateTimeField()

    links = EmbeddedDocumentListField(Link)
    deliveries = EmbeddedDocumentListField(Delivery)
    outgoing = EmbeddedDocumentListField(Pending)

    meta = {
        "db_alias": ALIAS,
        "collection": "alerts",
        "auto_create_index": False,
        "strict": False,
        "indexes": [
            {"fields": ["incident_id", "agency", "duty", "occasion"], "unique": True},
            "links.token_sha256",
            "deliveries.next_at",
            "next_action_at",
            {"fields": ["exhausted_at"], "sparse": True},
            "outgoing.at",
        ],
    }
