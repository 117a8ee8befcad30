"""Setting a password for the first time, or anew: asked for, approved by a second person, done in one browser."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.reporting.documents.store import Documents

ASKED, APPROVED, DONE = "asked", "approved", "done"
# CONFIRM: what proves who it is stays; a second person says that the account is right.
RESET, NEW, CONFIRM = "reset", "new", "confirm"
Row = dict[str, Any]


def insert(enrolments: Documents, enrolment: Mapping[str, Any]) -> bool:
    """False when this number is in use."""
    try:
        enrolments.insert_one(dict(enrolment))
    except DuplicateKeyError:
        return False
    return True


def of_number(enrolments: Documents, number: str, now: datetime) -> Row | None:
    return enrolments.find_one({"number": number, "expires_at": {"$gt": now}})


def of_browser(enrolments: Documents, key: str, browser: str, now: datetime) -> Row | None:
    """The one that this browser may go on with, whatever its state."""
    return enrolments.find_one({"_id": key, "browser": browser, "expires_at": {"$gt": now}})


def approve(enrolments: Documents, key: str, account: str, by: str, until: datetime, now: datetime) -> bool:
    """False when it is not waiting any more, or is not for that account."""
    result = enrolments.update_one(
        {"_id": key, "account": account, "state": ASKED, "expires_at": {"$gt": now}},
        {"$set": {"state": APPROVED, "approved_by": by, "expires_at": until}},
    )
    return result.modified_count == 1


def take(enrolments: Documents, number: str, account: str, browser: str, until: datetime, now: datetime) -> Row | None:
    """Bind the code of a new account to the browser in which it was typed; None when that was done before."""
    return enrolments.find_one_and_update(
        {
            "number": number,
            "account": account,
            "kind": NEW,
            "state": APPROVED,
            "browser": None,
            "expires_at": {"$gt": now},
        },
        {"$set": {"browser": browser, "expires_at": until}},
        return_document=ReturnDocument.AFTER,
    )


def ask(enrolments: Documents, key: str, number: str) -> bool:
    """A taken one waits for a second person, who is told this number. False when the number is in use."""
    try:
        enrolments.update_one({"_id": key}, {"$set": {"state": ASKED, "number": number}})
    except DuplicateKeyError:
        return False
    return True


def prepared(enrolments: Documents, key: str, totp: bytes) -> Row | None:
    """Keep the secret that is being set up; the first one stays, so that a page loaded twice shows the same."""
    enrolments.update_one({"_id": key, "state": APPROVED, "totp": None}, {"$set": {"totp": totp}})
    return enrolments.find_one({"_id": key, "state": APPROVED})


def finish(enrolments: Documents, key: str) -> bool:
    """False when somebody else was first."""
    return enrolments.update_one({"_id": key, "state": APPROVED}, {"$set": {"state": DONE}}).modified_count == 1


def drop(enrolments: Documents, account: str) -> None:
    """Every open one of an account ends: it was disabled, got a newer code, or has just been set up."""
    enrolments.delete_many({"account": account, "state": {"$ne": DONE}})
