"""`/staff/quen`, `/staff/kich-hoat`, `/staff/dat-mat-khau`: what somebody does who cannot sign in, or not yet."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, request

from services.reporting.documents import accounts, translated
from services.reporting.documents.enrolments import APPROVED, ASKED
from services.reporting.parts import parts
from services.reporting.staff import enrolling, second_factor
from services.reporting.staff.enrolling import Enrolled, Ticket
from services.reporting.staff.guard import desk
from services.reporting.staff.pages import page, staff_pages
from services.reporting.staff.signin import let_in
from shared.web.staff import ForeignForm

pages = staff_pages("recovery")


@pages.get("/quen")
def forgotten() -> Response:
    return page("forgotten.html", slow=None)


@pages.post("/quen")
def ask() -> Response:
    desk().door.from_our_page()
    now = parts().now()
    slow = desk().throttle.asking(request.remote_addr or "", now)
    if slow is not None:
        return page("forgotten.html", 429, slow=slow)
    ticket = enrolling.ask(parts().store, desk(), request.form.get("user", ""), now)
    return _with_ticket("/staff/quen/cho", ticket)


@pages.get("/quen/cho")
def wait() -> Response:
    """Looks again by itself: the user is on the telephone and has no hand free."""
    ticket = _ticket()
    found = enrolling.of_ticket(parts().store, ticket, parts().now())
    if ticket is None or found is None or found["state"] not in {ASKED, APPROVED}:
        return page("too_late.html", 410)
    if found["state"] == APPROVED:
        return make_response(redirect("/staff/dat-mat-khau", 303))
    number = f"{ticket.number[:3]} {ticket.number[3:]}"
    return page("waiting.html", number=number, until=found["expires_at"])


@pages.get("/kich-hoat")
def activation() -> Response:
    return page("activate.html", wrong=False, slow=None, user="")


@pages.post("/kich-hoat")
def activate() -> Response:
    desk().door.from_our_page()
    now, user = parts().now(), request.form.get("user", "")
    slow = desk().throttle.asking(request.remote_addr or "", now)
    if slow is not None:
        return page("activate.html", 429, wrong=False, slow=slow, user=user[:60])
    ticket = enrolling.take(parts().store, desk(), user, request.form.get("code", ""), now)
    if ticket is None:
        return page("activate.html", 401, wrong=True, slow=None, user=user[:60])
    desk().throttle.asked_well(request.remote_addr or "", now)
    return _with_ticket("/staff/dat-mat-khau", ticket)


@pages.get("/dat-mat-khau")
def choose() -> Response:
    going_on = _approved()
    return _choosing(*going_on, {}, 200) if going_on is not None else page("too_late.html", 410)


@pages.post("/dat-mat-khau")
def chosen() -> Response:
    desk().door.from_our_page()
    going_on = _approved()
    if going_on is None:
        return page("too_late.html", 410)
    ticket, found = going_on
    if not enrolling.from_its_form(desk(), ticket, request.form.get("csrf", "")):
        raise ForeignForm
    done = enrolling.finish(parts().store, desk(), found, request.form, parts().now())
    if isinstance(done, dict):
        return _choosing(ticket, found, done, 422)
    if done is None:
        return page("too_late.html", 410)
    return _shown_once(done)


def _approved() -> tuple[Ticket, dict[str, Any]] | None:
    """What this browser may go on with now."""
    ticket = _ticket()
    found = enrolling.of_ticket(parts().store, ticket, parts().now())
    if ticket is None or found is None or found["state"] != APPROVED:
        return None
    return ticket, found


def _choosing(ticket: Ticket, enrolment: dict[str, Any], errors: dict[str, str], status: int) -> Response:
    with translated():
        account = accounts.one(parts().store.accounts, enrolment["account"])
    secret = enrolling.secret_of(parts().store, desk(), enrolment)
    if account is None or secret is None:
        return page("too_late.html", 410)
    return page(
        "choose.html",
        status,
        account=account,
        qr=second_factor.qr_code(secret, account["user"]),
        secret=second_factor.grouped(secret),
        token=enrolling.csrf_of(desk(), ticket),
        errors=errors,
    )


def _shown_once(done: Enrolled) -> Response:
    """Signed in at once: the code was spent on setting up, and the next one is half a minute away."""
    codes = [second_factor.grouped(code) for code in done.recovery]
    response = page("recovery_codes.html", codes=codes, user=done.account["user"])
    let_in(response, done.account, known=True)
    response.delete_cookie(_cookie(), secure=_secure(), httponly=True, samesite="Lax", path="/")
    return response


def _with_ticket(where: str, ticket: Ticket) -> Response:
    response = make_response(redirect(where, 303))
    response.set_cookie(
        _cookie(),
        str(ticket),
        max_age=enrolling.RESET_LASTS,
        secure=_secure(),
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def _ticket() -> Ticket | None:
    return Ticket.parse(request.cookies.get(_cookie(), ""))


def _cookie() -> str:
    return f"{desk().door.cookie}-dat"


def _secure() -> bool:
    return _cookie().startswith("__Host-")
