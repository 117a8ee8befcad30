"""Finds cases for whoever is asking: as they are now, judged as they are now, and nothing that is not theirs."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from services.reporting.documents import cases, translated
from services.reporting.parts import parts
from services.reporting.staff.guard import Forbidden, current, roster
from services.reporting.staff.sight import Sight
from shared import case_codes
from shared.calendar import LOCAL

Case = Mapping[str, Any]

_WAITS, _LOOKS_AGAIN = 3.0, 0.1
_MOST_WAITING = 4
_MOST_RELATED = 50
# Of one process, whose threads serve everybody.
_waiting = threading.BoundedSemaphore(_MOST_WAITING)
# Judged where a code belongs to nothing, so that a wrong code is not answered sooner than one of somebody else's case.
_NOBODYS: Case = {
    "incident_id": "",
    "commune": None,
    "kinds": [],
    "suspect_relations": [],
    "withhold_from": [],
    "withhold_contacts": [],
    "released": [],
    "involved": [],
}


class NotYours(Forbidden):
    """There is no such case, or this viewer may not know of it; nothing tells the two apart."""


def sight_now() -> Sight:
    """Raises `NoSession` or `DependencyDown`."""
    shared = parts()
    return Sight(current().viewer, shared.directory(), roster(), shared.now())


def incident_called(text: str, sight: Sight) -> list[Case]:
    """The cases of an incident that this viewer may see, by number. Raises `NotYours` when there is none."""
    read = case_codes.read(text)
    with translated():
        found: list[Case] = [*cases.of_code(parts().store.cases, read[0])] if read is not None else []
    visible = sight.only("case.show", found or [_NOBODYS])
    if not found or not visible:
        raise NotYours
    return visible


def case_called(text: str, sight: Sight) -> Case:
    """One case by its code with the child's number. Raises `NotYours`."""
    read = case_codes.read(text)
    for case in incident_called(text, sight):
        if read is not None and case["number"] == read[1]:
            return case
    raise NotYours


def sees_every_child(case: Case, sight: Sight) -> bool:
    """Whether this viewer may see the cases of all children of the incident: a school has its own pupils' alone, and
    what is said of all of them together is not for it. No, while one of them is yet to be written.
    """
    with translated():
        everyone = cases.of_incident(parts().store.cases, case["incident_id"])
    siblings: int = case.get("siblings", len(everyone) - 1)  # a case of before this was counted has all of them
    return len(sight.only("case.show", everyone)) == 1 + siblings


def related(case: Case, sight: Sight) -> list[Case]:
    """Cases of other incidents that came in on the same day in the same village, if this viewer may see them."""
    if not case["village"]:
        return []
    local = case["received_at"].astimezone(LOCAL)
    first = datetime(local.year, local.month, local.day, tzinfo=LOCAL).astimezone(UTC)
    with translated():
        found = cases.of_place_and_time(parts().store.cases, case, first, first + timedelta(days=1), _MOST_RELATED)
    return sight.only("case.show", found)


def merged_into(case: Case, sight: Sight) -> str | None:
    """The code of the case that this one went into, if this viewer may see that one; it was told by code or by id."""
    told = case["merged_into"]
    if not told:
        return None
    with translated():
        code = told if case_codes.read(told) is not None else cases.code_of(parts().store.cases, told)
    try:
        return str(case_called(code or "", sight)["code"])
    except NotYours:
        return None


def within_reach(sight: Sight, endpoint: str, limit: int, *, open_only: bool | None = None) -> tuple[list[Case], bool]:
    """The newest cases that this endpoint may show to this viewer, and whether there are older ones to look at.

    `limit` is of those that are looked at, and so is the second answer: it must not change by what is hidden.
    """
    if not sight.may(endpoint):
        return [], False
    with translated():
        found = cases.within_reach(parts().store.cases, sight.places, limit + 1, open_only=open_only)
    return sight.only(endpoint, found[:limit]), len(found) > limit


def shut_out_by_own_word(text: str, event_id: str, sight: Sight) -> bool:
    """Whether this viewer sees nothing of the case any more and has just written the step with this id in it."""
    read = case_codes.read(text)
    if read is None:
        return False
    with translated():
        found = cases.of_code(parts().store.cases, read[0])
    return any(
        step["event_id"] == event_id and step["by"] == sight.viewer.account and not step["client"]
        for case in found
        for step in case["steps"]
    )


def wait_for(case: Case, event_id: str) -> bool:
    """Whether a step that was just sent has become part of the case, within three seconds.

    An address with any id makes a page wait, and each waits in a thread of its own: with a few at it, the next looks
    once.
    """
    waits = _waiting.acquire(blocking=False)
    try:
        until = time.monotonic() + (_WAITS if waits else 0)
        while True:
            with translated():
                if cases.has_step(parts().store.cases, case["_id"], event_id):
                    return True
            if time.monotonic() >= until:
                return False
            time.sleep(_LOOKS_AGAIN)
    finally:
        if waits:
            _waiting.release()
