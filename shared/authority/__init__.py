"""Who may know. Pure: routing, staff pages, grants, indicators and lists all ask here, so one rule holds everywhere."""

from __future__ import annotations

from shared.authority.contacts import (
    Barrier,
    Contact,
    Listed,
    Reachable,
    barred,
    hats,
    normal_mailbox,
    normal_phone,
    remaining,
)
from shared.authority.declared import Declared, declared, one_person, own_approvals, planless_approvals
from shared.authority.exclusion import excluded_agencies, expanded, last_resort, provisionally_withheld, top_agencies
from shared.authority.facts import Clear
from shared.authority.ladder import ladder
from shared.authority.persons import may_be_named, withheld_persons
from shared.authority.reading import may_know, may_read_unit, unit_kept_out
from shared.authority.staff import CaseFacts, Viewer, hats_of, may, roles_of, steps_for
from shared.authority.table import ENDPOINTS, PARTS, ROLES, TABLE, Reach, reach

__all__ = [
    "ENDPOINTS",
    "PARTS",
    "ROLES",
    "TABLE",
    "Barrier",
    "CaseFacts",
    "Clear",
    "Contact",
    "Declared",
    "Listed",
    "Reach",
    "Reachable",
    "Viewer",
    "barred",
    "declared",
    "excluded_agencies",
    "expanded",
    "hats",
    "hats_of",
    "ladder",
    "last_resort",
    "may",
    "may_be_named",
    "may_know",
    "may_read_unit",
    "normal_mailbox",
    "normal_phone",
    "one_person",
    "own_approvals",
    "planless_approvals",
    "provisionally_withheld",
    "reach",
    "remaining",
    "roles_of",
    "steps_for",
    "top_agencies",
    "unit_kept_out",
    "withheld_persons",
]
