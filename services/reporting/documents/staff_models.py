"""What only readers make: accounts, sessions, delegations, and the log of who looked at what."""

from __future__ import annotations

from mongoengine import BinaryField, DateTimeField, DictField, Document, IntField, ListField, StringField

from services.reporting.documents.models import _meta

_ENDS = {"fields": ["expires_at"], "expireAfterSeconds": 0}


class Account(Document):
    """A person who may sign in. `generation` rises whenever every session of the account must end.

    `password` is an argon2id hash, `totp` the sealed secret, `totp_step` the newest time step whose code was used;
    `recovery` are keyed hashes of the codes that are left. Without a password nobody has set the account up yet.
    `unconfirmed` is who made or changed it, until a second person has confirmed it; before `cases_from` it opens no
    case; `happened` is what its owner is shown.
    """

    id = StringField(primary_key=True)
    user = StringField()
    name = StringField()
    role = StringField()
    unit = StringField()
    agency = StringField()
    contact = StringField()
    generation = IntField()
    password = StringField()
    totp = BinaryField()
    totp_step = IntField()
    recovery = ListField(StringField())
    created_at = DateTimeField()
    created_by = StringField()
    last_sign_in = DateTimeField()
    disabled_at = DateTimeField()
    unconfirmed = StringField()
    cases_from = DateTimeField()
    happened = ListField(DictField())
    meta = _meta("accounts", {"fields": ["user"], "unique": True}, "unit")


class StaffSession(Document):
    """The record of a session by its id: it is good only as long as this and the account's generation say so."""

    id = StringField(primary_key=True)
    account = StringField()
    generation = IntField()
    started_at = DateTimeField()
    expires_at = DateTimeField()
    ended_at = DateTimeField()
    meta = _meta("staff_sessions", "account", _ENDS)


class Opening(Document):
    """A part that may be shown once: its row in the access log is written. By the hash of the key in its address; no
    content is in it.
    """

    id = StringField(primary_key=True)
    session = StringField()
    case = StringField()
    part = StringField()
    expires_at = DateTimeField()
    meta = _meta("openings", _ENDS)


class Throttle(Document):
    """Failed attempts to sign in, by a keyed hash of what failed: no name and no address is in it."""

    id = StringField(primary_key=True)
    failures = IntField()
    next_at = DateTimeField()
    expires_at = DateTimeField()
    meta = _meta("throttles", _ENDS)


class Enrolment(Document):
    """Somebody is about to set a password: a new account, or one whose owner asked for a reset.

    `number`: keyed hash of what is read to the second person, or of the code that the administrator handed over;
    `browser`: hash of the cookie of the one browser that may go on; `asked_by`: who was signed in there. `totp` is the
    sealed secret that is being set up.
    """

    id = StringField(primary_key=True)
    kind = StringField()
    account = StringField()
    number = StringField()
    browser = StringField()
    asked_by = StringField()
    state = StringField()
    approved_by = StringField()
    totp = BinaryField()
    created_at = DateTimeField()
    expires_at = DateTimeField()
    meta = _meta("enrolments", {"fields": ["number"], "unique": True}, "account", _ENDS)


class Delegation(Document):
    """For a time somebody else of the unit may do what a role may."""

    id = StringField(primary_key=True)
    role = StringField()
    unit = StringField()
    giver = StringField()
    receiver = StringField()
    starts_at = DateTimeField()
    ends_at = DateTimeField()
    created_at = DateTimeField()
    revoked_at = DateTimeField()
    revoked_by = StringField()
    meta = _meta("delegations", "receiver", "unit")


class AccessRow(Document):
    """One row of the access log, by its number from 1. `hash` is over the row and `previous`, the hash before it."""

    id = IntField(primary_key=True)
    at = DateTimeField()
    account = StringField()
    role = StringField()
    unit = StringField()
    action = StringField()
    incident = StringField()
    case = StringField()
    part = StringField()
    reason = StringField()
    note = StringField()
    previous = StringField()
    hash = StringField()
    meta = _meta("access_log", "case", "account")


class OperatorNotice(Document):
    """Something that the operator is told, "<topic>|<key>"; the event waits in it until the broker has it."""

    id = StringField(primary_key=True)
    at = DateTimeField()
    topic = StringField()
    detail = StringField()
    outgoing = ListField(DictField())
    meta = _meta("operator_notices", {"fields": ["outgoing.at"], "sparse": True})


MODELS = (Account, StaffSession, Opening, Throttle, Enrolment, Delegation, AccessRow, OperatorNotice)
