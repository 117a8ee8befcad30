"""`/staff/dat-lai`: the second person lets a reset pass, or an account that was made or changed, having spoken with
whoever asked for it.

Nobody is the second person for what he asked for, made or changed himself, nor in the browser that asked. Who sees
cases lets nobody into an account that sets the others up or watches over them: with both in one hand, one person would
be two.
"""

from __future__ import annotations

from typing import Any

from flask import Response, request

from services.reporting.documents import accounts, enrolments, translated
from services.reporting.documents.enrolments import CONFIRM, RESET
from services.reporting.parts import parts
from services.reporting.staff import account_making, enrolling, ticket_cookie
from services.reporting.staff.entering import note
from services.reporting.staff.guard import asks, current, desk, may
from services.reporting.staff.labels import shown
from services.reporting.staff.pages import page, staff_pages
from shared.authority import roles_of
from shared.authority.table import APART, sees_cases, vouches

pages = staff_pages("resets")
_ENDPOINT = "reset.approve"
_WRONG = "Số này chưa đúng, đã dùng rồi hoặc đã quá 30 phút. Xin nghe lại và nhập lần nữa."


@pages.get("/dat-lai")
@asks(_ENDPOINT)
def form() -> Response:
    return page("reset.html", found=None, slow=None, error=None, done=None)


@pages.post("/dat-lai")
@asks(_ENDPOINT)
def look() -> Response:
    """First the number, then whose it is, then the decision: nobody lets a stranger in by a slip of the finger."""
    now, me = parts().now(), current().viewer.account
    number = request.form.get("number", "")
    slow = desk().throttle.approving(me, now)
    if slow is not None:
        return page("reset.html", 429, found=None, slow=slow, error=None, done=None)
    found = enrolling.find(parts().store, desk(), number, now)
    refused = _refused(*found) if found is not None else _WRONG
    if found is None or refused is not None:
        return _again(refused)
    enrolment, account = found
    desk().throttle.approved(me)
    confirmed = request.form.get("account")
    if confirmed is None:
        return _whose(enrolment, account, number)
    # What was shown is what is confirmed: somebody may have changed it in between.
    if (confirmed, request.form.get("generation")) != (account["_id"], str(account["generation"])):
        return _again(_WRONG)
    return _approve(enrolment, account)


def _whose(enrolment: dict[str, Any], account: dict[str, Any], number: str) -> Response:
    maker = account.get("unconfirmed")
    with translated():
        found = accounts.one(parts().store.accounts, maker) if maker else None
    return page(
        "reset.html",
        found=shown(account),
        generation=account["generation"],
        # An account that waits: a new one or one that was changed.
        maker=(found["name"] if found is not None else maker) if maker else None,
        reset=_sets_anew(enrolment, account),
        number=number,
        slow=None,
        error=None,
        done=None,
    )


def _approve(enrolment: dict[str, Any], account: dict[str, Any]) -> Response:
    now, store, me = parts().now(), parts().store, current()
    if account.get("unconfirmed") or enrolment["kind"] != RESET:
        note(store, me.account, "ACCOUNT_CONFIRMED", now, f"{account['user']}, {account['role']}, {account['contact']}")
        with translated():
            if not accounts.confirm(store.accounts, account):
                return _again(_WRONG)
    if enrolment["kind"] == RESET:
        note(store, me.account, "RESET_APPROVED", now, f"cho {account['user']}")
    until = now + enrolling.RESET_LASTS
    with translated():
        done = enrolments.approve(store.enrolments, enrolment["_id"], account["_id"], me.viewer.account, until, now)
    if not done:
        return _again(_WRONG)
    return page("reset.html", found=None, slow=None, error=None, done=shown(account), sets=enrolment["kind"] != CONFIRM)


def _refused(enrolment: dict[str, Any], account: dict[str, Any]) -> str | None:
    me = current().viewer
    if account["_id"] == me.account:
        return "Không ai tự cấp lại mật khẩu cho mình. Xin nhờ một người khác trong đơn vị."
    weighs = account_making.weighs(parts().store, account, parts().now())
    if not may(_ENDPOINT, unit=account["unit"]) or (weighs and account["unit"] != me.unit):
        return "Người này thuộc đơn vị khác. Xin để người của đơn vị đó cấp lại."
    if weighs and not vouches(roles_of(me)):
        return "Tài khoản này xem vụ việc. Xin để người phụ trách trẻ em hoặc Chủ tịch xác nhận."
    if _sets_anew(enrolment, account) and account["role"] in APART and any(map(sees_cases, roles_of(me))):
        return "Tài khoản này đứng ngoài vụ việc. Xin để một người quản trị khác xác nhận, hoặc báo người vận hành."
    return _refused_unconfirmed(account) or _refused_to_himself(enrolment, account)


def _refused_unconfirmed(account: dict[str, Any]) -> str | None:
    if not account.get("unconfirmed"):
        return None
    if account_making.made_by_two(account["role"]) and not vouches(roles_of(current().viewer)):
        return "Tài khoản này xem nhật ký. Xin để người phụ trách trẻ em hoặc Chủ tịch xác nhận."
    if account_making.contact_taken(parts().store, account, account["_id"]):
        return "Mã liên hệ này đang có một tài khoản khác dùng. Xin báo người quản trị khóa một trong hai."
    return None


def _refused_to_himself(enrolment: dict[str, Any], account: dict[str, Any]) -> str | None:
    me = current().viewer
    if me.account in {enrolment.get("asked_by"), account.get("unconfirmed")}:
        return "Bạn là người xin số này hoặc đã sửa tài khoản này. Xin để một người khác xác nhận."
    ticket = ticket_cookie.given()
    if ticket is not None and ticket.browser == enrolment["browser"]:
        return "Số này được xin trên chính máy này. Xin để người khác xác nhận, trên máy của họ."
    return None


def _sets_anew(enrolment: dict[str, Any], account: dict[str, Any]) -> bool:
    """Whether somebody else may already have used what is set here."""
    return enrolment["kind"] == RESET and account["password"] is not None


def _again(error: str | None) -> Response:
    return page("reset.html", 422, found=None, slow=None, error=error, done=None)
