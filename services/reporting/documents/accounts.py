"""Accounts: what is spent or set once is one conditional update, so that of two requests at the same moment one wins.

What an administrator says of somebody is written as it was said last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from services.reporting.documents.store import Documents

Row = dict[str, Any]
_KEPT = 20


def insert(accounts: Documents, account: Mapping[str, Any]) -> bool:
    """False when there is an account of that user name."""
    try:
        accounts.insert_one(dict(account))
    except DuplicateKeyError:
        return False
    return True


def one(accounts: Documents, key: str) -> Row | None:
    return accounts.find_one({"_id": key})


def by_user(accounts: Documents, user: str) -> Row | None:
    return accounts.find_one({"user": user})


def listed(accounts: Documents, units: Sequence[str] | None = None) -> list[Row]:
    """By unit and user name; of every unit when none is named. Without what proves anybody's identity."""
    query: Row = {} if units is None else {"unit": {"$in": list(units)}}
    secret = {"password": 0, "totp": 0, "totp_step": 0, "recovery": 0}
    return list(accounts.find(query, secret).sort([("unit", 1), ("user", 1)]))


def known(accounts: Documents, keys: Sequence[str], contacts: Sequence[str]) -> list[Row]:
    """Name and contact of the accounts with these ids, and of those in use of these contacts."""
    query: Row = {"$or": [{"_id": {"$in": list(keys)}}, {"contact": {"$in": list(contacts)}, "disabled_at": None}]}
    return list(accounts.find(query, {"name": 1, "contact": 1, "disabled_at": 1}).sort("user", 1))


def of_contact(accounts: Documents, contact: str, but: str | None) -> bool:
    """Whether an account in use other than `but` has this contact."""
    return accounts.find_one({"contact": contact, "disabled_at": None, "_id": {"$ne": but}}, {"_id": 1}) is not None


def use_step(accounts: Documents, account: Row, step: int) -> bool:
    """Spend a code of the second factor. False when it, or a later one, was spent already, or the account changed."""
    result = accounts.update_one({**_as_read(account), "totp_step": {"$lt": step}}, {"$set": {"totp_step": step}})
    return result.modified_count == 1


def use_recovery(accounts: Documents, account: Row, code: str) -> bool:
    """Spend a recovery code, by its hash. False when it was spent already, or the account changed."""
    result = accounts.update_one({**_as_read(account), "recovery": code}, {"$pull": {"recovery": code}})
    return result.modified_count == 1


def visited(accounts: Documents, key: str, now: datetime) -> None:
    """Its owner is in. A code that was right and let nobody in is no visit: what happened has been seen by nobody."""
    accounts.update_one({"_id": key}, {"$set": {"last_sign_in": now}})


def rehashed(accounts: Documents, account: Row, password: str) -> None:
    accounts.update_one({**_as_read(account), "password": account["password"]}, {"$set": {"password": password}})


def enrol(
    accounts: Documents,
    key: str,
    generation: int,
    *,
    password: str,
    totp: bytes,
    step: int,
    recovery: Sequence[str],
    cases_from: datetime | None = None,
) -> bool:
    """Set everything that proves who it is, and end every session. False when the account changed in between."""
    result = accounts.update_one(
        {"_id": key, "generation": generation, "disabled_at": None},
        {
            "$set": {
                "password": password,
                "totp": totp,
                "totp_step": step,
                "recovery": list(recovery),
                "cases_from": cases_from,
            },
            "$inc": {"generation": 1},
        },
    )
    return result.modified_count == 1


def renew_recovery(accounts: Documents, account: Row, step: int, recovery: Sequence[str]) -> bool:
    """New recovery codes for one code of the second factor. False as `use_step`."""
    result = accounts.update_one(
        {**_as_read(account), "totp_step": {"$lt": step}}, {"$set": {"totp_step": step, "recovery": list(recovery)}}
    )
    return result.modified_count == 1


def end_sessions(accounts: Documents, key: str) -> None:
    accounts.update_one({"_id": key}, {"$inc": {"generation": 1}})


def disable(accounts: Documents, key: str, now: datetime) -> bool:
    """False when there is no such account in use."""
    result = accounts.update_one(
        {"_id": key, "disabled_at": None}, {"$set": {"disabled_at": now}, "$inc": {"generation": 1}}
    )
    return result.modified_count == 1


def enable(accounts: Documents, key: str, unconfirmed: str | None) -> bool:
    """Back in use with the password that it had: nobody but its owner can set it up. `unconfirmed` as for `change`."""
    result = accounts.update_one(
        {"_id": key, "disabled_at": {"$ne": None}},
        {"$set": {"disabled_at": None, "unconfirmed": unconfirmed}, "$inc": {"generation": 1}},
    )
    return result.modified_count == 1


def change(accounts: Documents, key: str, fields: Mapping[str, Any], unconfirmed: str | None = None) -> None:
    """Another role, unit, agency or contact; what is signed says the old ones, so its sessions end.

    `unconfirmed`: who changed it, if it signs in to nothing before a second person has confirmed it.
    """
    accounts.update_one({"_id": key}, {"$set": {**fields, "unconfirmed": unconfirmed}, "$inc": {"generation": 1}})


def confirm(accounts: Documents, account: Row) -> bool:
    """A second person has seen it as it was read. False when it changed in between."""
    return accounts.update_one(_as_read(account), {"$set": {"unconfirmed": None}}).matched_count == 1


def remember(accounts: Documents, key: str, what: str, now: datetime) -> None:
    """Something that its owner is shown at the next sign-in, and some time after."""
    accounts.update_one({"_id": key}, {"$push": {"happened": {"$each": [{"what": what, "at": now}], "$slice": -_KEPT}}})


def _as_read(account: Row) -> Row:
    return {"_id": account["_id"], "generation": account["generation"], "disabled_at": None}
