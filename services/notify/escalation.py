"""Asking louder (pure): who is told next when nobody of an agency acknowledges, and when.

Rung 0 are the agency's contacts marked `first`, told when the alert is raised. Then its contacts marked `second`, then
the agencies above, nearest first: each rung once. A rung on which nobody is left to tell is passed over at once. Above,
those marked `second` are asked where none of the first may be told: they may be the only ones who can be.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notify import states
from shared.authority import Barrier, Contact, ladder, normal_mailbox, normal_phone, top_agencies
from shared.directory import Directory

FIRST, SECOND = "first", "second"


@dataclass(frozen=True)
class Target:
    """One message to send: `to` in its normal form."""

    contact: Contact
    channel: str
    to: str


@dataclass(frozen=True)
class Climb:
    """Tell these; look again at `next_action_at` (UTC)."""

    level: int
    agency: str
    targets: tuple[Target, ...]
    next_action_at: datetime


@dataclass(frozen=True)
class Exhausted:
    """Nobody is left: the operator has to act."""

    level: int


def targets(
    contacts: Sequence[Contact], agency: str, order: str, barrier: Barrier, told: Collection[str]
) -> tuple[Target, ...]:
    """Every number and mailbox of this agency's contacts of this order that may be reached and was not told before.

    `told` holds addresses in their normal form: a number that two people share rings once for one alert.
    """
    found: dict[str, Target] = {}
    for contact in contacts:
        if contact.agency != agency or contact.order != order or barrier.bars(contact):
            continue
        addresses = [(states.SMS, normal_phone(phone)) for phone in contact.phones]
        addresses += [(states.EMAIL, normal_mailbox(mailbox)) for mailbox in contact.mailboxes]
        for channel, address in addresses:
            if address and address not in told:
                found.setdefault(address, Target(contact, channel, address))
    return tuple(found.values())


def patience(directory: Directory, danger: bool | None, level: int) -> float:
    """Seconds to wait for an acknowledgement on a rung. Danger that nobody ruled out counts as danger."""
    clock = directory.clock("ACKNOWLEDGE" if level == 0 else "ESCALATE")
    limit = clock.limit_for(urgent=danger is not False)
    if limit.wall is None:
        raise ValueError(f"clock {clock.code} must be a length of time, not working days")
    return limit.wall.total_seconds()


def step_due(directory: Directory, danger: bool | None, acknowledged_at: datetime) -> datetime:
    """When whoever acknowledged must have recorded a step: after that the ladder goes on."""
    limit = directory.clock("STEP_AFTER_ACKNOWLEDGED").limit_for(urgent=danger is not False)
    return limit.due(acknowledged_at, directory.workdays)


def next_step(
    *,
    agency: str,
    level: int,
    told: Collection[str],
    contacts: Sequence[Contact],
    barrier: Barrier,
    directory: Directory,
    wait: float,
    now: datetime,
) -> Climb | Exhausted:
    """What to do when the patience of rung `level` has run out and nobody has acknowledged. `wait` is in seconds."""
    above = ladder(agency, directory, now, barrier.agencies)
    rungs = [(agency, SECOND), *((whose, order_above(contacts, whose, barrier)) for whose in above)]
    if not told:
        # Not one of the whole line could be told: then whoever may know in the highest unit, rather than nobody.
        known = directory.agency(agency)
        top = top_agencies(known.unit if known is not None else None, directory, now)
        rungs += [(one.code, order_above(contacts, one.code, barrier)) for one in top]
    # From the bottom each time: the ladder may have shrunk or grown since, so a rung's number says nothing. Whoever was
    # told before is passed over by `told`.
    for number, (whose, order) in enumerate(rungs, start=1):
        found = targets(contacts, whose, order, barrier, told)
        if found:
            return Climb(max(number, level + 1), whose, found, now + timedelta(seconds=wait))
    return Exhausted(max(len(rungs), level) + 1)


def order_above(contacts: Sequence[Contact], agency: str, barrier: Barrier) -> str:
    """Who is told of an agency that stands above: its first ones, its second ones where none of those may be."""
    return FIRST if targets(contacts, agency, FIRST, barrier, ()) else SECOND
