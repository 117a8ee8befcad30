"""The cookie by which the browser is known that asked for a number, until its password is set."""

from __future__ import annotations

from flask import Response

from services.reporting.staff import enrolling
from services.reporting.staff.enrolling import Ticket
from services.reporting.staff.guard import desk
from services.reporting.staff.pages import see

_NAME = "dat"


def given() -> Ticket | None:
    return Ticket.parse(desk().door.kept(_NAME))


def sent(where: str, ticket: Ticket) -> Response:
    response = see(where)
    desk().door.keep(response, _NAME, str(ticket), enrolling.RESET_LASTS)
    return response


def taken_back(response: Response) -> None:
    desk().door.forget(response, _NAME)
