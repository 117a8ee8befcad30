"""`/staff/dat-lai`: the second person lets a reset pass, having spoken with whoever asked for it."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from services.reporting.documents import enrolments, translated
from services.reporting.parts import parts
from services.reporting.staff import enrolling
from services.reporting.staff.entering import note
from services.reporting.staff.guard import asks, current, desk, may
from services.reporting.staff.labels import shown
from services.reporting.staff.pages import page, staff_pages

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
    refused = _refused(found[1]) if found is not None else _WRONG
    if found is None or refused is not None:
        return _again(refused)
    desk().throttle.approved(me)
    confirmed = request.form.get("account")
    if confirmed is None:
        return page("reset.html", found=shown(found[1]), number=number, slow=None, error=None, done=None)
    return _approve(*found) if confirmed == found[1]["_id"] else _again(_WRONG)


def _approve(enrolment: dict[str, Any], account: dict[str, Any]) -> Response:
    now, store, me = parts().now(), parts().store, current()
    note(store, me.account, "RESET_APPROVED", now, f"cho {account['user']}")
    until = now + enrolling.RESET_LASTS
    with translated():
        done = enrolments.approve(store.enrolments, enrolment["_id"], account["_id"], me.viewer.account, until, now)
    if not done:
        return _again(_WRONG)
    return page("reset.html", found=None, slow=None, error=None, done=shown(account))


def _refused(account: dict[str, Any]) -> str | None:
    if account["_id"] == current().viewer.account:
        return "Không ai tự cấp lại mật khẩu cho mình. Xin nhờ một người khác trong đơn vị."
    if not may(_ENDPOINT, unit=account["unit"]):
        return "Người này thuộc đơn vị khác. Xin để người của đơn vị đó cấp lại."
    return None


def _again(error: str | None) -> Response:
    return page("reset.html", 422, found=None, slow=None, error=error, done=None)
