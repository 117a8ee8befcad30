"""The pages of cases: the list, an incident's children, one child, and the opening of what is sealed."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, request, url_for

from services.reporting.documents import accounts, case_keys, translated
from services.reporting.keys import Erased, NotSealed, Unopened, names
from services.reporting.parts import parts
from services.reporting.staff import case_lookup
from services.reporting.staff.case_lookup import Case, NotYours, sight_now
from services.reporting.staff.case_view import case_view
from services.reporting.staff.colleagues import colleagues, names_of
from services.reporting.staff.grants import agencies_near, step_forms
from services.reporting.staff.guard import current, desk, signed_in
from services.reporting.staff.lists import entries
from services.reporting.staff.opening import WrongReason, opened_by, reason_of, reasons, shown_to, taken
from services.reporting.staff.pages import page, refusal, see, staff_pages
from services.reporting.staff.sight import STEP_PART, Sight
from shared import logs
from shared.authority.table import CHILD, PARTS, SUSPECT

_MOST_OPEN, _MOST_ENDED = 2000, 200
_EVENT = re.compile(r"[0-9a-f-]{36}")

log = logs.get(__name__)
pages = staff_pages("cases")
pages.register_error_handler(NotYours, lambda _: refusal("not_yours.html", 403))


@pages.get("")
@signed_in
def mine() -> Response:
    """What is open and mine, what runs out first on top; `?xong=1` for what has ended."""
    sight = sight_now()
    if not sight.may("case.list"):
        return page("cases_none.html")
    ended = request.args.get("xong") == "1"
    most = _MOST_ENDED if ended else _MOST_OPEN
    found, cut = case_lookup.within_reach(sight, "case.list", most, open_only=not ended)
    shown = entries(found, sight.directory, sight.viewer.agency, sight.at)
    late = sum(entry.late for entry in shown)
    by_name = sight.may(f"case.open.{CHILD}")
    return page("cases.html", entries=shown, ended=ended, late=late, cut=cut, by_name=by_name)


@pages.get("/vu-viec/<code>")
@signed_in
def incident(code: str) -> Response:
    """Where the link of an SMS leads. An incident of one child is that child's case: one tap less."""
    sight = sight_now()
    found = case_lookup.incident_called(code, sight)
    if len(found) == 1:
        return _to(found[0]["code"])
    entry = entries(found, sight.directory, sight.viewer.agency, sight.at)[0]
    return page("case_incident.html", entry=entry)


@pages.get("/truong-hop/<code>")
@signed_in
def case(code: str) -> Response:
    """One child. `?cho=<event id>`: waits a little for the step that was just sent."""
    sight = sight_now()
    awaited, arrived = request.args.get("cho", ""), None
    awaits = _EVENT.fullmatch(awaited) is not None
    try:
        found = case_lookup.case_called(code, sight)
        if awaits:
            arrived = case_lookup.wait_for(found, awaited)
            # What was awaited may be a conflict of this very viewer.
            sight = sight_now()
            found = case_lookup.case_called(code, sight)
    except NotYours:
        if awaits and case_lookup.shut_out_by_own_word(code, awaited, sight):
            return page("case_shut.html")
        raise
    return _case_page(found, sight, arrived=arrived, awaited=awaited)


@pages.post("/truong-hop/<code>/mo/<part>")
@signed_in
def open_part(code: str, part: str) -> Response:
    """Writes that the part is opened, and leads to where it is shown."""
    sight = sight_now()
    found = case_lookup.case_called(code, sight)
    try:
        reason = reason_of(request.form, sight.directory, sight.at)
    except WrongReason as wrong:
        return _case_page(found, sight, status=422, wrong=(part, wrong.sentence), typed=request.form.get("note", ""))
    key = opened_by(parts().store, desk().keyring, found, part, reason, sight, current().session.id)
    return see(url_for("cases.opened", code=found["code"], part=part, lan=key))


