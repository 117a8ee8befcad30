"""What was opened and is yet to be shown: once, in the session that asked, for two minutes."""

from __future__ import annotations

from datetime import datetime

from services.reporting.documents.store import Documents


def insert(openings: Documents, key: str, session: str, case: str, part: str, until: datetime) -> None:
    openings.insert_one({"_id": key, "session": session, "case": case, "part": part, "expires_at": until})


def take(openings: Documents, key: str, session: str, case: str, part: str, now: datetime) -> bool:
    """False when there is none, of the same sign-in and part; of two requests at the same moment one gets it."""
    asked = {"_id": key, "session": session, "case": case, "part": part, "expires_at": {"$gt": now}}
    return openings.find_one_and_delete(asked) is not None
