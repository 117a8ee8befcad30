"""A notice: a message without content for whoever keeps the system running, delivered by the same machinery."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, EmbeddedDocumentListField, StringField

from services.notify.documents.connection import ALIAS
from services.notify.documents.delivery import Delivery


class Notice(Document):
    """`_id` is UUIDv5(kind, what it is about): the same trouble is told once."""

    id = StringField(primary_key=True)
    kind = StringField(required=True)
    about = StringField(required=True)
    text = StringField(required=True)
    created_at = DateTimeField(required=True)
    deliveries = EmbeddedDocumentListField(Delivery)

    meta = {
        "db_alias": ALIAS,
        "collection": "notices",
        "auto_create_index": False,
        "strict": False,
        "indexes": ["deliveries.next_at", "created_at"],
    }
