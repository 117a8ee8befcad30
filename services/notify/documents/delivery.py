"""Deliveries: embedded in what they deliver, so that state and work are one document and one update."""

from __future__ import annotations

from mongoengine import (
    DateTimeField,
    DictField,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    StringField,
)


class Attempt(EmbeddedDocument):
    """One call of a provider. No `outcome`: nobody came back to say, so the call may have arrived."""

    claim = StringField(required=True)
    started_at = DateTimeField(required=True)
    ended_at = DateTimeField()
    outcome = StringField()
    reason = StringField()
    provider_id = StringField()


class Delivery(EmbeddedDocument):
    """One contact on one channel. `next_at` is when somebody has to look at it again; None when it is settled.

    `claim` names the dispatcher's round that holds it until `next_at` (the lease); `generation` counts the claims, so
    that a late answer of an earlier one can't overwrite a newer state. `ended_at`: the contact must not be told any
    more. `about` says what a message on a clock is of; a message on an alert is of the alert.
    """

    id = StringField(required=True)
    contact = StringField(required=True)
    person = StringField()
    agency = StringField()
    channel = StringField(required=True)
    to = StringField(required=True)
    level = IntField(default=0)
    state = StringField(required=True)
    next_at = DateTimeField()
    expires_at = DateTimeField(required=True)
    claim = StringField()
    generation = IntField(default=0)
    attempts = EmbeddedDocumentListField(Attempt)
    failures = IntField(default=0)
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)
    ended_at = DateTimeField()
    about = DictField()
