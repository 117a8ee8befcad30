"""Small random worlds for the property test: a tree, agencies, people with two hats and shared numbers, a report.

Everything is read off a string of bytes, which hypothesis makes and makes smaller: byte 0 always stands for the
plainest choice. So ten thousand worlds take a minute, and one that fails shrinks to something that can be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TypeVar

from shared.authority import Clear, Contact, Listed
from shared.directory import Agency, Directory, Link, Unit, load
from shared.directory.tree import Tree
from tests.unit.authority.conftest import SHIPPED

SHIPPED_DIRECTORY = load(SHIPPED)
LAST_DAY, NEXT_DAY = date(2025, 6, 30), date(2025, 7, 1)
TIMES = (datetime(2026, 1, 10, 3, tzinfo=UTC), datetime(2025, 6, 30, 3, tzinfo=UTC))
SIZE = 192
T = TypeVar("T")


class Dice:
    """Choices from bytes; when these are used up, the plainest."""

    def __init__(self, content: bytes) -> None:
        self._content = iter(content)

    def one(self, options: Sequence[T]) -> T:
        return options[next(self._content, 0) % len(options)]

    def some(self, options: Sequence[T], most: int) -> tuple[T, ...]:
        return tuple(dict.fromkeys(self.one(options) for _ in range(self.one(range(most + 1)))))

    def chance(self, of: int) -> bool:
        """True once in so many times, and never for byte 0."""
        return self.one(range(of)) == of - 1


@dataclass(frozen=True)
class Change:
    """Something staff declared later: a conflict, or agencies that may know again."""

    withheld: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    released: tuple[str, ...] = ()


@dataclass(frozen=True)
class World:
    directory: Directory
    contacts: tuple[Contact, ...]
    clear: Clear
    changes: tuple[Change, ...]
    at: datetime
    dice: Dice

    def described(self) -> str:
        """What a test notes of a world that fails: the tree and the people, not the tables that all share."""
        ties = [
            f"{one.code}<{'|'.join(link.to for link in one.superiors)}" for one in self.directory.all_agencies.values()
        ]
        people = [f"{one.id} {one.person} {one.phones} {one.mailboxes} {one.order}" for one in self.contacts]
        return "\n".join([f"World at {self.at}", *ties, *people, str(self.clear), *map(str, self.changes)])

    @property
    def roster(self) -> tuple[Listed, ...]:
        """The same contacts as the other services know them."""
        return tuple(
            Listed(one.id, one.agency, one.person, tuple(_hashed(text) for text in (*one.phones, *one.mailboxes)))
            for one in self.contacts
        )


def world(content: bytes) -> World:
    dice = Dice(content)
    units = _units(dice)
    agencies = _agencies(dice, units)
    directory = replace(
        SHIPPED_DIRECTORY,
        home="xa-1",
        tree=Tree({one.code: one for one in units}, {one.code: one for one in agencies}),
    )
    contacts = _contacts(dice, agencies)
    clear = _report(dice, directory)
    changes = tuple(_change(dice, directory, contacts) for _ in range(dice.one(range(3))))
    return World(directory, contacts, clear, changes, dice.one(TIMES), dice)


def _units(dice: Dice) -> list[Unit]:
    """Two communes under a province: directly, under a district, or under a district that another unit followed."""
    middle = dice.one(("none", "district", "followed"))
    units = [Unit("tinh", "tinh", "tinh", "PROVINCE", ())]
    until = LAST_DAY if middle == "followed" else None
    parents: tuple[Link, ...] = (Link("tinh"),)
    if middle != "none":
        units.append(Unit("huyen", "huyen", "huyen", "DISTRICT", (Link("tinh"),), valid_to=until))
        parents = (Link("huyen", valid_to=until),)
    if middle == "followed":
        units.append(Unit("vung", "vung", "vung", "AREA", (Link("tinh"),), valid_from=NEXT_DAY))
        parents = (*parents, Link("vung", valid_from=NEXT_DAY))
    ended = LAST_DAY if dice.chance(6) else None
    units.append(Unit("xa-1", "xa-1", "xa-1", "COMMUNE", parents))
    units.append(Unit("xa-2", "xa-2", "xa-2", "COMMUNE", parents, valid_to=ended))
    units.append(Unit("thon-1", "thon-1", "thon-1", "VILLAGE", (Link("xa-1"),)))
    return units


def _agencies(dice: Dice, units: Sequence[Unit]) -> list[Agency]:
    """Each unit's agencies have their superiors in the units above; the province has at least one."""
    found: list[Agency] = []
    above: dict[str, list[str]] = {}
    for unit in units:
        if unit.level == "VILLAGE":
            continue
        kinds = list(_KINDS_ABOVE[: 1 + dice.one(range(3))])
        if unit.level == "COMMUNE":
            kinds = ["committee", "school", "police"][: 3 - dice.one(range(2))]
        elif unit.level == "PROVINCE":
            # Where a commune has no police of its own, the duty is of this one.
            kinds.append("police")
            if dice.chance(8):
                kinds.remove("child_superior")  # nobody up there is for children: all of the top are the last resort
        above[unit.code] = []
        for kind in kinds:
            code = f"{kind.replace('_', '-')}-{unit.code}"
            superiors = tuple(replace(link, to=dice.one(above[link.to])) for link in unit.parents)
            found.append(
                Agency(code, code, code, kind, unit.code, superiors, valid_from=unit.valid_from, valid_to=unit.valid_to)
            )
            above[unit.code].append(code)
    return found


