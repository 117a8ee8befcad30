"""Who may know. Pure: routing, staff pages, grants, indicators and lists all ask here, so one rule holds everywhere."""

from __future__ import annotations

from shared.authority.contacts import Barrier, Contact, Reachable, barred, normal_mailbox, normal_phone, remaining
from shared.authority.exclusion import excluded_agencies, last_resort, provisionally_withheld, top_agencies
from shared.authority.facts import Clear
from shared.authority.ladder import ladder
from shared.authority.reading import may_know, may_read_unit

__all__ = [
    "Barrier",
    "Clear",
    "Contact",
    "Reachable",
    "barred",
    "excluded_agencies",
    "ladder",
    "last_resort",
    "may_know",
    "may_read_unit",
    "normal_mailbox",
    "normal_phone",
    "provisionally_withheld",
    "remaining",
    "top_agencies",
]
