"""`POST /v1/incidents`: reports of partners, strict and safe to repeat."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Any

from flask import Response, current_app, jsonify, request
from flask_smorest import Blueprint
from marshmallow import ValidationError

from services.intake import checks, identity
from services.intake.api.body import LONGEST_KEY, idempotency_key, json_object, named
from services.intake.door import Accepted, StillRunning, TooLarge
from services.intake.report import Report
from services.intake.schemas import AcceptedSchema, IncidentSchema, ProblemSchema
from services.intake.spool import KeyTaken, SpoolUnavailable
from services.intake.wiring import Intake
from shared.directory import Directory, Partner
from shared.web.auth import bearer
from shared.web.problem import Problem, pointers

blueprint = Blueprint("incidents", __name__, description="Reports about children")


@blueprint.route("/v1/incidents", methods=["POST"])
@blueprint.doc(
    summary="Report an incident",
    description="Answered with 202 once the report is on disk. Safe to repeat with the same key and body.",
    security=[{"bearer": []}],
    parameters=[
        {"in": "header", "name": "Idempotency-Key", "schema": {"type": "string", "maxLength": LONGEST_KEY}},
        {"in": "query", "name": "dry_run", "schema": {"type": "string", "enum": ["1"]}},
    ],
    requestBody={"required": True, "content": {"application/json": {"schema": IncidentSchema}}},
    responses={
        "202": {"description": "Accepted and on disk", "content": {"application/json": {"schema": AcceptedSchema}}},
        "default": {"description": "RFC 9457", "content": {"application/problem+json": {"schema": ProblemSchema}}},
    },
)
def post() -> tuple[Response, int]:
    intake: Intake = current_app.extensions["intake"]
    now, directory = intake.clock(), intake.directory.current()
    partner = bearer(directory, "incident:write", now)
    raw = json_object("report")
    body = _loaded(raw, directory, partner, now)
    _allowed(body, directory, partner, now)
    report = _report(body, now)
    warnings = checks.warnings(body, directory, now)
    if request.args.get("dry_run") == "1":
        clear, sealed = intake.door.preview(report, partner.id)
        return jsonify({"dry_run": True, "readable": clear, "sealed": sealed, "warnings": warnings}), 200
    accepted = _accept(intake, report, partner, _key(raw), identity.digest(raw), warnings)
    return jsonify(answer(accepted)), 202


def answer(accepted: Accepted) -> dict[str, Any]:
    """The body of a 202; see `AcceptedSchema`."""
    return {
        "incident_id": accepted.incident_id,
        "event_id": accepted.incident_id,
        "code": accepted.code,
        "case_ids": list(accepted.case_ids),
        "receipt": accepted.receipt,
        "case_token": accepted.case_token,
        "follow_up_url": accepted.follow_up_url,
        "warnings": list(accepted.warnings),
    }


def _accept(
    intake: Intake, report: Report, partner: Partner, key: str | None, digest: str, warnings: list[str]
) -> Accepted:
    try:
        return intake.door.accept(report, client=partner.id, key=key, digest=digest, warnings=warnings)
    except SpoolUnavailable as unavailable:
        after = {"Retry-After": str(unavailable.retry_after)}
        detail = "Nothing is promised: send the same request with the same key again. A child in danger? Call 111."
        raise Problem(503, detail, headers=after) from None
    except KeyTaken:
        detail = "This key was used for another body. Use a new key for a new report, the old body for the old one."
        raise Problem(422, detail, errors=[{"pointer": "/external_id", "detail": detail}]) from None
    except TooLarge:
        raise Problem(
            413, "Sealed, this report is larger than the system can hold. Send the long text separately."
        ) from None
    except StillRunning:
        detail = "Wait a second, then send the same request again; the answer will be the first one's."
        raise Problem(409, detail, headers={"Retry-After": "1"}) from None


def _loaded(raw: dict[str, Any], directory: Directory, partner: Partner, now: datetime) -> dict[str, Any]:
    try:
        body: dict[str, Any] = _schema().load(raw)
    except ValidationError as invalid:
        raise Problem(422, "Some fields are not valid.", errors=named(pointers(invalid.messages))) from None
    unit = directory.unit(partner.unit)
    if not body.get("commune") and unit is not None and unit.level == "COMMUNE":
        body["commune"] = unit.code
    if not body.get("commune"):
        detail = "Say which commune it happened in; the units are in /v1/codes."
        raise Problem(422, "Some fields are not valid.", errors=[{"pointer": "/commune", "detail": detail}])
    body["channel"] = body.get("channel") or _own_channel(partner)
    found = checks.findings(body, directory, now)
    if found:
        raise Problem(422, "Some fields are not valid.", errors=found)
    return body


def _own_channel(partner: Partner) -> str:
    """What a report of this partner comes by where it does not say: never a channel that is not its own."""
    if not partner.channels or "APP" in partner.channels:
        return "APP"
    if len(partner.channels) > 1:
        detail = "Say which of this token's channels it came by."
        raise Problem(422, "Some fields are not valid.", errors=[{"pointer": "/channel", "detail": detail}])
    return partner.channels[0]


@cache
def _schema() -> IncidentSchema:
    """Made once: making it costs more than using it, and threads may share it."""
    return IncidentSchema()


def _allowed(body: dict[str, Any], directory: Directory, partner: Partner, now: datetime) -> None:
    for field, scope in (("drill", "drill:write"), ("backfill", "incident:backfill")):
        if body.get(field) and not partner.may(scope):
            raise Problem(403, f"`{field}` needs a token with the scope {scope}.")
    reach = {partner.unit, *(unit.code for unit in directory.units_under(partner.unit, now))}
    if body["commune"] not in reach:
        raise Problem(403, "This token may not report for that commune; ask its administrator for one that may.")
    if partner.channels and body["channel"] not in partner.channels:
        raise Problem(403, "This token may not use that channel.")


def _key(raw: dict[str, Any]) -> str | None:
    """The Idempotency-Key header, else `external_id`."""
    external = raw.get("external_id")
    return idempotency_key() or (external if isinstance(external, str) and external.strip() else None)


def _report(body: dict[str, Any], now: datetime) -> Report:
    return Report(
        commune=body["commune"],
        received_at=body.get("received_at") or now,
        occurred_at=body.get("occurred_at"),
        channel=body["channel"],
        village=body.get("village"),
        place=body.get("place"),
        kinds=tuple(dict.fromkeys(kind for kind in body.get("kinds") or [] if kind)),
        environment=body.get("environment"),
        online=body.get("online"),
        immediate_danger=body.get("immediate_danger"),
        description=body.get("description"),
        withhold_from=tuple(body.get("withhold_from") or ()),
        children=tuple(_plain(child) for child in body.get("children") or []),
        suspects=tuple(_plain(suspect) for suspect in body.get("suspects") or []),
        reporter=_plain(body.get("reporter") or {}),
        external_id=body.get("external_id"),
        drill=body.get("drill", False),
        backfill=body.get("backfill", False),
    )


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """JSON values, without what is empty."""
    plain: dict[str, Any] = {}
    for name, content in value.items():
        if content is None or content in ("", [], {}):
            continue
        if isinstance(content, dict):
            plain[name] = _plain(content)
        elif isinstance(content, date):
            plain[name] = content.isoformat()
        else:
            plain[name] = content
    return plain
