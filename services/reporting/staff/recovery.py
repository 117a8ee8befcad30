"""`/staff/quen`, `/staff/kich-hoat`, `/staff/dat-mat-khau`: what somebody does who cannot sign in, or not yet."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request

from services.reporting.documents import accounts, translated
from services.reporting.documents.enrolments import APPROVED, ASKED, CONFIRM, RESET
from services.reporting.parts import parts
from services.reporting.staff import enrolling, entering, second_factor, ticket_cookie
from services.reporting.staff.enrolling import Enrolled, Ticket
from services.reporting.staff.guard import desk, visitor
from services.reporting.staff.pages import page, staff_pages
from services.reporting.staff.signin import end_session_here, let_in
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
    who = visitor()
    ticket = enrolling.ask(
        parts().store, desk(), request.form.get("user", ""), now, by=who.viewer.account if who is not None else None
    )
    return ticket_cookie.sent("/staff/quen/cho", ticket)


@pages.get("/quen/cho")
def wait() -> Response:
    """Looks again by itself: the user is on the telephone and has no hand free."""
    ticket = ticket_cookie.given()
    found = enrolling.of_ticket(parts().store, ticket, parts().now())
    if ticket is None or found is None or found["state"] not in {ASKED, APPROVED}:
        return page("too_late.html", 410)
    if found["state"] == APPROVED and found["kind"] == CONFIRM:
        return page("confirmed.html")
    if found["state"] == APPROVED:
        # Anew: the half hour after the second person's word is longer than what is left of the one after asking.
        return ticket_cookie.sent("/staff/dat-mat-khau", ticket)
    number = f"{ticket.number[:3]} {ticket.number[3:]}"
    return page("waiting.html", number=number, until=found["expires_at"], confirm=found["kind"] != RESET)


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
    # A number on it: the account waits for a second person before anything is set up.
    return ticket_cookie.sent("/staff/quen/cho" if ticket.number else "/staff/dat-mat-khau", ticket)


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
    ticket = ticket_cookie.given()
    found = enrolling.of_ticket(parts().store, ticket, parts().now())
    if ticket is None or found is None or found["state"] != APPROVED:
        return None
    # Who was only confirmed goes on with the password that there is.
    return (ticket, found) if found["kind"] != CONFIRM else None


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
        address=second_factor.address_of(secret, account["user"]),
        secret=second_factor.grouped(secret),
        token=enrolling.csrf_of(desk(), ticket),
        errors=errors,
    )


def _shown_once(done: Enrolled) -> Response:
    """Signed in at once: the code was spent on setting up, and the next one is half a minute away.

    Whoever was signed in on this machine is not any more, nor is the page shown under another's name.
    """
    end_session_here()
    g.pop("who", None)
    codes = [second_factor.grouped(code) for code in done.recovery]
    until = entering.waits_until(done.account, parts().now())
    response = page("recovery_codes.html", codes=codes, user=done.account["user"], waits_until=until)
    let_in(response, done.account, known=True)
    ticket_cookie.taken_back(response)
    return response