def _contacts(dice: Dice, agencies: Sequence[Agency]) -> tuple[Contact, ...]:
    """Few people, few numbers and few mailboxes for many places, so that hats and numbers meet all the time."""
    found = []
    for agency in agencies:
        for number in range(dice.one((1, 2, 0))):
            name = f"{agency.code}-{number}"
            person = dice.one((name, None, "an", "binh", "chi"))
            phones = dice.one(((_own(name),), ("+84000000001",), ("0000 000 002",), ("+84 000 000 002",), ()))
            mailboxes = dice.one(
                ((), (f"{name}@example.invalid",), ("Chung@example.invalid",), ("chung@example.invalid",))
            )
            found.append(
                Contact(name, agency.code, person, phones, mailboxes, name, "first" if number == 0 else "second")
            )
    return tuple(found)


def _own(name: str) -> str:
    return f"+84000{int(hashlib.sha256(name.encode()).hexdigest(), 16) % 900_000 + 100_000}"


def _report(dice: Dice, directory: Directory) -> Clear:
    schools = [one.code for one in directory.all_agencies.values() if one.kind == "school"]
    return Clear(
        commune=dice.one(("xa-1", "xa-2", "thon-1", "tinh", "xa-la", None)),
        kinds=dice.some(("VIOLENCE", "SCHOOL_VIOLENCE", "AT_RISK", "DROWNING", "INJURY_ACCIDENT", "A_NEW_KIND"), 2),
        environment=dice.one(("FAMILY", "SCHOOL", None, "UNKNOWN", "A_NEW_PLACE")),
        danger=dice.one((False, None, True)),
        schools=dice.some([*schools, "a-new-school"], 2),
        relations=dice.some(_RELATIONS, 2),
        withhold_from=frozenset(dice.some(_names(directory), 1)),
    )


def _change(dice: Dice, directory: Directory, contacts: Sequence[Contact]) -> Change:
    names = _names(directory)
    what = dice.one(("agency", "contact", "everything", "release", "everybody"))
    if what == "release":
        return Change(released=dice.some(names, 2))
    if what == "contact" and contacts:
        return Change(contacts=dice.some([one.id for one in contacts], 2))
    if what == "everybody":
        return Change(contacts=tuple(one.id for one in contacts))
    if what == "everything":
        return Change(withheld=tuple(directory.all_agencies))
    return Change(withheld=dice.some(names, 3))


def _names(directory: Directory) -> list[str]:
    """What can stand on a form: agencies, kinds of agency, units, and something only a newer directory knows."""
    return [*directory.all_agencies, *directory.codes("agency_kinds"), *directory.units, "a-new-agency"]


def _hashed(address: str) -> str:
    """As notify tells addresses to others: of the one form that a number has, however it was written."""
    digits = "".join(sign for sign in address if sign.isdigit())
    plain = address.lower() if "@" in address else ("+84" + digits[1:] if digits.startswith("0") else "+" + digits)
    return hashlib.sha256(plain.encode()).hexdigest()[:32]


_KINDS_ABOVE = ("child_superior", "education_superior", "police_superior")
_RELATIONS = (
    *("PARENT", "TEACHER", "POLICE_OFFICER", "COMMITTEE_MEMBER", "UNKNOWN", "ACQUAINTANCE", "PUPIL"),
    "A_NEW_RELATION",
)
