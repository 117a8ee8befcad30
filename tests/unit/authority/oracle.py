"""Who may know, worked out the slow way from the sentences of the rules; it calls nothing of the code under test.

Of the product it takes the data (units, agencies, contacts, the shipped tables as YAML), none of the functions that
judge: no `excluded_agencies`, no `Barrier`, no `ladder`, no `duties`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, timedelta
from functools import cache, lru_cache
from typing import Any

import yaml

from shared.authority import Clear, Contact
from shared.directory import Agency, Unit
from tests.unit.authority.conftest import SHIPPED
from tests.unit.authority.grid import GRID
from tests.unit.authority.worlds import World


@cache
def _table(name: str) -> dict[str, dict[str, Any]]:
    tables = yaml.safe_load((SHIPPED / "codes.yaml").read_text("utf-8"))["tables"]
    return {row["code"]: row for row in tables[name]["codes"]}


@cache
def _rows() -> list[dict[str, Any]]:
    return yaml.safe_load((SHIPPED / "duties.yaml").read_text("utf-8"))["rows"]  # type: ignore[no-any-return]


class Oracle:
    """What may be known of one report, as it stands now, in one world."""

    def __init__(self, world: World, clear: Clear) -> None:
        self.units: dict[str, Unit] = dict(world.directory.units)
        self.agencies: dict[str, Agency] = dict(world.directory.all_agencies)
        self.home = world.directory.home
        self.contacts = world.contacts
        self.clear = clear
        # Vietnam's day, seven hours ahead all year round.
        self.day: date = (world.at.astimezone(UTC) + timedelta(hours=7)).date()
        self.excluded = self._excluded()
        self.barred = self._barred()

    # --- agencies -----------------------------------------------------------------------------------------------

    def _excluded(self) -> set[str]:
        asked = self._meant(self.clear.withhold_from)
        relation = self._of_kinds(self._barred_kinds()) - self._meant(self.clear.released)
        excluded = asked | relation
        top = self._at_the_top(self.clear.commune)
        if all(one.code in excluded for one in top):
            # A report that nobody may read protects the wrong person.
            excluded -= {one.code for one in self._for_children(top)}
        return excluded

    def _barred_kinds(self) -> set[str]:
        relations, kinds = _table("relations"), _table("kinds")
        suspects = [code if code in relations else "UNKNOWN" for code in self.clear.relations]
        accident = self.clear.kinds and all(kinds.get(code, {}).get("no_suspect") for code in self.clear.kinds)
        if not suspects and not accident:
            suspects = ["UNKNOWN"]
        places = {kinds.get(code, {}).get("environment") for code in self.clear.kinds} | {self.clear.environment}
        places -= {None}
        barred: set[str] = set()
        for suspect in suspects:
            barred |= set(relations[suspect]["bars"])
            for place in places or {"UNKNOWN"}:
                barred |= set(relations[suspect].get("bars_where", {}).get(place, []))
        return barred

    def _of_kinds(self, kinds: Iterable[str]) -> set[str]:
        return {one.code for one in self.agencies.values() if one.kind in set(kinds)}

    def _meant(self, codes: Iterable[str]) -> set[str]:
        """An agency, all agencies of a kind, or all of a unit."""
        codes = set(codes)
        return codes | {one.code for one in self.agencies.values() if one.kind in codes or one.unit in codes}

    def _lives(self, one: Agency | Unit) -> bool:
        return (one.valid_from or date.min) <= self.day <= (one.valid_to or date.max)

    def _up(self, unit: str) -> list[str]:
        """The unit and those above it, today."""
        found = [unit]
        while True:
            links = [link.to for link in self.units[found[-1]].parents
                     if (link.valid_from or date.min) <= self.day <= (link.valid_to or date.max)]  # fmt: skip
            if not links:
                return found
            found += links

    def _here(self, unit: str | None) -> str:
        known = unit in self.units and self._lives(self.units[unit])
        return unit if known and unit is not None else self.home

    def _at_the_top(self, unit: str | None) -> list[Agency]:
        top = self._up(self._here(unit))[-1]
        return [one for one in self.agencies.values() if one.unit == top and self._lives(one)]

    def _for_children(self, agencies: list[Agency]) -> list[Agency]:
        return [one for one in agencies if one.kind == "child_superior"] or agencies

    def commune(self) -> str:
        """Whose committee and police act."""
        levels = {code: self.units[code].level for code in self._up(self._here(self.clear.commune))}
        return next((code for code, level in levels.items() if level == "COMMUNE"), self.home)

    def owners(self) -> set[str]:
        """Agencies that the matrix names, excluded or not."""
        found: set[str] = set()
        for kind in self._told_kinds():
            if kind == "school":
                found |= {
                    code for code in self.clear.schools
                    if code in self.agencies and self.agencies[code].kind == "school"
                    and self._lives(self.agencies[code])
                }  # fmt: skip
                continue
            for unit in self._up(self.commune()):
                here = {a.code for a in self.agencies.values() if (a.unit, a.kind) == (unit, kind) and self._lives(a)}
                if here:
                    found |= here
                    break
        return found

    def _told_kinds(self) -> set[str]:
        table, given = _table("kinds"), self.clear.kinds
        unknown = not given or any(code not in table for code in given)
        words = set(given) | {table[code]["group"] for code in given if code in table}
        if any(table[code]["abuse"] for code in given if code in table):
            words.add("abuse")
        danger = {None: "unknown", True: "now", False: "not_now"}[self.clear.danger]
        place = self.clear.environment
        anywhere = place not in _table("environments") or place == "UNKNOWN"
        told: set[str] = set()
        for row in _rows():
            if (
                (unknown or "any" in row["kinds"] or words & set(row["kinds"]))
                and ("any" in row["danger"] or danger in row["danger"])
                and (anywhere or "any" in row["environment"] or place in row["environment"])
            ):
                told |= set(row["tell"])
        return told

    def line(self) -> set[str]:
        """Owners, and above them in any way: superiors and the units' agencies for children; not the excluded."""
        found = self.owners()
        grown = True
        while grown:
            more: set[str] = set()
            for agency in (self.agencies[code] for code in found):
                more |= {link.to for link in agency.superiors
                         if (link.valid_from or date.min) <= self.day <= (link.valid_to or date.max)}  # fmt: skip
                for unit in self._up(self._here(agency.unit))[1:]:
                    more |= {a.code for a in self.agencies.values()
                             if (a.unit, a.kind) == (unit, "child_superior") and self._lives(a)}  # fmt: skip
            grown = not more <= found
            found |= more
        return found - self.excluded

    def alertable(self) -> set[str]:
        """Every agency that may be alerted at all: the line, and any of the top where nobody of the line can be."""
        top = {one.code for owner in self.owners() for one in self._at_the_top(self.agencies[owner].unit)}
        return self.line() | (top - self.excluded)

    # --- people -------------------------------------------------------------------------------------------------

    def _barred(self) -> set[str]:
        """Ids of contacts: of an excluded agency, or a person, number or mailbox of one; or withheld by name."""
        barred = self._barred_by(self.clear.withheld_contacts)
        # Whoever at the top is for children, of the agencies there that may know, has the last word on all the others.
        top = [one for one in self._at_the_top(self.clear.commune) if one.code not in self.excluded]
        last = [one for one in self.contacts if one.agency in {agency.code for agency in self._for_children(top)}]
        if any(one.id not in barred for one in last):
            return barred
        themselves = {name for one in last for name in _one_person(self.contacts)[one.id]}
        return self._barred_by(self.clear.withheld_contacts - themselves)

    def _barred_by(self, withheld: frozenset[str]) -> set[str]:
        named = [one.id for one in self.contacts if one.agency in self.excluded or one.id in withheld]
        return {name for one in named for name in _one_person(self.contacts)[one]}

    def tellable(self, contact: Contact) -> bool:
        return contact.agency not in self.excluded and contact.id not in self.barred

    def shown(self, role: str, unit: str, agency: str, contact: str, endpoint: str, involved: Iterable[str]) -> bool:
        """For a case endpoint: `unit`, `agency` and `contact` are the account's."""
        known = [one for one in self.contacts if one.id == contact and one.agency == agency]
        if not known or not all(self.tellable(one) for one in known):
            return False
        school = self.agencies[agency].kind == "school"
        reach = GRID[role, endpoint]
        return (
            (reach == "O" and unit == self.commune())
            or (reach == "C" and (agency in self.owners() or (agency in set(involved) and not school)))
            or (reach == "I" and agency in set(involved))
        )


@lru_cache(maxsize=2)
def _one_person(contacts: tuple[Contact, ...]) -> dict[str, set[str]]:
    """For each contact all who may be the same human being: one person, or two who read one number somewhere."""
    places = {one.id: [one, *(here for here in contacts if _same_person(here, one))] for one in contacts}
    return {
        one.id: {other.id for other in contacts if one is other or any(
            _same_person(here, there) or _meet(here, there) for here in places[one.id] for there in places[other.id]
        )} for one in contacts
    }  # fmt: skip


def _same_person(one: Contact, other: Contact) -> bool:
    return one.person is not None and one.person == other.person


def _meet(one: Contact, other: Contact) -> bool:
    """Whether a message to the one can be read by the other."""
    return bool(_addresses(one) & _addresses(other))


@lru_cache(maxsize=1024)
def _addresses(one: Contact) -> set[str]:
    # The last eight digits: numbers of these worlds differ in them however they are written.
    return {"".join(filter(str.isdigit, phone))[-8:] for phone in one.phones} | {box.upper() for box in one.mailboxes}
