"""What was last said of an agency's contacts: `contacts.listed`."""

from __future__ import annotations

from mongoengine import DateTimeField, Document, EmbeddedDocumentListField, IntField, ListField, StringField

from services.notify.documents.alert import Pending
from services.notify.documents.connection import ALIAS


class Roster(Document):
    """`_id` is the agency. `contacts` as listed: ids and keyed hashes, no name, no number."""

    id = StringField(primary_key=True)
    version = IntField(required=True)
    at = DateTimeField(required=True)
    contacts = ListField()
    outgoing = EmbeddedDocumentListField(Pending)

    meta = {
        "db_alias": ALIAS,
        "collection": "rosters",
        "auto_create_index": False,
        "strict": False,
        "indexes": ["outgoing.at"],
    }
