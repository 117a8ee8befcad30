"""Contacts: people of an agency with their numbers and mailboxes. They belong to notify alone."""

from __future__ import annotations

from mongoengine import Document, ListField, StringField

from services.notify.documents.connection import ALIAS


class Contact(Document):
    """`person` is the human being: two rows with one person are one person in two agencies.

    `order`: `first` is told at once, `second` while nobody has acknowledged.
    """

    id = StringField(primary_key=True)
    agency = StringField(required=True)
    person = StringField(required=True)
    name = StringField(required=True)
    phones = ListField(StringField(regex=r"^\+[1-9][0-9]{7,14}$"))
    mailboxes = ListField(StringField(regex=r"^[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9.-]+$"))
    order = StringField(required=True, choices=("first", "second"))
    langs = ListField(StringField())

    meta = {
        "db_alias": ALIAS,
        "collection": "contacts",
        "auto_create_index": False,
        "strict": False,
        "indexes": ["agency", "person"],
    }
