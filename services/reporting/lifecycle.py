"""The steps of one child's case, the state that they lead to, and who must not know because of them (pure).

Decree 56/2017 names the order: initial assessment, emergency measure, detailed assessment, meeting, plan, approval,
review, end. A step typed late is put in its place by the time it was done, so a form filled in afterwards never throws
a case back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from services.reporting.moments import moment
from shared.authority import Declared, declared, own_approvals, planless_approvals
from shared.case_steps import APPROVED, ENDS, ISOLATED, MERGED, PLAN, REOPENED
from shared.events.event import Event

STEP, SUPPLEMENT = "case.step_recorded", "incident.supplemented"
RECEIVED = "RECEIVED"

# How far a case has come. Steps that are not here (a conflict, a question, a procedure elsewhere) leave it where it is.
_STAGES = {
    RECEIVED: 0,
    "INITIAL_ASSESSED": 1,
    "EMERGENCY_APPLIED": 2,
    ISOLATED: 2,
    "DETAILED_ASSESSED": 3,
    "MEETING_HELD": 4,
    PLAN: 5,
    APPROVED: 6,
    "REVIEWED": 7,
}
STATES = (*_STAGES, *sorted(ENDS))

_KEPT = ("case_id", "step", "by", "role", "agency", "contact", "client", "risk", "merged_into")
_LISTED = ("withhold_from", "withhold_contacts", "released", "released_contacts", "hats", "contacts")


def step_of(event: Event) -> dict[str, Any]:
    """The clear fields of a recorded step; its sealed note stays where it is. Raises KeyError without a step."""
    data = event.data
    at = moment(data.get("at")) or moment(event.time.isoformat())
    return {
        "event_id": event.id,
        "at": at,
        "recorded_at": moment(data.get("recorded_at")) or at,
        "until": moment(data.get("until")),
        "spared_at": moment(data.get("spared_at")),
        **{name: data.get(name) for name in _KEPT},
        "step": data["step"],
        **{name: sorted(set(data.get(name) or ())) for name in _LISTED},
    }


def steps_of(events: Iterable[Event], asked: Collection[str] = ()) -> tuple[list[dict[str, Any]], Declared]:
    """The steps of an incident among the events, by the time they were done, and who must not know because of ALL that
    was told. A conflict is one of people with an incident: declared for one child, it holds for all of them.

    `afterwards`: told by somebody who must not have known any more; `asked` are those that the report itself kept out.
    `own_plan`: an approval by whoever submitted the plan, `no_plan`: one of a plan that nobody had submitted.
    """
    found = list(events)
    steps = sorted((step_of(event) for event in found if event.name == STEP), key=_place)
    added = (_Said(supplement_of(event)) for event in found if event.name == SUPPLEMENT)
    said = declared([*map(_Said, steps), *added], asked)
    counted = [_Said(step) for step in steps if step["event_id"] not in said.late]
    marked = {"afterwards": said.late, "own_plan": own_approvals(counted), "no_plan": planless_approvals(counted)}
    return [{**step, **{mark: step["event_id"] in ids for mark, ids in marked.items()}} for step in steps], said


def supplement_of(event: Event) -> dict[str, Any]:
    """What a reporter added, as far as it says who must not know."""
    at = moment(event.data.get("accepted_at")) or moment(event.time.isoformat())
    return {"event_id": event.id, "recorded_at": at, "withhold_from": event.data.get("withhold_from") or ()}


class _Said:
    """A step or a supplement as authority looks at it."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.id: str = told["event_id"]
        self.case_id: str = told.get("case_id") or ""
        self.step: str = told.get("step") or ""
        self.recorded_at: datetime = told["recorded_at"]
        self.by: str = told.get("by") or ""
        self.by_staff: bool = not told.get("client")
        self.agency: str | None = told.get("agency")
        self.contact: str | None = told.get("contact")
        self.hats: Collection[str] = told.get("hats") or ()
        self.contacts: Collection[str] = told.get("contacts") or ()
        self.spared_at: datetime | None = told.get("spared_at")
        self.withhold_from: Collection[str] = told["withhold_from"]
        self.withhold_contacts: Collection[str] = told.get("withhold_contacts") or ()
        self.released: Collection[str] = told.get("released") or ()
        self.released_contacts: Collection[str] = told.get("released_contacts") or ()


def deciding(steps: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those that count: not what somebody wrote after it was declared that they must not know, nor the approval of
    one's own plan or of none.
    """
    void = ("afterwards", "own_plan", "no_plan")
    return [step for step in steps if not any(step.get(mark) for mark in void)]


def state_of(steps: Iterable[Mapping[str, Any]]) -> tuple[str, datetime | None]:
    """The state after these steps and since when; `steps` in their order.

    An end holds until somebody reopens the case, which then is where it was before. Going back happens in one place
    only: a review that finds the child not safe yet leads to a new plan (Điều 30).
    """
    stage, since, ended = RECEIVED, None, None
    for step in deciding(steps):
        name, at = step["step"], step["at"]
        if ended is not None:
            if name == REOPENED:
                ended, since = None, at
        elif name in ENDS:
            ended, since = name, at
        elif name in _STAGES and (_STAGES[name] > _STAGES[stage] or (name == PLAN and _STAGES[stage] > _STAGES[PLAN])):
            stage, since = name, at
    return ended or stage, since


def since_opened(steps: Iterable[Mapping[str, Any]]) -> tuple[datetime | None, list[Mapping[str, Any]]]:
    """When the case was last reopened (None: never) and the steps since; `steps` in their order."""
    begun: datetime | None = None
    since: list[Mapping[str, Any]] = []
    ended = False
    for step in deciding(steps):
        if step["step"] == REOPENED and ended:
            begun, since, ended = step["at"], [], False
        elif step["step"] in ENDS:
            ended = True
        else:
            since.append(step)
    return begun, since


def merged_into(steps: Iterable[Mapping[str, Any]], state: str) -> str | None:
    """The code of the case that this one was merged into, while it is."""
    if state != MERGED:
        return None
    return next((str(one["merged_into"]) for one in reversed(deciding(steps)) if one["step"] == MERGED), None)


def involved(events: Iterable[Event]) -> list[str]:
    """Agencies that an alert of the incident is for or climbed to.

    One whose every alert was withdrawn is not: it must not know any more, and a release raises an alert of its own.
    """
    newest: dict[str, tuple[int, bool]] = {}
    owner: dict[str, str] = {}
    told: set[str] = set()
    for event in events:
        if not event.name.startswith("alert."):
            continue
        alert, version = str(event.data["alert_id"]), int(event.data["version"])
        owner[alert] = str(event.data.get("agency") or "")
        newest[alert] = max(newest.get(alert, (-1, False)), (version, event.data.get("state") == "withdrawn"))
        reason = str(event.data.get("reason") or "")
        if reason.startswith("told:"):
            told.add(reason.removeprefix("told:"))
    return sorted(told | {owner[alert] for alert, (_, gone) in newest.items() if owner[alert] and not gone})


def _place(step: Mapping[str, Any]) -> tuple[datetime, datetime, str]:
    return step["at"], step["recorded_at"], step["event_id"]
