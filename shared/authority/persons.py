"""How far a conflict of single persons goes (pure): whom an account may name, and that somebody is always told.

Naming persons is the same power as naming agencies: whoever may name everybody can bury a case. So a conflict never
reaches those above who are to lift it, and never all of the last resort.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from shared.authority.contacts import Barrier, Reachable, hats
from shared.authority.exclusion import last_resort, top_agencies
from shared.authority.facts import Clear
from shared.directory import Directory


def may_be_named(
    contact: Reachable, agency: str | None, directory: Directory, at: date | datetime, *, own_alone: bool = False
) -> bool:
    """Whether an account of `agency` may declare this contact's conflict.

    Nobody of a unit above: that is declared there. `own_alone`: a role that speaks for its own agency. Of an agency
    that nobody knows it can't be told where it stands, so nobody of it is named.
    """
    own, theirs = directory.agency(agency or ""), directory.agency(contact.agency)
    if own is None or theirs is None:
        return False
    if own_alone or own.code == theirs.code:
        return own.code == theirs.code
    return theirs.unit not in {unit.code for unit in directory.units_above(own.unit, at)}


def withheld_persons(
    clear: Clear, excluded: Collection[str], roster: Collection[Reachable], directory: Directory, at: date | datetime
) -> frozenset[str]:
    """The contacts that are withheld by name; none that stands for somebody of the last resort, when nobody else of it
    is left. `excluded`: as `excluded_agencies` has it; `roster`: the contacts of every agency.

    The last resort is the general agency of the highest unit, as for agencies: of those up there that may know.
    """
    named = clear.withheld_contacts
    if not named:
        return named
    top = tuple(agency for agency in top_agencies(clear.commune, directory, at) if agency.code not in excluded)
    last = {agency.code for agency in last_resort(top, directory)}
    theirs = [one for one in roster if one.agency in last]
    barrier = Barrier.around(excluded, roster, named)
    if any(not barrier.bars(one) for one in theirs):
        return named
    return named - {hat.id for one in theirs for hat in hats(one, roster)}
