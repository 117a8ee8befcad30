"""What reporting keeps in MongoDB: the shape and the indexes of every collection.

The models are the description and make the indexes; everything reads and writes the same collections raw, because
building a document object costs ten times its decoding.
"""

from __future__ import annotations

from mongoengine import (
    BinaryField,
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    IntField,
    ListField,
    StringField,
)

ALIAS = "reporting"
# mongoengine keeps one register of class names per process, and a test's process holds notify's models too: what both
# services have is named for its service here.


def _meta(collection: str, *indexes: object) -> dict[str, object]:
    # Indexes are made by one command at start, never on the way: an index build in a request would hold it for minutes.
    return {
        "db_alias": ALIAS,
        "collection": collection,
        "indexes": list(indexes),
        "auto_create_index": False,
        "index_cls": False,
        "strict": False,
    }


class Fact(Document):
    """One event as received, by event id. Of copies that differ the one with the smallest `order` is kept.

    `headers` is a list of [name, value]; `body` the bytes of the data without its sealed parts; `counting` JSON of what
    was sealed to be counted. `sealed_under`: the key of an original that could not be opened and stays in the body.
    `times` counts every delivery that was written here.
    """

    id = StringField(primary_key=True)
    name = StringField()
    incident_id = StringField()
    order = StringField()
    headers = ListField(ListField())
    type = StringField()
    body = BinaryField()
    counting = StringField()
    sealed_under = StringField()
    time = DateTimeField()
    spool = StringField()
    seq = IntField()
    drill = BooleanField()
    stored_at = DateTimeField()
    times = IntField()
    meta = _meta(
        "facts",
        "incident_id",
        {"fields": ["name", "incident_id"]},
        {"fields": ["sealed_under"], "partialFilterExpression": {"sealed_under": {"$gt": ""}}},
    )


class Case(Document):
    """One child of an incident: counting values and clear facts, folded from its facts by cases.py.

    `refold`: its sealed values did not open, or nobody knew its commune; folded again when that may have changed.
    `siblings`: how many other children the report has. `version` counts the writes (a write names the version it was
    folded from). `ever` are the places ("<commune>|<half-month>") the case counts in or ever counted in. `reach`: its
    unit, its school and every agency that an alert was for: where a list looks for cases, never who may see one.
    """

    id = StringField(primary_key=True)
    incident_id = StringField()
    version = IntField()
    code = StringField()
    incident_code = StringField()
    siblings = IntField()
    commune = StringField()
    counted_in = StringField()
    village = StringField()
    received_at = DateTimeField()
    occurred_at = DateTimeField()
    segments = DictField()
    kinds = ListField(StringField())
    counting = DictField()
    drill = BooleanField()
    refold = BooleanField()
    alerts = ListField(DictField())
    deadlines = ListField(DictField())
    steps = ListField(DictField())
    state = StringField()
    open = BooleanField()
    involved = ListField(StringField())
    reach = ListField(StringField())
    withhold_from = ListField(StringField())
    withhold_contacts = ListField(StringField())
    released = ListField(StringField())
    liftable = ListField(StringField())
    ever = ListField(StringField())
    meta = _meta(
        "cases",
        "incident_id",
        "incident_code",
        {"fields": ["reach", "open", "-received_at"]},
        {"fields": ["counted_in", "segments.received_at"]},
        {"fields": ["counted_in", "segments.occurred_at"]},
        {"fields": ["refold"], "partialFilterExpression": {"refold": True}},
    )


class ReportingRoster(Document):
    """The contacts of an agency, by its code: ids, who is the same person, and hashes of numbers and mailboxes."""

    id = StringField(primary_key=True)
    version = IntField()
    contacts = ListField(DictField())
    agencies = ListField(StringField())
    meta = _meta("rosters")


class Segment(Document):
    """A unit's half-month, "<unit>|<half-month>". `wanted` only ever rises; a mark is never deleted.

    `dirty` is no more than a hint for the background recompute: whether a rollup is up to date is decided by `wanted`.
    """

    id = StringField(primary_key=True)
    unit = StringField()
    segment = StringField()
    wanted = IntField()
    dirty = BooleanField()
    meta = _meta("segments", {"fields": ["dirty"], "partialFilterExpression": {"dirty": True}})


