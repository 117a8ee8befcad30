"""What identities are sealed under, and what is sealed: two collections, so that a backup can keep them apart."""

from __future__ import annotations

from mongoengine import BinaryField, DateTimeField, DictField, Document, ListField, StringField

from services.reporting.documents.models import _meta


class CaseKey(Document):
    """The key of one case, by its id: `wrapped` under the installation's key, whose fingerprint is `under`.

    After an erasure `wrapped` is gone for good, and `erased_at` keeps every later copy out. `hold` ({"at", "by"})
    forbids the erasure. Why, is sealed with the case; the access log has the row.
    """

    id = StringField(primary_key=True)
    incident_id = StringField()
    wrapped = BinaryField()
    under = StringField()
    made_at = DateTimeField()
    erased_at = DateTimeField()
    erased_by = StringField()
    hold = DictField()
    meta = _meta("case_keys", {"fields": ["erased_at"], "sparse": True}, {"fields": ["hold.at"], "sparse": True})


class SealedPart(Document):
    """What one event told of a case, "<case>|<source>": `parts` is a list of [name, sealed under the case's key].

    `shares`: [name, where, key], for the long text that is told of all children alike: it lies once for its incident
    ("<incident>|…", `case_id` is the incident's then), and its key is sealed under the key of each case.

    The id begins with the case's: one index less for every report.
    """

    id = StringField(primary_key=True)
    case_id = StringField()
    parts = ListField(ListField())
    shares = ListField(ListField())
    meta = _meta("sealed_parts")


MODELS = (CaseKey, SealedPart)
