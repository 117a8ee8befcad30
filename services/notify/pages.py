"""The page behind the short link: what is owed, and one button that says somebody has it in hand."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from services.notify import louder, opening
from services.notify.composing import shown_of
from services.notify.links import LENGTH
from services.notify.opening import Opened
from services.notify.store import alerts
from services.notify.store.collections import Row
from shared import crashpoints, logs
from shared.calendar import in_words
from shared.directory import Directory
from shared.failures import DependencyDown
from shared.tokens import token_hash
from shared.web.staff import origin_of

log = logs.get(__name__)


def blueprint(own_addresses: Collection[str], directory: Callable[[], Directory], staff_url: str) -> Blueprint:
    """`own_addresses`: under which this page is reached; a form on any other site is refused.

    Each time the holder of the link is judged anew by what is known now: a link that was good yesterday shows nothing
    once a conflict was declared.
    """
    pages = Blueprint("acknowledge", __name__, url_prefix="/a")
    own = frozenset(origin_of(address) for address in own_addresses)

    @pages.get("/<token>")
    def show(token: str) -> Response:
        # Previews of messages and mail scanners open links too: only the button, a POST, changes anything.
        return _page(token, lambda opened: opened.alert)

    @pages.post("/<token>")
    def acknowledge(token: str) -> Response:
        if not _ours(own):
            return _answer("refused.html", 403)
        answer = _page(token, _acknowledged)
        crashpoints.reach("notify.acknowledged")
        return answer

    def _page(token: str, look: Callable[[Opened], Row | None]) -> Response:
        if len(token) != LENGTH or not token.isascii() or not token.isalnum():
            return _answer("unknown.html", 404)
        now = datetime.now(UTC)
        try:
            opened = opening.by_token(token_hash(token), directory(), now)
            alert = look(opened) if opened is not None and not opened.over else None
        except DependencyDown:
            return _answer("unavailable.html", 503)
        if opened is not None and opened.over:
            return _answer("over.html", 410, sign_in=f"{staff_url}/staff/vao")
        if opened is None or alert is None:
            return _answer("unknown.html", 404)
        link, whose = opened.link, directory().agency(opened.link["agency"])
        why = louder.of_contact(alert, link["contact"])
        return _answer(
            "acknowledge.html",
            200,
            person=link.get("person") or "",
            # Empty for the alert's own agency: who is of another acts in its own name, in place of that one.
            own_agency=whose.vi if whose is not None and whose.code != alert["agency"] else "",
            why=why.sentence if why is not None else "",
            done=_done(alert, link["contact"]),
            case_page=f"{staff_url}/staff/vu-viec/{alert['code']}",
            **shown_of(alert),
        )

    def _acknowledged(opened: Opened) -> Row | None:
        now = datetime.now(UTC)
        due = opening.step_due(opened, directory(), now)
        return alerts.acknowledge(opened.alert, opened.link["token_sha256"], now, next_action_at=due)

    return pages


def _done(alert: Row, holder: str) -> dict[str, Any] | None:
    at = alert.get("acknowledged_at")
    if at is None:
        return None
    return {
        "by": alert.get("acknowledged_by"),
        "at": in_words(at),
        "you": alert.get("acknowledged_contact") == holder,
    }


def _answer(template: str, status: int, **shown: Any) -> Response:
    response = make_response(render_template(template, **shown), status)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    # Under no-referrer browsers say Origin: null even for our own form, and the check below would be worth nothing.
    response.headers["Referrer-Policy"] = "same-origin"
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def _ours(own: frozenset[str]) -> bool:
    """The token in the path is what counts; a form on a foreign site is refused all the same.

    No Origin, or "null", is let through: some phones' message viewers send that, and a child is waiting.
    """
    origin = request.headers.get("Origin")
    return origin in {None, "null"} or origin in own or origin == origin_of(request.host_url)
