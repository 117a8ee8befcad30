"""What every page for staff has: the words for a refusal, its headers, and what its templates may use.

pages = staff_pages("cases")

@pages.get("/tim")
@signed_in
def search() -> Response: ...
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from services.reporting.staff.guard import Forbidden, current, desk, may, visitor
from services.reporting.staff.passwords import Busy
from services.reporting.staff.wording import local
from shared import logs
from shared.failures import Temporary
from shared.web.staff import FIELD, ForeignForm, NoSession, origin_of

PREFIX = "/staff"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self' {forms}; "
    "base-uri 'none'; frame-ancestors 'none'"
)

log = logs.get(__name__)


def staff_pages(name: str) -> Blueprint:
    """A blueprint under /staff. Its views may raise `NoSession`, `Forbidden`, `ForeignForm`, `Busy` or `Temporary`."""
    pages = Blueprint(name, __name__, url_prefix=PREFIX)
    pages.context_processor(_words)
    pages.after_request(_headers)
    pages.register_error_handler(NoSession, _sign_in_first)
    pages.register_error_handler(Forbidden, lambda _: refusal("forbidden.html", 403))
    pages.register_error_handler(ForeignForm, lambda _: refusal("foreign_form.html", 403))
    pages.register_error_handler(Busy, lambda _: refusal("busy.html", 503))
    pages.register_error_handler(Temporary, lambda _: refusal("unavailable.html", 503))
    pages.register_error_handler(HTTPException, _http)
    pages.register_error_handler(Exception, _unexpected)
    return pages


def page(template: str, status: int = 200, **shown: Any) -> Response:
    return make_response(render_template(f"staff/{template}", **shown), status)


def see(path: str) -> Response:
    """After a POST, or in the place of a page: look there, with GET."""
    return make_response(redirect(path, 303))


def refusal(template: str, status: int, **shown: Any) -> Response:
    """A page that needs nothing of the database, because that may be what does not answer."""
    g.refused = True
    response = page(f"refused/{template}", status, who=None, nav=[], **shown)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def csrf() -> Markup:
    """The hidden field that every form of a session carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, current().session.csrf)


def home() -> str:
    """The first page that who is asking may open. Raises `NoSession` or `DependencyDown`."""
    links = _links()
    return links[0][0] if links else f"{PREFIX}/toi"


def _sign_in_first(refused: NoSession) -> Response:
    if request.method in {"GET", "HEAD"}:
        path = request.full_path if request.query_string else request.path
        return see(f"{url_for('signin.form')}?next={quote(path, safe='/')}")
    # What was posted is not kept; the page that asked for it is opened again after signing in, where there is one.
    return refusal("session_over.html", 401, back=request.path if _is_page(request.path) else None)


def _is_page(path: str) -> bool:
    found, _ = current_app.create_url_adapter(request).match(path, "GET")  # type: ignore[union-attr]
    return str(found) != "signin.nothing_here"


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    if code == 404:
        return refusal("nothing_here.html", code)
    return refusal("wrong_request.html" if code < 500 else "failed.html", code, large=code == 413)


def _unexpected(error: Exception) -> Response:
    rule = request.url_rule.rule if request.url_rule else None
    log.error("request failed", rule=rule, exc_info=error)
    return refusal("failed.html", 500)


def _words() -> dict[str, Any]:
    who = None if g.get("refused") else visitor()
    return {
        "who": who,
        "sandbox": desk().web.sandbox,
        "nav": _links() if who is not None else [],
        "csrf": csrf,
        "when": local,
        "here": request.path,
    }


def _links() -> list[tuple[str, str]]:
    """(path, label) of what this account may open."""
    cases = may("case.list")
    found = [
        (cases, "", "Vụ việc"),
        (cases, "/tim", "Tìm"),
        (may("accounts"), "/tai-khoan", "Tài khoản"),
        (may("access_log"), "/nhat-ky", "Nhật ký"),
        (may("figures.visible") or may("figures.published"), "/so-lieu", "Số liệu"),
        (may("delegate"), "/uy-quyen", "Ủy quyền"),
        (may("reset.approve"), "/dat-lai", "Cấp lại mật khẩu"),
    ]
    return [(PREFIX + path, label) for allowed, path, label in found if allowed]


def _headers(response: Response) -> Response:
    forms = " ".join(dict.fromkeys(origin_of(address) for address in desk().web.addresses))
    response.headers["Content-Security-Policy"] = _POLICY.format(forms=forms)
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    # Under no-referrer browsers say Origin: null even for our own forms; this way they say who we are and not where.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