class Rollup(Document):
    """The numbers of a unit's half-month under one form of the tree: "<unit>|<tree>|<half-month>".

    `wanted` is the mark that was read before the cases were. `indicators`: code -> {"total", "by": {grouping: rows}},
    rows as [value, number], zero rows left out.
    """

    id = StringField(primary_key=True)
    unit = StringField()
    tree = StringField()
    segment = StringField()
    wanted = IntField()
    shape = StringField()
    computed_at = DateTimeField()
    indicators = DictField()
    meta = _meta("rollups")


class Gap(Document):
    """Which numbers of a spool were seen, in any event, duplicates included. `last` is what its tally says."""

    id = StringField(primary_key=True)
    seen = ListField(ListField(IntField()))
    last = IntField()
    version = IntField()
    updated_at = DateTimeField()
    meta = _meta("gaps")


class Unfolded(Document):
    """An incident, by id, whose cases could not be folded from its facts. `reason` is a kind of failure."""

    id = StringField(primary_key=True)
    reason = StringField()
    since = DateTimeField()
    meta = _meta("unfolded")


class ReportingDeadLetter(Document):
    """A message that nobody could handle. `body` is None when it is large: then `file` names the sealed copy.

    `outgoing`: the event that tells of it, until the broker has it.
    """

    id = StringField(primary_key=True)
    event_id = StringField()
    name = StringField()
    queue = StringField()
    reason = StringField()
    at = DateTimeField()
    headers = ListField(ListField())
    type = StringField()
    sha256 = StringField()
    size = IntField()
    body = BinaryField()
    file = StringField()
    sealed_under = StringField()
    replayed_at = DateTimeField()
    outgoing = ListField(DictField())
    meta = _meta("dead_letters", {"fields": ["-at"]}, {"fields": ["outgoing.at"], "sparse": True})


class ReportingHeartbeat(Document):
    """The worker's sign of life, for the application's readiness: `problem` is None when it consumes."""

    id = StringField(primary_key=True)
    at = DateTimeField()
    problem = StringField()
    meta = _meta("heartbeats")


class State(Document):
    """Single values that the worker must remember, such as the form of the tree its marks were made for."""

    id = StringField(primary_key=True)
    value = StringField()
    meta = _meta("state")


class Snapshot(Document):
    """One version of a report: the exact numbers, and for each audience what it may see of them.

    `audiences`: audience -> {"data": canonical JSON, "sha256": of it, "changes": against the version before}.
    `made_from`: half-month -> the mark its rollup was computed for; `basis`: the form of the report and the counting.
    `outgoing`: events that the relay has not published yet; `pulled`: one receipt per reader.
    `access_log_head`: how far the access log was, and its last hash.
    """

    id = StringField(primary_key=True)
    report = StringField()
    definition = StringField()
    calendar = StringField()
    period = StringField()
    unit = StringField()
    version = IntField()
    definition_version = IntField()
    directory = StringField()
    as_of = DateTimeField()
    state = StringField()
    states = ListField(DictField())
    figures = DictField()
    audiences = DictField()
    withheld = DictField()
    labels = DictField()
    made_from = DictField()
    basis = StringField()
    places = ListField(StringField())
    outgoing = ListField(DictField())
    pulled = ListField(DictField())
    access_log_head = StringField()
    meta = _meta(
        "snapshots",
        {"fields": ["report", "-version"], "unique": True},
        {"fields": ["definition", "calendar", "period", "unit"]},
        "places",
        {"fields": ["outgoing.at"], "sparse": True},
    )


class Rendering(Document):
    """The bytes of a snapshot in a format, "<snapshot>|<audience>|<format>": rendered once, never again."""

    id = StringField(primary_key=True)
    snapshot = StringField()
    content = BinaryField()
    rendered_at = DateTimeField()
    meta = _meta("renderings")


MODELS = (
    Fact,
    Case,
    ReportingRoster,
    Segment,
    Rollup,
    Gap,
    Unfolded,
    ReportingDeadLetter,
    ReportingHeartbeat,
    State,
    Snapshot,
    Rendering,
)
