"""`/staff/toi`: what somebody sees of the own account, and ends sessions that were forgotten elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Response, request

from services.reporting.documents import accounts, delegations, translated
from services.reporting.parts import parts
from services.reporting.staff import second_factor
from services.reporting.staff.entering import next_of, note
from services.reporting.staff.guard import current, desk, signed_in
from services.reporting.staff.labels import role_of, shown
from services.reporting.staff.pages import page, see, staff_pages

pages = staff_pages("people")
_LATELY, _MINUTE = timedelta(days=30), timedelta(minutes=1)
HAPPENED = {
    "PASSWORD_RESET": "Mật khẩu và điện thoại tạo mã được đặt lại, có người thứ hai xác nhận.",
    "CODE_WRONG_OFTEN": "Có người 10 lần gõ đúng mật khẩu mà sai mã. Nếu không phải bạn: đặt lại mật khẩu ngay.",
}


@pages.get("/toi")
@signed_in
def me() -> Response:
    return _page()


@pages.post("/toi/ma-du-phong")
@signed_in
def new_codes() -> Response:
    """New recovery codes, for a code that the telephone shows now: an open browser alone is not enough."""
    who, store, now = current(), parts().store, parts().now()
    slow = desk().throttle.approving(who.viewer.account, now)
    if slow is not None:
        return _page(429, error=f"Xin chờ {slow.seconds} giây rồi thử lại.")
    secret = desk().vault.open(who.viewer.account, who.account["totp"])
    step = second_factor.step_of(secret, second_factor.digits_of(request.form.get("code", "")), now)
    codes = second_factor.recovery_codes()
    hashed = [desk().vault.mark("recovery", who.viewer.account, code) for code in codes]
    done = False
    if step is not None and step > who.account["totp_step"]:
        # Said before it is done: a row too many is a question, codes without one are a hole.
        note(store, who.account, "RECOVERY_CODES_MADE", now)
        with translated():
            done = accounts.renew_recovery(store.accounts, who.account, step, hashed)
    if not done:
        return _page(422, error="Mã chưa đúng hoặc đã dùng rồi. Xin chờ mã mới trên điện thoại.")
    desk().throttle.approved(who.viewer.account)
    return page("recovery_codes.html", codes=[second_factor.grouped(code) for code in codes], user=None)


@pages.post("/toi/dang-xuat-het")
@signed_in
def leave_everywhere() -> Response:
    note(parts().store, current().account, "SESSIONS_ENDED", parts().now())
    with translated():
        accounts.end_sessions(parts().store.accounts, current().viewer.account)
    response = see("/staff/dang-nhap")
    desk().door.let_out(response)
    return response


def _page(status: int = 200, error: str | None = None) -> Response:
    who, store, now = current(), parts().store, parts().now()
    with translated():
        given = delegations.active_for(store.delegations, who.viewer.account, now)
    return page(
        "me.html",
        status,
        error=error,
        me=shown(who.account),
        until=who.session.expires_at,
        next=next_of(request.args.get("next")),
        happened=_happened(who.account, now),
        left=len(who.account["recovery"]),
        given=[
            {"role": role_of(one["role"]), "ends_at": one["ends_at"] - _MINUTE}
            for one in given
            if one["role"] in who.viewer.delegated
        ],
    )


def _happened(account: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """What others may have done with the account lately, the newest first."""
    found = [one for one in account.get("happened") or () if one["at"] > now - _LATELY]
    return [{"at": one["at"], "words": HAPPENED.get(one["what"], one["what"])} for one in reversed(found)]
