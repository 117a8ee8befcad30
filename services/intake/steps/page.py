"""`POST /ghi-nhan/<case_id>`: the form that staff send from a case page. Whatever goes wrong, it comes back filled."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, make_response, redirect, render_template

from services.intake import identity, sent_fields
from services.intake.door import TooLarge
from services.intake.spool import KeyTaken, SpoolUnavailable
from services.intake.steps import form_fields, rules, withholding
from services.intake.steps.author import Author, NotAllowed, by_grant
from services.intake.steps.form_fields import Fields
from services.intake.steps.rules import Finding
from services.intake.steps.told import Told
from services.intake.wiring import Intake
from shared import grants, logs
from shared.case_steps import ASSESSMENTS, WORDS_NEEDED
from shared.directory import Directory
from shared.grants import Grant
from shared.sessions import Session
from shared.signing import Refused
from shared.web.staff import ForeignForm, NoSession

log = logs.get(__name__)

_TABLES = {"step": "steps", "risk": "risk_levels"}
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

blueprint = Blueprint("steps", __name__)


@dataclass(frozen=True)
class _Post:
    """What came, and what could be made out of it. `grant` may be over: then it still says which case this is."""

    intake: Intake
    case: str
    fields: Fields
    session: Session | None
    grant: Grant | None
    grant_refused: str | None
    now: datetime


@blueprint.get("/ghi-nhan/<case_id>")
def show(case_id: str) -> Any:
    """The form is on the case page; this is where a reload after an answer ends."""
    intake: Intake = current_app.extensions["intake"]
    return redirect(f"{intake.settings.staff_url}/staff", 303)


@blueprint.post("/ghi-nhan/<case_id>")
def submit(case_id: str) -> Any:
    # Its bounds before anything else: who sends it, and from where, is not known yet.
    post = _post(case_id, sent_fields.read())
    try:
        return _judged(post)
    except Exception as error:
        # Whatever fault of ours this is, somebody sits before the page who wrote for ten minutes.
        log.error("a step could not be judged", exc_info=error)
        return _page(post, 500, trouble="UNAVAILABLE")


def _judged(post: _Post) -> Any:
    refused = _not_ours(post)
    if refused is not None:
        return refused
    assert post.session is not None
    assert post.grant is not None
    try:
        author = by_grant(post.grant, post.session, post.case)
    except NotAllowed as no:
        return _page(post, 403, trouble=no.vi, sendable=False)
    told, found = _read(post, author)
    if found:
        return _page(post, 422, found=found)
    try:
        author.must_be_allowed(told.step)
    except NotAllowed as no:
        return _page(post, 403, found=[Finding("step", no.vi, "")])
    return _recorded(post, told, author)


def _not_ours(post: _Post) -> Response | None:
    """The refusal of a form that does not come from a page of ours, of the same sign-in, with a right to write."""
    try:
        post.intake.staff.from_our_page()
    except ForeignForm:
        # A browser that came with the cookie was not sent here by another site, so what it shows again is its own.
        if post.session is None:
            return make_response(render_template("step_refused.html", **_everywhere(post)), 403)
        return _page(post, 403, trouble="FOREIGN", sendable=False)
    if post.session is None:
        return _page(post, 401, trouble="SIGNED_OUT")
    try:
        post.intake.staff.of_this_session(post.session)
    except ForeignForm:
        return _page(post, 403, trouble="OTHER_SESSION")
    if post.grant_refused is not None:
        return _page(post, 403, trouble=post.grant_refused, sendable=False)
    return None


@blueprint.errorhandler(TooLarge)
@blueprint.errorhandler(413)
def too_long(error: Exception) -> Response:
    intake: Intake = current_app.extensions["intake"]
    settings = intake.settings
    page = render_template("step_too_long.html", sandbox=settings.sandbox, cases_url=f"{settings.staff_url}/staff")
    return make_response(page, 413)


def _post(case_id: str, fields: Fields) -> _Post:
    intake: Intake = current_app.extensions["intake"]
    now = intake.clock()
    try:
        session = intake.staff.session()
    except NoSession:
        session = None
    token = next(iter(fields.get("grant", ())), "")
    grant, refused = None, None
    try:
        grant = grants.decode(token, intake.public_keys, now)
    except Refused as no:
        refused = "GRANT_OVER" if no.expired else "NO_GRANT"
        if no.expired:
            # Signed by us and only too old: it still says which case the page was of.
            with contextlib.suppress(Refused):
                grant = grants.decode(token, intake.public_keys, _LONG_AGO)
    return _Post(intake, case_id, fields, session, grant, refused, now)


def _read(post: _Post, author: Author) -> tuple[Told, list[Finding]]:
    directory = post.intake.directory.current()
    reading = form_fields.read(post.fields, directory, post.now)
    own = (author.case, author.case_code)
    return reading.told, [
        *reading.findings,
        *rules.findings(reading.told, directory, post.now, own=own, strict=False),
        *withholding.findings(reading.told, author, directory),
    ]


def _recorded(post: _Post, told: Told, author: Author) -> Any:
    """On disk, then on to the case page, which waits until it knows of this event."""
    digest = identity.digest(form_fields.told_in(post.fields))
    # A page makes one grant: sent twice from there, it is one step even where the page names no key.
    grant = next(iter(post.fields.get("grant", ())), "")
    key = next(iter(post.fields.get("form_key", ())), "")[:100] or sha256(grant.encode()).hexdigest()
    try:
        try:
            event_id = post.intake.steps.record(told, author, key=key, digest=digest)
        except KeyTaken:
            # Gone back, edited, sent again: a step of its own. Both are shown, and none is lost.
            event_id = post.intake.steps.record(told, author, key=f"{key}/{digest}", digest=digest)
    except SpoolUnavailable as unavailable:
        page = _page(post, 503, trouble="UNAVAILABLE")
        page.headers["Retry-After"] = str(unavailable.retry_after)
        return page
    except TooLarge:
        return _page(post, 413, found=[Finding("note", "Dài quá mức máy chủ giữ được. Xin bỏ bớt phần dán nhầm.", "")])
    staff = post.intake.settings.staff_url
    return redirect(f"{staff}/staff/truong-hop/{author.case_code}?{urlencode({'cho': event_id})}", 303)


def _page(
    post: _Post, status: int, *, trouble: str | None = None, found: Sequence[Finding] = (), sendable: bool = True
) -> Response:
    directory = post.intake.directory.current()
    commune = directory.commune_of(post.grant.commune if post.grant else None, post.now)
    steps = directory.codes_in_force("steps", post.now)
    granted = [one for one in steps if post.grant is None or one.code in post.grant.steps]
    errors: dict[str, str] = {}
    for finding in found:
        errors.setdefault(finding.field, finding.vi)
    context = {
        **_everywhere(post),
        "fields": post.fields,
        "more": form_fields.further(post.fields),
        "shown": form_fields.shown(post.fields),
        "times": {name: form_fields.as_field(post.fields, name) for name in ("at", "until")},
        "errors": errors,
        "trouble": trouble,
        "sendable": sendable,
        "csrf": post.session.csrf if post.session else "",
        "case": post.case,
        "steps": granted,
        "risks": directory.codes_in_force("risk_levels", post.now),
        "agency_names": {one.code: one.vi for one in directory.agencies(commune, None, post.now)},
        "names": {one.code: one.vi for one in granted},
        "label": lambda field, code: directory.code(_TABLES[field], code).vi,
        "assessments": ASSESSMENTS,
        "words_needed": WORDS_NEEDED,
        "called": lambda code: _called(code, directory),
    }
    return make_response(render_template("step.html", **context), status)


def _called(code: str, directory: Directory) -> str:
    """What is chosen and not offered here: an agency of elsewhere, a unit, a kind of agency, or words."""
    found = directory.agency(code) or directory.unit(code) or directory.code("agency_kinds", code)
    return found.vi


def _everywhere(post: _Post) -> dict[str, Any]:
    staff, code = post.intake.settings.staff_url, post.grant.code if post.grant else None
    path = f"/staff/truong-hop/{code}" if code else "/staff"
    return {
        "sandbox": post.intake.settings.sandbox,
        "code": code,
        "case_url": f"{staff}{path}",
        "sign_in_url": f"{staff}/staff/dang-nhap?{urlencode({'next': path})}",
    }
