"""`/staff/so-lieu`: what one's own cases add up to now, and what was published."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response

from services.reporting.documents import snapshots, translated
from services.reporting.exports.marks import HIDDEN, HIDDEN_WORDS
from services.reporting.parts import parts
from services.reporting.reports.listing import Line, listed, units_below
from services.reporting.reports.states import PUBLISHED
from services.reporting.staff import case_lookup
from services.reporting.staff.case_lookup import sight_now
from services.reporting.staff.guard import Forbidden, signed_in
from services.reporting.staff.own_figures import figures_of
from services.reporting.staff.pages import page, staff_pages
from services.reporting.staff.sight import Sight
from services.reporting.staff.wording import day
from services.reporting.units import VILLAGE
from shared.calendar import Period, PeriodError, parse

_MOST_CASES = 5000
_MOST_REPORTS = 6
_NOBODY = ""

pages = staff_pages("figures")


@dataclass(frozen=True)
class Shown:
    """One published report of one unit. A None is a number that this reader does not get."""

    title: str
    unit: str
    period: str
    as_of: datetime
    verified: bool
    note: str
    total: int | None
    tables: list[dict[str, Any]]


@pages.get("/so-lieu")
@signed_in
def figures() -> Response:
    sight = sight_now()
    visible, published = sight.may("figures.visible"), sight.may("figures.published")
    if not visible and not published:
        raise Forbidden
    own = None
    if visible:
        found, _ = case_lookup.within_reach(sight, "figures.visible", _MOST_CASES)
        own = figures_of(found, sight.directory, sight.at)
    return page(
        "case_figures.html",
        own=own,
        at=sight.at,
        reports=_published(sight) if published else [],
        both=published,
        hidden=HIDDEN,
        legend=HIDDEN_WORDS,
    )


def _published(sight: Sight) -> list[Shown]:
    """The newest published reports of the viewer's unit, or of those directly below where it has published none.

    As far as this reader may see their numbers, and of a period all units or none.

    Nobody reads exact numbers here, whoever sees all cases neither: what a report counts beyond the cases that one sees
    would tell that there is one from which one is kept. A village reads its commune's reports.
    """
    unit = sight.directory.unit(sight.viewer.unit)
    if unit is None:
        return []
    village = unit.level == VILLAGE
    top = sight.directory.commune_of(unit.code, sight.at) if village else unit.code
    units = [top, *(one.code for one in sight.directory.tree.children(top, sight.at))]
    with translated():
        heads = snapshots.heads(parts().store.snapshots, {"unit": {"$in": units}, "state": {"$in": list(PUBLISHED)}})
    # A province's report says what its communes' add up to; theirs one by one are for the API.
    own = [head for head in heads if head["unit"] == top]
    whose = {top} if own else set(units)
    newest = sorted(own or heads, key=lambda head: head["as_of"], reverse=True)
    asked = dict.fromkeys((head["period"], head["definition"], head["calendar"]) for head in newest)
    found: list[Shown] = []
    for period_code, definition, calendar in asked:
        report = sight.directory.reports.get(definition)
        if report is None or len(found) >= _MOST_REPORTS:
            continue
        try:
            period = parse(period_code, calendar)
        except PeriodError:
            continue
        below = units_below(top, period.last, sight.directory)
        lines = listed(parts().store, report, period, below, _NOBODY, sight.directory)
        found += [_shown(line, period) for line in lines if line.snapshot is not None and line.unit.code in whose]
    return found


def _shown(line: Line, period: Period) -> Shown:
    assert line.snapshot is not None
    labels, data = json.loads(line.snapshot["labels"]), line.data
    return Shown(
        title=labels["title"][0],
        unit=labels["unit"][0],
        period=f"từ {day(period.first)} đến {day(period.last)}",
        as_of=line.snapshot["as_of"],
        verified=labels["verified"],
        note=labels["note"],
        total=data["total"],
        tables=[
            {
                "title": labels["tables"][table["by"]][0],
                "rows": [
                    (labels["rows"].get(table["by"], {}).get(row["code"], [row["code"]])[0], row["value"])
                    for row in table["rows"]
                    if row["value"] != 0
                ],
            }
            for table in data["tables"]
        ],
    )
