"""The public form at `/`: no account, no JavaScript, and no answer but a receipt."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template

from services.intake import identity, lenient, sent_fields
from services.intake.door import Accepted, TooLarge
from services.intake.report import Report
from services.intake.spool import KeyTaken, SpoolUnavailable
from services.intake.wiring import Intake

_CLIENT = "public"

blueprint = Blueprint("form", __name__, template_folder="templates")


@blueprint.get("/")
def show() -> Response:
    return _page({"form_key": [secrets.token_urlsafe(16)]})


@blueprint.post("/")
def submit() -> Response:
    """The receipt page comes in the answer itself: no address ever holds a receipt."""
    intake: Intake = current_app.extensions["intake"]
    fields = sent_fields.read(lenient.FIELDS)
    directory, now = intake.directory.current(), intake.clock()
    commune = directory.commune_of(next(iter(fields.get("commune", ())), None), now)
    reading = lenient.read(fields, directory, commune, now)
    if reading.report is None:
        return _page(fields, errors=reading.errors, status=400)
    try:
        accepted = _accept(intake, reading.report, fields, reading.warnings)
    except SpoolUnavailable as unavailable:
        page = _page(fields, unavailable=True, status=503)
        page.headers["Retry-After"] = str(unavailable.retry_after)
        return page
    return make_response(
        render_template(
            "receipt.html",
            accepted=accepted,
            commune=directory.unit(reading.report.commune),
            danger=reading.report.immediate_danger is not False,
            not_forwarded=intake.alarm.since is not None,
            sandbox=intake.settings.sandbox,
        )
    )


@blueprint.errorhandler(TooLarge)
@blueprint.errorhandler(413)
def too_long(error: Exception) -> Response:
    """A person gets a page, not a problem document; the browser still has what was typed."""
    return make_response(render_template("too_long.html", sandbox=_sandbox()), 413)


def _sandbox() -> bool:
    intake: Intake = current_app.extensions["intake"]
    return intake.settings.sandbox


def _accept(intake: Intake, report: Report, fields: dict[str, list[str]], warnings: list[str]) -> Accepted:
    content = {name: values for name, values in sorted(fields.items()) if name != "form_key"}
    digest = identity.digest(content)
    key = next(iter(fields.get("form_key", ())), "")[:100] or None

    def accept(key: str | None) -> Accepted:
        return intake.door.accept(
            report, client=_CLIENT, key=key, digest=digest, warnings=warnings, one_at_a_time=False
        )

    try:
        return accept(key)
    except KeyTaken:
        # Gone back, edited, sent again: a report of its own, because a repeated alert beats a missing one.
        return accept(f"{key}/{digest}")


def _page(
    fields: dict[str, list[str]],
    *,
    errors: dict[str, str] | None = None,
    unavailable: bool = False,
    status: int = 200,
) -> Response:
    intake: Intake = current_app.extensions["intake"]
    directory, now = intake.directory.current(), intake.clock()
    commune = directory.commune_of(next(iter(fields.get("commune", ())), None), now)
    unit = directory.unit(commune)
    context: dict[str, Any] = {
        "fields": fields,
        "errors": errors or {},
        "unavailable": unavailable,
        "commune": unit,
        "villages": [below for below in directory.units_under(commune, now) if below.level == "VILLAGE"],
        "agencies": directory.agencies(commune, None, now),
        "schools": directory.agencies(commune, "school", now),
        "codes": lambda table: directory.codes_in_force(table, now),
        "sandbox": intake.settings.sandbox,
    }
    return make_response(render_template("report.html", **context), status)
