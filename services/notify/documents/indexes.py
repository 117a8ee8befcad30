"""Indexes are made at the worker's start, never at import, and `/readyz` asks whether they are there."""

from __future__ import annotations

from services.notify.documents.alert import Alert
from services.notify.documents.bookkeeping import DeadLetter, Heartbeat, Marker, Spool
from services.notify.documents.connection import database, store
from services.notify.documents.contact import Contact
from services.notify.documents.incident import Incident
from services.notify.documents.notice import Notice
from services.notify.documents.roster import Roster

_ALL = (Alert, Incident, Notice, Roster, Contact, Spool, DeadLetter, Heartbeat, Marker)


def make() -> None:
    """Make what is missing; as often as one likes. Raises `DependencyDown`."""
    with store():
        for document in _ALL:
            document.ensure_indexes()


def missing() -> list[str]:
    """Names of collections that lack the indexes without which duties could be doubled. Raises `DependencyDown`."""
    with store():
        # Alerts alone have a rule that an index enforces: one per incident, agency, duty and occasion.
        held = database()["alerts"].index_information().values()
        return [] if any(index.get("unique") and len(index["key"]) == 4 for index in held) else ["alerts"]
