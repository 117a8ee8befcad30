"""Whose figures and whose incidents may be read."""

from __future__ import annotations

from datetime import date, datetime

from shared.authority.exclusion import excluded_agencies, expanded
from shared.authority.facts import Clear
from shared.authority.ladder import ladder
from shared.directory import Directory


def may_read_unit(partner_unit: str, unit: str, period_last_day: date, directory: Directory) -> bool:
    """Whether a token or user of one unit reads the figures of another for a period that ends on that day.

    Its own and those of the units below, as the tree stood on the period's last day: the district that ended on
    2025-06-30 keeps its periods, its successor has the later ones. Neither unit may be unknown or out of force then.
    """
    found = directory.unit(unit)
    reader = directory.unit(partner_unit)
    if found is None or reader is None or not found.in_force(period_last_day) or not reader.in_force(period_last_day):
        return False
    return partner_unit == unit or partner_unit in {one.code for one in directory.units_above(unit, period_last_day)}


def unit_kept_out(unit: str, clear: Clear, directory: Directory) -> bool:
    """Whether somebody said that an agency of this unit must not know. What follows from a relation alone does not
    count: every commune has a school, and most reports leave open who did it.
    """
    asked = expanded(clear.withhold_from, directory)
    return unit in asked or any(agency.code in asked for agency in directory.agencies(unit))


def may_know(agency: str, clear: Clear, directory: Directory, at: date | datetime) -> bool:
    """Whether people of this agency may know of the incident: it owes a duty or stands on a ladder, and isn't excluded.

    Says nothing about a person, number or mailbox: for those see Barrier.
    """
    excluded = excluded_agencies(clear, directory, at)
    if agency in excluded:
        return False
    for duty in directory.duties(clear.kinds, clear.danger, clear.environment):
        for owner in directory.responsible(duty.agency_kind, clear.commune, clear.schools, at):
            if agency == owner.code or agency in ladder(owner.code, directory, at, excluded):
                return True
    return False
