"""The key of each case, made where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.reporting.documents import Store, case_keys
from services.reporting.keys.keyring import CaseKey, Keyring


def keys_of(store: Store, keyring: Keyring, incidents: Mapping[str, str], now: datetime) -> dict[str, CaseKey | None]:
    """By case; None where it was erased. `incidents`: the incident of each case. Raises what pymongo raises."""
    made = {case: keyring.make(case) for case in incidents}
    kept = case_keys.ensure(
        store.case_keys,
        [
            {
                "_id": case,
                "incident_id": incidents[case],
                "wrapped": keyring.wrap(key),
                "under": keyring.id,
                "made_at": now,
            }
            for case, key in made.items()
        ],
    )
    found: dict[str, CaseKey | None] = dict(made)
    for case, document in kept.items():
        found[case] = keyring.unwrap(document) if "wrapped" in document else None
    return found
