"""`/staff/dang-nhap` and `/staff/dang-xuat`."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from flask import Response, request

from services.reporting.documents import accounts, staff_sessions, translated
from services.reporting.parts import parts
from services.reporting.staff import enrolling, entering, ticket_cookie
from services.reporting.staff.entering import Entered
from services.reporting.staff.guard import desk, signed_in, visitor
from services.reporting.staff.pages import home, page, refusal, see, staff_pages
from services.reporting.staff.throttle import Slow
from shared import metrics
from shared.web.staff import NoSession

pages = staff_pages("signin")
_attempts = metrics.counter("staff_sign_ins", "Attempts to sign in, by what became of them", ("outcome",))
_KNOWN, _KNOWN_FOR = "may", timedelta(days=180)


@pages.get("/dang-nhap")
def form() -> Response:
    wanted = entering.next_of(request.args.get("next"))
    who = visitor()
    if who is not None:
        return see(wanted or home())
    return page("sign_in.html", next=wanted, user="", wrong=False, slow=None)


@pages.post("/dang-nhap")
def enter() -> Response:
    desk().door.from_our_page()
    user, wanted = request.form.get("user", ""), entering.next_of(request.form.get("next"))
    now = parts().now()
    verdict = entering.enter(
        parts().store,
        desk(),
        user=user,
        password=request.form.get("password", ""),
        code=request.form.get("code", ""),
        address=request.remote_addr or "",
        browser=_known_browser(entering.user_of(user)),
        now=now,
    )
    outcome = "entered" if isinstance(verdict, Entered) else "wrong" if verdict is None else "slow"
    _attempts.labels(outcome).inc()
    if isinstance(verdict, Entered) and verdict.account.get("unconfirmed"):
        return ticket_cookie.sent(
            "/staff/quen/cho", enrolling.ask_to_confirm(parts().store, desk(), verdict.account, now)
        )
    if isinstance(verdict, Entered):
        end_session_here()
        response = see(_after(verdict, wanted))
        let_in(response, verdict.account, known=True)
        with translated():
            accounts.visited(parts().store.accounts, verdict.account["_id"], now)
        return response
    slow = verdict if isinstance(verdict, Slow) else None
    response = page("sign_in.html", 429 if slow else 401, next=wanted, user=user[:60], wrong=slow is None, slow=slow)
    if slow:
        response.headers["Retry-After"] = str(slow.seconds)
    return response


@pages.get("/vao")
@signed_in
def first_page() -> Response:
    """The page that somebody of this role begins with."""
    return see(home())


@pages.post("/dang-xuat")
def leave() -> Response:
    who = visitor()
    if who is not None:
        desk().door.of_this_session(who.session)
        end_session_here()
    response = see("/staff/dang-nhap")
    desk().door.let_out(response)
    return response


@pages.route("/<path:rest>", methods=["GET", "POST"])
def nothing_here(rest: str) -> Response:
    return refusal("nothing_here.html", 404)


def let_in(response: Response, account: dict[str, Any], *, known: bool) -> None:
    """Begin a session in this browser; `known`: it has just shown that the owner of the account sits before it."""
    agent = request.headers.get("User-Agent", "")
    _, token = entering.begin(parts().store, desk(), account, agent, parts().now())
    desk().door.let_in(response, token)
    if known:
        nonce = secrets.token_urlsafe(12)
        mark = _mark(str(account["user"]), int(account["generation"]), nonce)
        desk().door.keep(response, _KNOWN, f"{nonce}.{mark}", _KNOWN_FOR)


def end_session_here() -> None:
    """End the session of the cookie that came along, if it is one."""
    try:
        session = desk().door.session()
    except NoSession:
        return
    with translated():
        staff_sessions.end(parts().store.staff_sessions, session.id, parts().now())


def _after(entered: Entered, wanted: str | None) -> str:
    # Whoever needed a code from paper has lost the phone, perhaps: that page says what to do about it.
    # So does what happened to the account since its owner was here.
    if entered.recovery_left is None and not entering.unseen(entered.account):
        return wanted or "/staff/vao"
    return f"/staff/toi?next={quote(wanted, safe='/')}" if wanted else "/staff/toi"


def _known_browser(user: str) -> str | None:
    """The mark of a browser that has been in this account before; it says nothing about any other account.

    Whatever ends every session ends it too: after a reset the browser of whoever was in before is a stranger's.
    """
    nonce, _, given = desk().door.kept(_KNOWN).partition(".")
    if not nonce:
        return None
    with translated():
        account = accounts.by_user(parts().store.accounts, user)
    mark = _mark(user, int(account["generation"]) if account is not None else 0, nonce)
    return nonce if hmac.compare_digest(given.encode("utf-8", "replace"), mark.encode()) else None


def _mark(user: str, generation: int, nonce: str) -> str:
    return desk().vault.mark("known browser", user, str(generation), nonce)[:32]
