"""People, numbers and mailboxes that must not be reached.

Excluding an agency is not enough: a head teacher also sits on the committee, and the police chief's number may stand
in two lists. So an excluded agency's people are excluded in every agency, and so is every number and mailbox of theirs.
Whoever reads such a number or mailbox may be the same person under another id, so they are excluded in every agency
too. There it ends: the numbers of their other places bar nobody else, or a chain of shared desks silences a commune.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol, TypeVar


class Reachable(Protocol):
    """What authority looks at in a contact; any document with these will do. person: id of the human being, or None."""

    @property
    def id(self) -> str: ...
    @property
    def agency(self) -> str: ...
    @property
    def person(self) -> str | None: ...
    @property
    def phones(self) -> Collection[str]: ...
    @property
    def mailboxes(self) -> Collection[str]: ...


R = TypeVar("R", bound=Reachable)


@dataclass(frozen=True)
class Contact:
    """One person's place in one agency. order: "first" or "second"; the same person in two agencies is two contacts."""

    id: str
    agency: str
    person: str | None
    phones: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()
    name: str = ""
    order: str = "first"
    langs: tuple[str, ...] = ("vi",)


@dataclass(frozen=True)
class Listed:
    """A contact as services other than notify know it: no name, and of each number and mailbox a keyed hash.

    Equal addresses are equal hashes, which is all that a barrier asks.
    """

    id: str
    agency: str
    person: str | None
    addresses: tuple[str, ...] = ()

    @property
    def phones(self) -> tuple[str, ...]:
        return ()  # a hash must not be read as a number: its digits alone could be those of another

    @property
    def mailboxes(self) -> tuple[str, ...]:
        return self.addresses


@dataclass(frozen=True)
class Barrier:
    """Who must not be reached, worked out once for an incident from all contacts there are."""

    agencies: frozenset[str]
    persons: frozenset[str] = frozenset()
    addresses: frozenset[str] = field(default=frozenset(), repr=False)
    contacts: frozenset[str] = frozenset()

    @classmethod
    def around(
        cls, excluded: Collection[str], contacts: Iterable[Reachable], withheld_contacts: Collection[str] = ()
    ) -> Barrier:
        """contacts: those of every agency, the excluded ones too, or their people can't be recognised elsewhere.

        withheld_contacts: ids of contacts whose own conflict it is; the person behind one is barred everywhere, but
        not the agency.
        """
        everyone = list(contacts)
        named = [one for one in everyone if one.agency in excluded or one.id in withheld_contacts]
        persons = frozenset(one.person for one in named if one.person)
        theirs = [*named, *(one for one in everyone if one.person in persons)]
        addresses = frozenset(address for one in theirs for address in _addresses(one))
        readers = [one for one in everyone if not addresses.isdisjoint(_addresses(one))]
        persons |= frozenset(one.person for one in readers if one.person)
        return cls(frozenset(excluded), persons, addresses, frozenset(withheld_contacts))

    def bars(self, contact: Reachable) -> bool:
        """True when a message to this contact could be read by somebody of an excluded agency.

        One shared number bars the whole contact, other numbers too: it may be the same person under two ids.
        """
        return (
            contact.agency in self.agencies
            or contact.id in self.contacts
            or (contact.person is not None and contact.person in self.persons)
            or not self.addresses.isdisjoint(_addresses(contact))
        )


def hats(contact: Reachable, contacts: Iterable[R]) -> list[R]:
    """The contacts who are this person as far as a barrier can tell: withholding from any of them bars this one.

    contacts: those of every agency, this one among them.
    """
    everyone = list(contacts)
    themselves = [one for one in everyone if one.person and one.person == contact.person]
    own = _addresses(contact).union(*(_addresses(one) for one in themselves))
    sharing = [one for one in everyone if not own.isdisjoint(_addresses(one))]
    persons = {contact.person, *(one.person for one in sharing)} - {None, ""}
    shared = {one.id for one in sharing}
    return [one for one in everyone if one.id == contact.id or one.id in shared or one.person in persons]


def barred(contact: Reachable, excluded: Collection[str], contacts: Iterable[Reachable]) -> bool:
    """As Barrier.bars, for one contact; contacts are those of every agency."""
    return Barrier.around(excluded, contacts).bars(contact)


def remaining(contacts: Iterable[R], excluded: Collection[str]) -> list[R]:
    """The contacts that may be told, in their order; contacts are those of every agency."""
    everyone = list(contacts)
    barrier = Barrier.around(excluded, everyone)
    return [one for one in everyone if not barrier.bars(one)]


def normal_phone(text: str) -> str:
    """One form for one number: E.164 with +84 for Vietnam; a short number (113) or anything odd as its digits.

    Takes what people write: 0912 345 678, 84912345678, +84 (0) 912.345.678, 0084912345678.
    """
    plain = unicodedata.normalize("NFKC", text)
    digits = re.sub(r"[^0-9]", "", plain)
    international = plain.strip().startswith("+")
    if not international and digits.startswith("00") and len(digits) > 11:
        digits, international = digits[2:], True
    if international or (digits.startswith("84") and len(digits) in (11, 12)):
        # "+84 (0) 912 345 678": the trunk zero stays only where the number is not longer for it.
        if digits.startswith("840") and len(digits) == 12:
            digits = "84" + digits[3:]
        return "+" + digits
    if digits.startswith("0"):
        return "+84" + digits[1:]
    return digits


def normal_mailbox(text: str) -> str:
    """One form for one mailbox: no blanks around it, letter case folded."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _addresses(contact: Reachable) -> frozenset[str]:
    return _normal(tuple(contact.phones), tuple(contact.mailboxes))


# A list of cases asks for the same few hundred contacts once per case.
@lru_cache(maxsize=8192)
def _normal(phones: tuple[str, ...], mailboxes: tuple[str, ...]) -> frozenset[str]:
    found = (*map(normal_phone, phones), *map(normal_mailbox, mailboxes))
    return frozenset(address for address in found if address)
