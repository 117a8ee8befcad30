"""Cases that staff merged into another (pure but for the look-up): which merges count, and since when the other runs.

What a merge is worth depends on the case that it names, so it is worked out from both each time, like all else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from services.notify.incident import EARLIER, Child, Fact, Incident, Row
from services.notify.incident_rows import from_row
from services.notify.routing import barrier_around
from shared.authority import Contact
from shared.case_steps import ENDS, MERGED
from shared.directory import Directory

# By id or by code; None while that report is not here.
Find = Callable[[str], Incident | None]

# Followed so far and no farther: a child that was reported more often is still one case at the end of it.
_LONGEST = 20
# How much earlier than its own reception another report may set a case's clocks. Reports of one thing come within days,
# and whoever merges an old one into somebody's case must not make every deadline of it a missed one of years ago.
# No law's number.
_EARLIEST = timedelta(days=7)


def loaded(row: Row | None, find: Find) -> Incident | None:
    """A stored incident, with the merges that do not count; None while the report itself is not here."""
    incident = from_row(row) if row is not None else None
    if incident is None:
        return None
    known = merges(incident)
    if not known:
        return incident
    void = frozenset(fact.id for fact in known if not _holds(incident, fact, find))
    late = frozenset(fact.id for fact in known if fact.id not in void and not _open_then(fact, find))
    return replace(incident, void_merges=void, late_merges=late)


def merges(incident: Incident) -> tuple[Fact, ...]:
    return tuple(fact for fact in incident.by_staff if fact.step == MERGED)


def target(fact: Fact, find: Find) -> tuple[Incident, Child] | None:
    """The case that a merge names."""
    into = find(fact.merged_into) if fact.merged_into else None
    if into is None:
        return None
    names = ((child, {child.case_id, f"{into.code}-{child.number}"}) for child in into.children)
    child = next((child for child, known in names if fact.merged_into in known), None)
    return (into, child) if child is not None else None


def earlier(
    incident: Incident, fact: Fact, into: Incident, child: Child, directory: Directory, everyone: Sequence[Contact]
) -> Fact | None:
    """The reception that the other case gets of this one, that of the reports merged into this one among them.

    None where it must move nothing: in another commune, between a drill and a case, of what was entered long after the
    fact, or told by somebody who must not know of the other case. At most a week before the other's own reception.
    """
    same = incident.commune == into.commune and incident.drill == into.drill
    if not same or incident.backfill or into.backfill or not _may_know(fact, into, directory, everyone):
        return None
    received = _received(incident, fact.case_id)
    at = max(received, into.received_at - _EARLIEST)
    # The time is in the name: an earlier one that becomes known later is another fact.
    name = f"{fact.id}/earlier/{at.isoformat()}"
    return Fact(id=name, kind=EARLIER, at=at, recorded_at=fact.recorded_at, case_id=child.case_id)


def _received(incident: Incident, case_id: str) -> datetime:
    others = (one.at for one in incident.facts if one.kind == EARLIER and one.case_id == case_id)
    return min([incident.received_at, *others])


def _holds(incident: Incident, fact: Fact, find: Find) -> bool:
    """Whether the case lives on in the one that it was merged into: that one is here, is another, and asks somebody.

    Of merges that lead in a ring the one that was recorded last counts for nothing, or none of the cases would be open.
    """
    found = target(fact, find)
    if found is None:
        return False
    into, child = found
    if (
        child.case_id == fact.case_id
        or (into.drill and not incident.drill)
        or (into.backfill and not incident.backfill)
    ):
        return False
    ring = [fact]
    for _ in range(_LONGEST):
        onward = into.last_word(child.case_id)
        found = target(onward, find) if onward is not None and onward.step == MERGED else None
        if onward is None or found is None:
            return True
        ring.append(onward)
        into, child = found
        if child.case_id == fact.case_id:
            return fact.place != max(one.place for one in ring)
    return True


def _open_then(fact: Fact, find: Find) -> bool:
    """Whether somebody was still busy with the other case when this one was merged into it, or with the one that it was
    merged into itself.
    """
    found = target(fact, find)
    for _ in range(_LONGEST):
        if found is None:
            return False
        into, child = found
        word = into.last_word(child.case_id, before=fact.place)
        if word is None or word.step not in ENDS:
            return True
        if word.step != MERGED:
            return False
        found = target(word, find)
    return False


def _may_know(fact: Fact, into: Incident, directory: Directory, everyone: Sequence[Contact]) -> bool:
    barrier = barrier_around(into.clear, directory, everyone, fact.recorded_at)
    ids = {*fact.contacts, *((fact.contact,) if fact.contact else ())}
    theirs = [contact for contact in everyone if contact.id in ids]
    codes = {*fact.hats, *((fact.agency,) if fact.agency else ())}
    return (
        codes.isdisjoint(barrier.agencies | into.clear.withhold_from)
        and ids.isdisjoint(barrier.contacts)
        and not any(barrier.bars(contact) for contact in theirs)
    )
