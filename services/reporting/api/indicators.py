"""`GET /v1/indicators`: the numbers of a unit, for whoever may read it."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from services.reporting.api.asking import allow, period_of, unit_of
from services.reporting.api.schemas import AnswerSchema, IndicatorsSchema, Question
from services.reporting.counting import groupings, offered
from services.reporting.indicators import answer, rows_of, view_of
from services.reporting.parts import parts
from services.reporting.reports.grouped import published_table
from services.reporting.units import Units
from shared.directory import Indicator
from shared.web.auth import bearer
from shared.web.problem import Problem

SCOPE = "report:read"
_UNPUBLISHED = "Grouped figures are read from published reports, and the unit has published none with this table yet."
_WITHHELD = "The newest published report withholds this table, so that no child can be recognised."
_PUBLISHED = "Cells, total and as_of are those of the newest published report, not of this moment."
_VILLAGE_HINT = "A village is a row of its commune: ask for the commune with by=village."
blueprint = Blueprint("indicators", __name__, url_prefix="/v1/indicators", description="Numbers without names")


@blueprint.route("")
class Indicators(MethodView):
    @blueprint.response(200, IndicatorsSchema)
    @blueprint.doc(security=[{"bearer": []}])
    def get(self) -> dict[str, Any]:
        """The indicators that can be asked for."""
        directory = parts().directory()
        bearer(directory, SCOPE, parts().now())
        return {
            "directory": directory.version,
            "indicators": [
                {
                    "code": one.code,
                    "vi": one.vi,
                    "en": one.en,
                    "date_field": one.date_field,
                    "groupings": groupings(one),
                    "multi_valued": list(one.multi_valued),
                    "verified": one.verified,
                    "note": one.note,
                }
                for one in offered(directory)
            ],
        }


@blueprint.route("/<code>")
class IndicatorOfUnit(MethodView):
    @blueprint.arguments(Question, location="query")
    @blueprint.response(200, AnswerSchema)
    @blueprint.doc(security=[{"bearer": []}])
    def get(self, question: dict[str, Any], code: str) -> dict[str, Any]:
        """One indicator of a unit in a period, up to date with every report that was projected before the call.

        With `by`, a unit other than the commune itself reads the newest published version of a report that has this
        table: cells, total and `as_of` are then that version's, and `report` and `version` name it. Where there is
        none that this reader may see, the cells are null and `note` says why.
        """
        directory, now = parts().directory(), parts().now()
        partner = bearer(directory, SCOPE, now)
        indicator = next((one for one in offered(directory) if one.code == code), None)
        if indicator is None:
            raise Problem(404, "There is no such indicator. GET /v1/indicators lists them.")
        period = period_of(question["period"], question["calendar"])
        units = Units(directory)
        unit = unit_of(question.get("unit") or partner.unit, directory, _VILLAGE_HINT)
        allow(partner, unit, period, directory)
        by = _grouping(question.get("by"), indicator, unit, units)
        view = view_of(partner.unit, unit, period, units)
        found = answer(
            parts().rollups.read(unit, period.segments, directory),
            indicator,
            by,
            view,
            rows_of(by, unit, period, units) if by else (),
        )
        live = {
            "code": indicator.code,
            "unit": unit,
            "calendar": period.calendar,
            "period": period.code,
            "first": period.first,
            "last": period.last,
            "as_of": now,
            "cells": found.cells,
            "total": found.total,
            "suppressed": found.suppressed,
        }
        if by is None or view == "own":
            return live
        table = published_table(parts().store, indicator, by, unit, period, partner.unit, directory)
        if table is None:
            return {**live, "note": _UNPUBLISHED}
        if not table.open or found.total is None:
            return {**live, "note": _WITHHELD}
        return {
            **live,
            "as_of": table.as_of,
            "cells": table.cells,
            "total": table.total,
            "suppressed": any(cell["value"] is None for cell in table.cells),
            "report": table.definition,
            "version": table.version,
            "note": _PUBLISHED,
        }


def _grouping(by: str | None, indicator: Indicator, unit: str, units: Units) -> str | None:
    if not by:
        return None
    published = [name for name in groupings(indicator) if name != "village" or units.is_commune(unit)]
    if by not in published:
        detail = f"Use one of {', '.join(published)}; one at a time."
        raise Problem(
            422,
            f"This grouping is not published for this indicator and unit. {detail}",
            errors=[{"pointer": "/query/by", "detail": detail}],
        )
    return by
