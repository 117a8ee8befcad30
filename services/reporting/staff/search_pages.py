"""`/staff/tim`: by code, and by name among one's own cases. Nothing that is typed here stands in an address."""

from __future__ import annotations

from flask import Response, request, url_for

from services.reporting.keys import each_own
from services.reporting.parts import parts
from services.reporting.staff import case_lookup, name_search
from services.reporting.staff.case_lookup import NotYours, sight_now
from services.reporting.staff.guard import Forbidden, asks, desk, signed_in
from services.reporting.staff.lists import entries
from services.reporting.staff.opening import FOUND, SEARCHED, log
from services.reporting.staff.pages import page, see, staff_pages
from services.reporting.staff.sight import Sight
from shared import case_codes, logs
from shared.authority.table import CHILD

_LONGEST_CODE = 40
_CODES_IN_A_ROW = 30

log_ = logs.get(__name__)
pages = staff_pages("search")


@pages.get("/tim")
@asks("case.search")
def form() -> Response:
    return _page(sight_now())


@pages.get("/tim/ma")
@signed_in
def reload() -> Response:
    return see(url_for("search.form"))


@pages.post("/tim/ma")
@asks("case.search")
def by_code() -> Response:
    """A name is easily typed where the code belongs, so that does not stand in an address either."""
    sight, code = sight_now(), request.form.get("ma", "")[:_LONGEST_CODE].strip()
    try:
        found = case_lookup.incident_called(code, sight)
    except NotYours:
        return _page(sight, 404, code=code, nothing=True)
    read = case_codes.read(code)
    named = [one["code"] for one in found if read is not None and one["number"] == read[1]]
    where = url_for("cases.case", code=named[0]) if named else url_for("cases.incident", code=found[0]["incident_code"])
    return see(where)


@pages.post("/tim")
@asks("case.search")
def by_name() -> Response:
    """Opens the searcher's own newest cases in memory and shows which have the name, but no name.

    One row of the access log for the whole search, durable before the first is opened, and what was found is written
    down before it is shown.
    """
    sight = sight_now()
    if not sight.may(f"case.open.{CHILD}"):
        raise Forbidden
    wanted = name_search.words_of(request.form.get("ten", ""))
    if sum(map(len, wanted)) < name_search.SHORTEST:
        return _page(sight, 422, short=True)
    visible, cut = case_lookup.within_reach(sight, "case.search", name_search.MOST_CASES)
    cases = [case for case in visible if sight.may_open(CHILD, case)]
    log(parts().store, sight, SEARCHED, part=CHILD, note=f"{len(cases)}")
    broken: list[str] = []
    opened = each_own(parts().store, desk().keyring, [case["_id"] for case in cases], CHILD, broken.append)
    found = {case_id for case_id, content in opened if name_search.matches(wanted, content)}
    # A conflict that was folded meanwhile counts: what is shown is judged as it is now.
    now = sight_now()
    visible, _ = case_lookup.within_reach(now, "case.search", name_search.MOST_CASES)
    shown = [case for case in visible if case["_id"] in found and now.may_open(CHILD, case)]
    _log_found(now, [case["code"] for case in shown])
    if broken:
        # One that does not open must not keep the others from being found.
        log_.error("parts do not open in a search", count=len(broken))
    listed = entries(shown, sight.directory, sight.viewer.agency, sight.at)
    return _page(sight, entries=listed, looked=len(cases) - len(broken), cut=cut, broken=len(broken))


def _log_found(sight: Sight, codes: list[str]) -> None:
    """Which cases the answer names, as many rows as they fill."""
    for first in range(0, len(codes), _CODES_IN_A_ROW):
        note = " ".join(codes[first : first + _CODES_IN_A_ROW])
        log(parts().store, sight, FOUND, part=CHILD, note=note)


def _page(sight: Sight, status: int = 200, **shown: object) -> Response:
    # Who opens no identity anywhere has nothing to search by name.
    return page("case_search.html", status, by_name=sight.may(f"case.open.{CHILD}"), **shown)
