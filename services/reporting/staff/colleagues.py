"""Whom a conflict may be about, and what those who worked on a case are called (pure).

The lists of contacts have no names: a person is called as an account of theirs is, or by the contact and its agency.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.reporting.staff.case_view import Names, agency_label
from services.reporting.staff.sight import Sight

Account = Mapping[str, Any]
ME = "Chính tôi"


@dataclass(frozen=True)
class Colleague:
    """`own`: of the agency of whoever is asking."""

    contact: str
    name: str
    agency: str
    own: bool


def colleagues(sight: Sight, agencies: Collection[str], accounts: Iterable[Account]) -> list[Colleague]:
    """Every contact of these agencies and of the own one, who asks first, then the own agency, then by agency."""
    viewer = sight.viewer
    names = _named(accounts)
    found = []
    for one in sight.roster:
        if one.agency not in agencies and one.agency != viewer.agency:
            continue
        name = ME if one.id == viewer.contact else names.get(one.id, one.id)
        found.append(
            Colleague(one.id, name, agency_label(one.agency, sight.directory), own=one.agency == viewer.agency)
        )
    return sorted(found, key=lambda one: (one.name != ME, not one.own, one.agency, one.name))


def names_of(sight: Sight, accounts: Collection[Account]) -> Names:
    """For those who may know everything of a case."""
    named = _named(accounts)
    return Names(
        accounts={one["_id"]: one["name"] for one in accounts},
        contacts={
            one.id: f"{named.get(one.id, one.id)} ({agency_label(one.agency, sight.directory)})" for one in sight.roster
        },
    )


def _named(accounts: Iterable[Account]) -> dict[str, str]:
    return {one["contact"]: one["name"] for one in accounts if one.get("contact") and one.get("disabled_at") is None}
