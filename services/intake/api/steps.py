"""`POST /v1/cases/<case_id>/steps`: a step for one child, by a partner's token or a session with a grant."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Response, current_app, jsonify, request
from flask_smorest import Blueprint
from marshmallow import ValidationError

from services.intake import identity
from services.intake.api.body import LONGEST_KEY, idempotency_key, json_object, named
from services.intake.door import TooLarge
from services.intake.schemas import ProblemSchema, RecordedSchema, StepSchema
from services.intake.spool import KeyTaken, SpoolUnavailable
from services.intake.steps import rules, withholding
from services.intake.steps.author import Author, NotAllowed, by_grant, by_token
from services.intake.steps.told import Told, case_called
from services.intake.wiring import Intake
from shared import case_tokens, grants
from shared.directory import Partner
from shared.sessions import Session
from shared.signing import Refused
from shared.web.auth import bearer
from shared.web.problem import Problem, pointers
from shared.web.staff import ForeignForm, NoSession

blueprint = Blueprint("steps-api", __name__, description="Steps of a case")


@blueprint.route("/v1/cases/<case_id>/steps", methods=["POST"])
@blueprint.doc(
    summary="Record a step of a case",
    description="Answered with 202 once the step is on disk. Safe to repeat with the same key and body. Either a "
    "bearer token with the scope step:write and `case_token`, or a session's cookie with `grant` and X-CSRF-Token.",
    security=[{"bearer": []}, {"session": []}],
    parameters=[
        {"in": "header", "name": "Idempotency-Key", "schema": {"type": "string", "maxLength": LONGEST_KEY}},
        {"in": "header", "name": "X-CSRF-Token", "schema": {"type": "string"}},
    ],
    requestBody={"required": True, "content": {"application/json": {"schema": StepSchema}}},
    responses={
        "202": {"description": "Accepted and on disk", "content": {"application/json": {"schema": RecordedSchema}}},
        "default": {"description": "RFC 9457", "content": {"application/problem+json": {"schema": ProblemSchema}}},
    },
)
def post(case_id: str) -> tuple[Response, int]:
    intake: Intake = current_app.extensions["intake"]
    who = _who(intake)
    raw = json_object("step")
    body = _loaded(raw)
    try:
        author = (
            _by_partner(intake, who, body, case_id)
            if isinstance(who, Partner)
            else _by_staff(intake, who, body, case_id)
        )
        told = _told(body)
        _meaningful(intake, told, author)
        author.must_be_allowed(told.step)
    except NotAllowed as no:
        raise Problem(403, str(no), title="This may not be written") from None
    event_id = _record(intake, told, author, raw)
    return jsonify({"event_id": event_id, "incident_id": author.incident, "case_id": author.case}), 202


def _who(intake: Intake) -> Partner | Session:
    """Whoever shows a key is a partner, even where a cookie lies beside it. Raises `Problem` 401 or 403."""
    if "Authorization" in request.headers:
        return bearer(intake.directory.current(), "step:write", intake.clock())
    try:
        session = intake.staff.session()
        intake.staff.of_this_session(session)
    except NoSession as no:
        detail = "The session is over; sign in again." if no.expired else "Send a bearer token, or sign in at /staff."
        raise Problem(401, detail, headers={"WWW-Authenticate": 'Bearer realm="lentieng"'}) from None
    except ForeignForm:
        detail = "A session's request needs the Origin of our pages and the session's X-CSRF-Token."
        raise Problem(403, detail, title="This may not be written") from None
    return session


def _loaded(raw: dict[str, Any]) -> dict[str, Any]:
    try:
        body: dict[str, Any] = _schema().load(raw)
    except ValidationError as invalid:
        raise Problem(422, "Some fields are not valid.", errors=named(pointers(invalid.messages))) from None
    return body


@cache
def _schema() -> StepSchema:
    return StepSchema()


def _by_partner(intake: Intake, partner: Partner, body: dict[str, Any], case_id: str) -> Author:
    if not body.get("case_token"):
        raise _missing("case_token", "Send the case_token of the report's 202.")
    token = case_tokens.read(intake.settings.case_token_key, body["case_token"])
    directory, now = intake.directory.current(), intake.clock()
    return by_token(token, partner, case_id, (step.code for step in directory.codes_in_force("steps", now)))


def _by_staff(intake: Intake, session: Session, body: dict[str, Any], case_id: str) -> Author:
    if not body.get("grant"):
        raise _missing("grant", "Send the grant of the case page.")
    try:
        grant = grants.decode(body["grant"], intake.public_keys, intake.clock())
    except Refused as refused:
        if refused.expired:
            raise NotAllowed("Quyền ghi đã hết.", "This grant is over; open the case page again.") from None
        raise NotAllowed("Quyền ghi không dùng được.", "This is no grant of ours.") from None
    return by_grant(grant, session, case_id)


def _missing(field: str, detail: str) -> Problem:
    return Problem(422, "Some fields are not valid.", errors=[{"pointer": f"/{field}", "detail": detail}])


def _told(body: dict[str, Any]) -> Told:
    merged = (body.get("merged_into") or "").strip()
    return Told(
        step=body["step"],
        at=body["at"],
        risk=body.get("risk"),
        until=body.get("until"),
        withhold_from=_distinct(body.get("withhold_from")),
        withhold_contacts=_distinct(body.get("withhold_contacts")),
        released=_distinct(body.get("released")),
        released_contacts=_distinct(body.get("released_contacts")),
        merged_into=(case_called(merged) or merged) if merged else None,
        note=(body.get("note") or "").strip() or None,
        fields={name: text for name, text in (body.get("more") or {}).items() if text},
    )


def _distinct(values: list[str | None] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values or () if value))


def _meaningful(intake: Intake, told: Told, author: Author) -> None:
    own = (author.case, author.case_code)
    directory = intake.directory.current()
    found = [
        *rules.findings(told, directory, intake.clock(), own=own, strict=True),
        *withholding.findings(told, author, directory),
    ]
    if found:
        errors = [{"pointer": f"/{finding.field}", "detail": finding.en} for finding in found]
        raise Problem(422, "Some fields are not valid.", errors=errors)


def _record(intake: Intake, told: Told, author: Author, raw: dict[str, Any]) -> str:
    digest = identity.digest({name: value for name, value in raw.items() if name not in {"grant", "case_token"}})
    try:
        return intake.steps.record(told, author, key=idempotency_key(), digest=digest)
    except SpoolUnavailable as unavailable:
        after = {"Retry-After": str(unavailable.retry_after)}
        detail = "Nothing is promised: send the same request with the same key again."
        raise Problem(503, detail, title="The step cannot be stored right now", headers=after) from None
    except KeyTaken:
        raise Problem(422, "This key was used for another body. Use a new key for a new step.") from None
    except TooLarge:
        raise Problem(413, "Sealed, this step is larger than the system can hold.") from None