@pages.get("/truong-hop/<code>/mo/<part>")
@signed_in
def opened(code: str, part: str) -> Response:
    """What was opened is shown once; after that its address leads back to the case."""
    key = request.args.get("lan", "")
    if not key or request.method != "GET":
        return _to(code)
    sight = sight_now()
    found = case_lookup.case_called(code, sight)
    if not taken(parts().store, key, found, part, sight, current().session.id):
        return _to(code)
    try:
        whole = case_lookup.sees_every_child(found, sight)
        sections = shown_to(parts().store, desk().keyring, found, part, sight, whole=whole)
    except NotSealed:
        return page("case_unopened.html", case=found, missing="nothing")
    except Erased:
        return page("case_unopened.html", case=found, missing="erased")
    except Unopened:
        log.error("a part does not open", kind=part.partition(":")[0])
        return page("case_unopened.html", case=found, missing="unopened")
    return page("case_opened.html", case=case_view(found, sight.directory, sight.at), part=part, sections=sections)


def _case_page(
    found: Case,
    sight: Sight,
    *,
    status: int = 200,
    arrived: bool | None = None,
    awaited: str = "",
    wrong: tuple[str, str] = ("", ""),
    typed: str = "",
) -> Response:
    """`arrived`: whether the awaited step is here, None without one. `wrong`: the part asked for, and what is amiss."""
    sealed = set(names(parts().store, found["_id"]))
    notes = {
        name.removeprefix(STEP_PART) for name in sealed if name.startswith(STEP_PART) and sight.may_open(name, found)
    }
    with translated():
        erased = bool(case_keys.erased(parts().store.case_keys, [found["_id"]]))
    siblings = [one for one in case_lookup.incident_called(found["code"], sight) if one["_id"] != found["_id"]]
    others = case_lookup.related(found, sight)
    known = _accounts(found, sight)
    people = colleagues(sight, {agency.code for agency in agencies_near(found, sight)}, known)
    everything = all(sight.may_open(part, found) for part in PARTS)
    forms = step_forms(found, sight, desk().signing_key, sight.at, people)
    return page(
        "case.html",
        status,
        case=case_view(
            # Whether a child is small is said of all of them together.
            found if case_lookup.sees_every_child(found, sight) else {**found, "young_child": False},
            sight.directory,
            sight.at,
            notes,
            inner=sight.may_open(SUSPECT, found),
            names=names_of(sight, known) if everything else None,
        ),
        siblings=entries(siblings, sight.directory, None, sight.at),
        related=entries(others, sight.directory, None, sight.at),
        opens=[] if erased else [part for part in PARTS if sight.may_open(part, found)],
        erased=erased,
        reasons={part: reasons(sight.directory, sight.at, part) for part in PARTS},
        forms=forms,
        people=people,
        risks=sight.directory.codes_in_force("risk_levels", sight.at),
        send_to=f"{desk().web.intake_url}/ghi-nhan/{found['_id']}",
        merged=case_lookup.merged_into(found, sight),
        arrived=arrived,
        recorded=_recorded(found, awaited, siblings, sight) if arrived else None,
        wrong=wrong,
        typed=typed,
    )


def _recorded(found: Case, awaited: str, siblings: list[Case], sight: Sight) -> tuple[str, list[Case]]:
    """(what the step that has just arrived is called, the other children for whom nothing was recorded yet)."""
    label = next(sight.directory.code("steps", one["step"]).vi for one in found["steps"] if one["event_id"] == awaited)
    return label, [one for one in siblings if one["open"] and not one["steps"]]


def _accounts(found: Case, sight: Sight) -> list[dict[str, Any]]:
    """Those of whoever wrote a step here, and of everybody in the lists of contacts."""
    authors = {step["by"] for step in found["steps"] if step["by"] and not step["client"]}
    with translated():
        return accounts.known(parts().store.accounts, sorted(authors), sorted({one.id for one in sight.roster}))


def _to(code: str) -> Response:
    return see(url_for("cases.case", code=code))
