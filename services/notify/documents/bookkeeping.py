"""What the worker keeps about itself and its inputs: numbers seen, dead letters, heartbeats, what was loaded."""

from __future__ import annotations

from mongoengine import BooleanField, DateTimeField, DictField, Document, DynamicField, IntField, ListField, StringField

from services.notify.documents.connection import ALIAS


class Spool(Document):
    """Which numbers of one intake's sequence have been handled. `intervals` are closed, `gaps` are those known of."""

    id = StringField(primary_key=True)
    intervals = ListField(ListField(IntField()))
    last_seq = IntField(default=0)
    version = IntField(default=0)
    seen_at = DateTimeField()
    gaps = ListField(DictField())

    meta = {"db_alias": ALIAS, "collection": "spools", "auto_create_index": False, "strict": False}


class DeadLetter(Document):
    """A message that could not be handled, kept whole until it was replayed. `headers` are a list of pairs."""

    id = StringField(primary_key=True)
    event_id = StringField()
    name = StringField()
    incident_id = StringField()
    commune = StringField()
    drill = BooleanField(default=False)
    queue = StringField()
    routing_key = StringField()
    type = StringField()
    content_type = StringField()
    timestamp = IntField()
    headers = ListField(DynamicField())
    body = DynamicField()
    body_sha256 = StringField()
    size = IntField()
    reason = StringField()
    dead_at = DateTimeField(required=True)
    stored_at = DateTimeField(required=True)
    replayed_at = DateTimeField()
    deaths = IntField()

    meta = {
        "db_alias": ALIAS,
        "collection": "dead_letters",
        "auto_create_index": False,
        "strict": False,
        "indexes": ["stored_at", "event_id"],
    }


class Heartbeat(Document):
    """One worker process: alive at `at`. `parts` says of each of its threads whether it runs."""

    id = StringField(primary_key=True)
    at = DateTimeField(required=True)
    started_at = DateTimeField(required=True)
    broker = BooleanField(required=True)
    directory = StringField()
    parts = DictField()

    meta = {
        "db_alias": ALIAS,
        "collection": "heartbeats",
        "auto_create_index": False,
        "strict": False,
        "indexes": [{"fields": ["at"], "expireAfterSeconds": 86_400}],
    }


class Marker(Document):
    """That something was done once, such as loading the first contacts."""

    id = StringField(primary_key=True)
    at = DateTimeField(required=True)
    sha256 = StringField()

    meta = {"db_alias": ALIAS, "collection": "markers", "auto_create_index": False, "strict": False}
