"""Alerted and shown ⊆ authorised, and never nobody: in ten thousand small worlds, against an oracle of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from services.notify.escalation import FIRST, Climb, Target, next_step, targets
from services.notify.routing import Routed, route
from shared.authority import CaseFacts, Clear, Viewer, may
from shared.directory.checks import coverage, tree
from tests.unit.authority.grid import CASE_ENDPOINTS, GRID, ROLES
from tests.unit.authority.oracle import Oracle
from tests.unit.authority.worlds import SIZE, World, world

WORLDS = st.binary(min_size=SIZE, max_size=SIZE)
CASE_ROLES = tuple(role for role in ROLES if GRID[role, "case.show"] != "-")


def states(found: World) -> Iterator[tuple[Clear, Clear]]:
    """The report as it came, then after each late declaration: as the product puts it together, and by plain sets."""
    ours, plain = found.clear, found.clear
    yield ours, plain
    for change in found.changes:
        ours = ours.withholding(change.withheld, change.contacts).releasing(change.released)
        plain = replace(
            plain,
            withhold_from=frozenset({*plain.withhold_from, *change.withheld}),
            withheld_contacts=frozenset({*plain.withheld_contacts, *change.contacts}),
            released=frozenset({*plain.released, *change.released}),
        )
        yield ours, plain


def one_case(clear: Clear, school: str | None) -> dict[str, Any]:
    """One child's case of the report, as reporting folds it."""
    return {
        "commune": clear.commune,
        "kinds": list(clear.kinds),
        "environment": clear.environment,
        "immediate_danger": clear.danger,
        "school": school,
        "suspect_relations": list(clear.relations),
        "withhold_from": sorted(clear.withhold_from),
        "withhold_contacts": sorted(clear.withheld_contacts),
        "released": sorted(clear.released),
    }


def told(found: World, routed: Routed) -> tuple[list[Target], set[str]]:
    """Everybody who is written to when nobody ever answers, and the agencies that this brings in."""
    everyone: list[Target] = []
    brought = {duty.agency for duty in routed.duties}
    for duty in routed.duties:
        first = targets(found.contacts, duty.agency, FIRST, routed.barrier, ())
        everyone += first
        known = {target.to for target in first}
        level = 0
        while True:
            step = next_step(
                agency=duty.agency,
                level=level,
                told=known,
                contacts=found.contacts,
                barrier=routed.barrier,
                directory=found.directory,
                wait=60,
                now=found.at,
            )
            if not isinstance(step, Climb):
                break
            everyone += step.targets
            brought.add(step.agency)
            known |= {target.to for target in step.targets}
            level = step.level
    return everyone, brought


@pytest.mark.timeout(600)
@settings(
    max_examples=10_000,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(WORLDS)
def test_whoever_is_alerted_or_shown_a_case_is_authorised_and_somebody_always_is(content: bytes) -> None:
    found = world(content)
    note(found.described())
    involved: set[str] = set()
    for clear, plain in states(found):
        oracle = Oracle(found, plain)
        routed = route(clear, found.directory, found.contacts, at=found.at, received_at=found.at)
        everyone, brought = told(found, routed)
        alerted_are_authorised(oracle, routed, everyone)
        never_nobody(oracle, found, routed, everyone)
        # Alerts of before a declaration stay on record, and must open nothing.
        involved |= brought
        shown_are_authorised(found, plain, frozenset(involved))


def alerted_are_authorised(oracle: Oracle, routed: Routed, everyone: list[Target]) -> None:
    allowed = oracle.alertable()
    for duty in routed.duties:
        assert duty.agency in allowed, f"{duty.agency} owes a duty and must not know"
    for target in everyone:
        assert oracle.tellable(target.contact), f"{target.contact.id} is written to and must not know"
        assert target.contact.agency in allowed, f"{target.contact.agency} is written to and has no part in it"


def never_nobody(oracle: Oracle, found: World, routed: Routed, everyone: list[Target]) -> None:
    assert routed.duties, "nobody owes anything"
    if everyone:
        return
    ask = oracle.alertable()
    left = [one.id for one in found.contacts
            if one.agency in ask and oracle.tellable(one) and (one.phones or one.mailboxes)]  # fmt: skip
    assert not left, f"nobody is written to, though {left[0]} could be"


def shown_are_authorised(found: World, plain: Clear, involved: frozenset[str]) -> None:
    """Each contact has an account with some role, and asks for the case of one of the children.

    Now and then the account names an agency that the contact is not one of.
    """
    school = found.dice.one((*plain.schools, None))
    case = CaseFacts(Clear.from_case(one_case(plain, school)), involved)
    oracle, roster = Oracle(found, replace(plain, schools=(school,) if school else ())), found.roster
    for contact in found.contacts:
        role, endpoint = found.dice.one(CASE_ROLES), found.dice.one(CASE_ENDPOINTS)
        agency = found.dice.one((*[contact.agency] * 6, *found.directory.all_agencies))
        unit = found.directory.all_agencies[agency].unit
        viewer = Viewer(contact.id, role, unit, agency, contact.id)
        expected = oracle.shown(role, unit, agency, contact.id, endpoint, involved)
        found_by_us = may(viewer, endpoint, case, found.directory, roster, found.at)
        assert found_by_us is expected, f"{role} {contact.id} {endpoint}: {found_by_us}, and by the rules {expected}"


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(WORLDS)
def test_the_worlds_are_such_as_the_software_loads(content: bytes) -> None:
    found = world(content)
    tree.check(found.directory)
    coverage.check(found.directory)
