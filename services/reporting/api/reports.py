"""`/v1/reports`: what units published, pulled by those above; and making a version now."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask.views import MethodView
from flask_smorest import Blueprint

from services.reporting.api.asking import allow, period_of, unit_of
from services.reporting.api.conditional import answered
from services.reporting.api.report_schemas import (
    ListQuestion,
    MadeSchema,
    MakeQuestion,
    ReportQuestion,
    ReportSchema,
    StatesSchema,
)
from services.reporting.documents import snapshots, translated
from services.reporting.exports import FORMATS, bulk
from services.reporting.parts import parts
from services.reporting.reports import states
from services.reporting.reports.audiences import audience_of, copy_for
from services.reporting.reports.listing import listed, units_below
from services.reporting.reports.making import Maker
from services.reporting.reports.numbers import indicator_of
from services.reporting.reports.pulling import content_of, receipt
from services.reporting.units import Units
from shared.calendar import STATISTICAL, local_date
from shared.directory import Directory, Report
from shared.web.auth import bearer
from shared.web.problem import Problem

READ, MAKE = "report:read", "report:make"
_VILLAGE_HINT = "A village publishes no report: ask for its commune, whose report has a table of villages."
blueprint = Blueprint("reports", __name__, url_prefix="/v1/reports", description="Reports, version by version")
_TEXT = {"schema": {"type": "string"}}
_HEADERS = {"ETag": _TEXT, "Last-Modified": _TEXT, "X-Report-Version": _TEXT, "Repr-Digest": _TEXT}
_FILES = {
    form.media_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
    for form in FORMATS.values()
    if form.name != "json"
}


@blueprint.route("")
class Reports(MethodView):
    @blueprint.arguments(ListQuestion, location="query")
    @blueprint.response(200, StatesSchema, headers={"ETag": _TEXT, "Repr-Digest": _TEXT})
    @blueprint.alt_response(304, description="Nothing has changed since the version in If-None-Match")
    @blueprint.doc(security=[{"bearer": []}])
    def get(self, question: dict[str, Any]) -> Response:
        """Per unit: approved, draft, nil or missing. One ETag for all; `format=csv` has every number of every unit."""
        directory = parts().directory()
        partner = bearer(directory, READ, parts().now())
        report = _report(question["definition"], directory)
        period = period_of(question["period"], question["calendar"])
        under = unit_of(question.get("under") or partner.unit, directory, _VILLAGE_HINT)
        allow(partner, under, period, directory)
        units = units_below(under, period.last, directory)
        lines = listed(parts().store, report, period, units, partner.unit, directory, question.get("changed_since"))
        form = question["format"]
        content = bulk.RENDERERS[form](report, period, under, lines)
        name = f"{report.code}_{under}_{period.code}_{period.calendar}_all.{form}"
        return answered(content, FORMATS[form].media_type, {"Content-Disposition": f'attachment; filename="{name}"'})


@blueprint.route("/<definition>")
class ReportOfUnit(MethodView):
    @blueprint.arguments(ReportQuestion, location="query")
    @blueprint.response(200, ReportSchema, headers=_HEADERS)
    @blueprint.alt_response(304, description="The reader has these bytes: If-None-Match named their ETag")
    @blueprint.doc(security=[{"bearer": []}], responses={200: {"content": _FILES}})
    def get(self, question: dict[str, Any], definition: str) -> Response:
        """The newest approved version for this reader, or an older one; the same bytes for ever."""
        directory = parts().directory()
        partner = bearer(directory, READ, parts().now())
        report = _report(definition, directory)
        period = period_of(question["period"], question["calendar"])
        unit = unit_of(question.get("unit") or partner.unit, directory, _VILLAGE_HINT)
        allow(partner, unit, period, directory)
        key = snapshots.report_of(report.code, period.calendar, period.code, unit)
        store, version = parts().store, question.get("version")
        with translated():
            if version is None:
                snapshot = snapshots.newest(store.snapshots, key, published=True)
            else:
                snapshot = snapshots.one(store.snapshots, key, version)
        if snapshot is None:
            raise Problem(404, _missing(report.code, version), title="There is no such report yet")
        form = FORMATS[question["format"]]
        audience = copy_for(snapshot["audiences"], audience_of(partner.unit, unit, period, Units(directory)))
        content = content_of(store, snapshot, audience, form, parts().now())
        if request.method == "GET":
            receipt(store, snapshot, partner.id, parts().now())
        name = f"{report.code}_{unit}_{period.code}_{period.calendar}_v{snapshot['version']}.{form.name}"
        headers = {
            "X-Report-Version": str(snapshot["version"]),
            "Content-Disposition": f'{form.disposition}; filename="{name}"',
        }
        return answered(content, form.media_type, headers, snapshot["as_of"])

    @blueprint.arguments(MakeQuestion, location="query", as_kwargs=False)
    @blueprint.arguments(MakeQuestion, location="json", required=False)
    @blueprint.response(201, MadeSchema)
    @blueprint.alt_response(200, schema=MadeSchema, description="No number has changed: the newest version as it is")
    @blueprint.doc(security=[{"bearer": []}])
    def post(
        self, query: dict[str, Any], body: dict[str, Any], definition: str
    ) -> tuple[dict[str, Any], int, dict[str, str]]:
        """Make a version from the numbers of now. Without a step of approval yet, it is approved at once."""
        directory, now = parts().directory(), parts().now()
        partner = bearer(directory, MAKE, now)
        report = _report(definition, directory)
        asked = {"calendar": STATISTICAL, **query, **body}
        if "period" not in asked:
            detail = "Name a period: 2023-06, 2023-Q2, 2023-H1, 2023 or 2023-M09."
            raise Problem(422, detail, errors=[{"pointer": "/query/period", "detail": detail}])
        period = period_of(asked["period"], asked["calendar"])
        unit = unit_of(asked.get("unit") or partner.unit, directory, _VILLAGE_HINT)
        allow(partner, unit, period, directory)
        if period.first > local_date(now):
            detail = "This period has not begun."
            raise Problem(422, detail, errors=[{"pointer": "/query/period", "detail": detail}])
        made = Maker(parts().store, parts().rollups, now=parts().now).make(report, unit, period, directory, partner.id)
        found = {name: made.document[name] for name in ("definition", "unit", "calendar", "period", "version")}
        found |= {"state": made.document["state"], "as_of": made.document["as_of"], "made": made.new}
        where = url_for(
            "reports.ReportOfUnit",
            definition=definition,
            unit=unit,
            calendar=period.calendar,
            period=period.code,
            version=made.document["version"],
        )
        return found, 201 if made.new else 200, {"Location": where, "X-Report-Version": str(made.document["version"])}


def _report(code: str, directory: Directory) -> Report:
    report = directory.reports.get(code)
    if report is None or indicator_of(report, directory) is None:
        known = ", ".join(sorted(directory.reports)) or "none"
        raise Problem(404, f"There is no such report in the directory. There are: {known}.")
    return report


def _missing(code: str, version: int | None) -> str:
    if version is not None:
        return "This version of the report does not exist. Leave version out for the newest."
    return (
        "Nothing has been published for this unit and period. Whoever has the scope "
        f"{MAKE} makes it with POST /v1/reports/{code} and the same unit, calendar and period; "
        f"{states.APPROVED} versions can then be read here."
    )
