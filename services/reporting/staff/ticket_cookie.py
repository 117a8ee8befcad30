"""The cookie by which the browser is known that asked for a number, until its password is set."""

from __future__ import annotations

from flask import Response, make_response, redirect, request

from services.reporting.staff import enrolling
from services.reporting.staff.enrolling import Ticket
from services.reporting.staff.guard import desk


def given() -> Ticket | None:
    return Ticket.parse(request.cookies.get(_name(), ""))


def sent(where: str, ticket: Ticket) -> Response:
    response = make_response(redirect(where, 303))
    response.set_cookie(
        _name(),
        str(ticket),
        max_age=enrolling.RESET_LASTS,
        secure=_secure(),
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def taken_back(response: Response) -> None:
    response.delete_cookie(_name(), secure=_secure(), httponly=True, samesite="Lax", path="/")


def _name() -> str:
    return f"{desk().door.cookie}-dat"


def _secure() -> bool:
    return _name().startswith("__Host-")
