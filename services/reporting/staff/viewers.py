"""Who an account is to authority at this moment: its hats, and what others have handed over to it for now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.reporting.documents import Store, accounts, delegations, translated
from services.reporting.staff.entering import waits_until
from shared.authority import Viewer


def viewer_of(store: Store, account: dict[str, Any], now: datetime) -> Viewer:
    """`account` as it is stored now. Raises `DependencyDown`."""
    return Viewer(
        account=account["_id"],
        role=account["role"],
        unit=account["unit"],
        agency=account["agency"],
        # Without a contact nobody sees a case.
        contact=None if waits_until(account, now) else account["contact"],
        delegated=_delegated(store, account, now),
    )


def _delegated(store: Store, account: dict[str, Any], now: datetime) -> frozenset[str]:
    """Roles that others of the same unit have handed over for now, and still have themselves."""
    with translated():
        found = delegations.active_for(store.delegations, account["_id"], now)
        givers = {one["giver"]: accounts.one(store.accounts, one["giver"]) for one in found}
    return frozenset(
        one["role"]
        for one in found
        if one["unit"] == account["unit"]
        and (giver := givers[one["giver"]]) is not None
        and giver["disabled_at"] is None
        and not giver.get("unconfirmed")
        and (giver["role"], giver["unit"]) == (one["role"], one["unit"])
    )
