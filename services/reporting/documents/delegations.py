"""Who may stand in for whom, from when until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.reporting.documents.store import Documents

Row = dict[str, Any]


def insert(delegations: Documents, delegation: Mapping[str, Any]) -> None:
    delegations.insert_one(dict(delegation))


def active_for(delegations: Documents, receiver: str, now: datetime) -> list[Row]:
    return list(
        delegations.find(
            {"receiver": receiver, "revoked_at": None, "starts_at": {"$lte": now}, "ends_at": {"$gt": now}}
        )
    )


def of_unit(delegations: Documents, unit: str, limit: int) -> list[Row]:
    return list(delegations.find({"unit": unit}).sort("created_at", -1).limit(limit))


def open_for(delegations: Documents, receiver: str, now: datetime) -> bool:
    """Whether there is one that has not ended, begun or not."""
    return delegations.find_one({"receiver": receiver, "revoked_at": None, "ends_at": {"$gt": now}}) is not None


def revocable(delegations: Documents, key: str, unit: str, now: datetime) -> Row | None:
    return delegations.find_one({"_id": key, "unit": unit, "revoked_at": None, "ends_at": {"$gt": now}})


def revoke(delegations: Documents, key: str, by: str, now: datetime) -> None:
    delegations.update_one({"_id": key, "revoked_at": None}, {"$set": {"revoked_at": now, "revoked_by": by}})
