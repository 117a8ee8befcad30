"""What one member of the staff may see and do at one moment (pure): every page asks here, and nothing is kept.

A `Sight` is made for one request, from the account, the directory, the roster and the cases as they are then. So a
conflict that was folded a moment ago closes whatever page is asked for next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.reporting.lifecycle import deciding
from shared.authority import (
    Barrier,
    CaseFacts,
    Clear,
    Reachable,
    Viewer,
    excluded_agencies,
    hats_of,
    may,
    steps_for,
    withheld_persons,
)
from shared.authority.table import PARTS
from shared.case_steps import APPROVED, PLAN
from shared.directory import Directory

Case = Mapping[str, Any]
STEP_PART = "step:"


@dataclass(frozen=True)
class Sight:
    viewer: Viewer
    directory: Directory
    roster: Collection[Reachable]
    at: datetime
    _known: dict[tuple[str, CaseFacts], bool] = field(default_factory=dict, repr=False, compare=False)

    def may(self, endpoint: str, case: Case | None = None, *, unit: str | None = None) -> bool:
        if case is None:
            return may(self.viewer, endpoint, None, self.directory, self.roster, self.at, unit=unit)
        # The children of an incident differ in their school alone, and an evening's reports in less: asked once each.
        key = (endpoint, facts_of(case))
        if key not in self._known:
            self._known[key] = may(self.viewer, endpoint, key[1], self.directory, self.roster, self.at)
        return self._known[key]

    def only(self, endpoint: str, cases: Iterable[Case]) -> list[Case]:
        """Those of the cases that this endpoint may show."""
        return [case for case in agreed(cases) if self.may(endpoint, case)]

    def may_open(self, part: str, case: Case) -> bool:
        """What was written about a step may name the child, the suspected person and the reporter alike, so it opens
        to whoever may open all three."""
        parts = PARTS if part.startswith(STEP_PART) else (part,)
        return all(self.may(f"case.open.{one}", case) for one in parts)

    def kept_from(self, case: Case) -> bool:
        """Whether the person behind an account that sees no case must not know of this one. In doubt it must not."""
        facts, own = facts_of(case), (self.viewer.agency, self.viewer.contact)
        contact = next((one for one in self.roster if (one.agency, one.id) == own), None)
        if contact is None:
            return True
        excluded = excluded_agencies(facts.clear, self.directory, self.at)
        persons = withheld_persons(facts.clear, excluded, self.roster, self.directory, self.at)
        return Barrier.around(excluded, self.roster, persons).bars(contact)

    def steps(self, case: Case) -> tuple[str, ...]:
        """What the account may record: a plan that somebody else submitted, and no other, is approved."""
        found = steps_for(self.viewer, facts_of(case), self.directory, self.roster, self.at)
        plan = next((step for step in reversed(deciding(case["steps"])) if step["step"] == PLAN), None)
        approvable = plan is not None and not self._wrote(plan)
        return tuple(step for step in found if step != APPROVED or approvable)

    def hats(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(agencies with their kinds and units, contacts) that the viewer is by the roster."""
        return hats_of(self.viewer, self.directory, self.roster)

    def _wrote(self, step: Mapping[str, Any]) -> bool:
        """Under whichever hat; the fold judges the same way."""
        told = {*step.get("contacts", ()), *((step["contact"],) if step["contact"] else ())}
        return (step["by"] == self.viewer.account and not step["client"]) or not told.isdisjoint(self.hats()[1])

    @property
    def places(self) -> list[str]:
        """Where a list looks for cases, before each is judged."""
        return [place for place in (self.viewer.unit, self.viewer.agency) if place]


def liftable(case: Case) -> tuple[frozenset[str], frozenset[str]]:
    """(agencies, kinds and units; contacts) that only steps keep out, so that a release lets them back in."""
    return frozenset(case.get("liftable", ())) & frozenset(case["withhold_from"]), frozenset(case["withhold_contacts"])


def facts_of(case: Case) -> CaseFacts:
    return CaseFacts(Clear.from_case(case), frozenset(case["involved"]))


def agreed(cases: Iterable[Case]) -> list[Case]:
    """The same cases, each with whatever any case of its incident says must be withheld.

    The cases of an incident are written one after the other: between two writes one of them knows of a conflict that
    another does not know of yet, and the stricter holds.
    """
    by_incident: dict[str, list[Case]] = {}
    ordered = list(cases)
    for case in ordered:
        by_incident.setdefault(case["incident_id"], []).append(case)
    return [{**case, **_strictest(by_incident[case["incident_id"]])} for case in ordered]


def _strictest(cases: Sequence[Case]) -> dict[str, list[str]]:
    released = set.intersection(*(set(case["released"]) for case in cases))
    return {
        "withhold_from": sorted({code for case in cases for code in case["withhold_from"]}),
        "withhold_contacts": sorted({contact for case in cases for contact in case["withhold_contacts"]}),
        "released": sorted(released),
    }
