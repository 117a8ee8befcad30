"""The pages of cases: the list, an incident's children, one child, and the opening of what is sealed."""

from __future__ import annotations

import re

from flask import Response, redirect, request, url_for

from services.reporting.documents import accounts, case_keys, translated
from services.reporting.keys import Erased, NotSealed, Unopened, names
from services.reporting.parts import parts
from services.reporting.staff import case_lookup
from services.reporting.staff.case_lookup import Case, NotYours, sight_now
from services.reporting.staff.case_view import case_view
from services.reporting.staff.grants import step_forms
from services.reporting.staff.guard import desk, signed_in
from services.reporting.staff.lists import entries
from services.reporting.staff.opening import WrongReason, open_for_viewer, reason_of, reasons
from services.reporting.staff.pages import page, refusal, staff_pages
from services.reporting.staff.sight import STEP_PART, Sight
from shared import logs
from shared.authority.table import PARTS, SUSPECT

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
    found = case_lookup.within_reach(sight, "case.list", most, open_only=not ended)
    shown = entries(found, sight.directory, sight.viewer.agency, sight.at)
    late = sum(entry.late for entry in shown)
    return page("cases.html", entries=shown, ended=ended, late=late, cut=most if len(found) >= most else 0)


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
    found = case_lookup.case_called(code, sight)
    awaited = request.args.get("cho", "")
    arrived = None
    if _EVENT.fullmatch(awaited):
        arrived = case_lookup.wait_for(found, awaited)
        # What was awaited may be a conflict of this very viewer.
        sight = sight_now()
        found = case_lookup.case_called(code, sight)
    return _case_page(found, sight, arrived=arrived)


@pages.get("/truong-hop/<code>/mo/<part>")
@signed_in
def reload(code: str, part: str) -> Response:
    """What was opened is shown once, as the answer to the form; its address leads back to the case."""
    return _to(code)


@pages.post("/truong-hop/<code>/mo/<part>")
@signed_in
def open_part(code: str, part: str) -> Response:
    sight = sight_now()
    found = case_lookup.case_called(code, sight)
    try:
        reason = reason_of(request.form, sight.directory, sight.at)
    except WrongReason as wrong:
        return _case_page(found, sight, status=422, wrong=(part, wrong.sentence), typed=request.form.get("note", ""))
    sections, missing = [], ""
    try:
        sections = open_for_viewer(
            parts().store, desk().keyring, lambda: case_lookup.case_called(code, sight_now()), part, reason, sight
        )
    except NotSealed:
        missing = "nothing"
    except Erased:
        missing = "erased"
    except Unopened:
        log.error("a part does not open", part=part.partition(":")[0])
        missing = "unopened"
    shown = page("case_opened.html", case=case_view(found, sight.directory, sight.at), part=part, sections=sections)
    return shown if not missing else page("case_unopened.html", case=found, missing=missing)


def _case_page(
    found: Case,
    sight: Sight,
    *,
    status: int = 200,
    arrived: bool | None = None,
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
    people = _people(found, sight)
    forms = step_forms(found, sight, desk().signing_key, sight.at, people)
    return page(
        "case.html",
        status,
        case=case_view(found, sight.directory, sight.at, notes, inner=sight.may_open(SUSPECT, found)),
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
        wrong=wrong,
        typed=typed,
    )


def _people(found: Case, sight: Sight) -> list[tuple[str, str, str]]:
    """(contact, name, agency) of colleagues whom a conflict may be about; whoever is asking comes first."""
    units = [found["counted_in"], *(unit.code for unit in sight.directory.units_above(found["counted_in"], sight.at))]
    with translated():
        known = accounts.listed(parts().store.accounts, sorted({*units, sight.viewer.unit}))
    listed = [
        (one["contact"], "Chính tôi" if one["_id"] == sight.viewer.account else one["name"], agency.vi)
        for one in known
        if one["contact"] and one["disabled_at"] is None and (agency := sight.directory.agency(one["agency"] or ""))
    ]
    return sorted(listed, key=lambda one: (one[1] != "Chính tôi", one[2], one[1]))


def _to(code: str) -> Response:
    answer = redirect(url_for("cases.case", code=code), 303)
    assert isinstance(answer, Response)
    return answer
