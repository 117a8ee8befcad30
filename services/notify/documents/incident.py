"""What notify knows of one incident: the report's clear part, later facts, the clocks of each child, what they tell."""

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

from services.notify.documents.alert import Pending
from services.notify.documents.connection import ALIAS
from services.notify.documents.delivery import Delivery


class ClockState(EmbeddedDocument):
    """One deadline of one child as it was last told. `version` rises with every event of it."""

    case_id = StringField(required=True)
    number = IntField(required=True)
    clock = StringField(required=True)
    started_at = DateTimeField(required=True)
    due_at = DateTimeField(required=True)
    met_at = DateTimeField()
    state = StringField(required=True)
    version = IntField(required=True)
    next_at = DateTimeField()


class Incident(Document):
    """`_id` is the incident's. Without `received_at` only later facts have come and the report is still on its way.

    `facts` are kept by event id, as services.notify.incident describes them. `version` rises with every change,
    `facts_version` with those that change who may know or what is owed. `next_action_at` is the next clock's.
    """

    id = StringField(primary_key=True)
    code = StringField()
    commune = StringField()
    village = StringField()
    received_at = DateTimeField()
    accepted_at = DateTimeField()
    drill = BooleanField(default=False)
    backfill = BooleanField(default=False)
    traceparent = StringField()
    directory = StringField()
    clear = DictField()
    children = ListField(DictField())
    facts = ListField(DictField())

    clocks = EmbeddedDocumentListField(ClockState)
    next_action_at = DateTimeField()
    version = IntField(required=True)
    facts_version = IntField(required=True)

    deliveries = EmbeddedDocumentListField(Delivery)
    outgoing = EmbeddedDocumentListField(Pending)

    meta = {
        "db_alias": ALIAS,
        "collection": "incidents",
        "auto_create_index": False,
        "strict": False,
        "indexes": [
            "code",
            "children.case_id",
            "facts.merged_into",
            "next_action_at",
            "deliveries.next_at",
            "outgoing.at",
        ],
    }
