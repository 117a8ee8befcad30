"""`/staff/uy-quyen`: somebody stands in for the chairman, from when until when, and not a minute longer."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from flask import Response, request

from services.reporting.documents import accounts, delegations, translated
from services.reporting.parts import parts
from services.reporting.staff.entering import note
from services.reporting.staff.guard import Forbidden, asks, current
from services.reporting.staff.labels import role_of
from services.reporting.staff.pages import page, see, staff_pages
from services.reporting.staff.wording import local
from shared.authority.table import APART
from shared.calendar import LOCAL

pages = staff_pages("delegation")
_ENDPOINT = "delegate"
_LONGEST = timedelta(days=92)
_LISTED = 50
_FIRST_YEAR, _LAST_YEAR = 2000, 2999


@pages.get("/uy-quyen")
@asks(_ENDPOINT)
def show() -> Response:
    return _page({}, {})


@pages.post("/uy-quyen")
@asks(_ENDPOINT)
def give() -> Response:
    me, store, now = current(), parts().store, parts().now()
    form = {name: request.form.get(name, "") for name in ("receiver", "first", "last")}
    people = {one["_id"]: one for one in _people()}
    first, last = _day(form["first"]), _day(form["last"])
    errors = _errors(form, people, first, last, now)
    if errors or first is None or last is None:
        return _page(form, errors, 422)
    receiver = people[form["receiver"]]
    starts_at, ends_at = max(now, _midnight(first)), _midnight(last + timedelta(days=1))
    note(store, me.account, "DELEGATED", now, f"cho {receiver['user']} đến {local(ends_at)}")
    with translated():
        delegations.insert(
            store.delegations,
            {
                "_id": str(uuid4()),
                "role": me.viewer.role,
                "unit": me.viewer.unit,
                "giver": me.viewer.account,
                "receiver": receiver["_id"],
                "starts_at": starts_at,
                "ends_at": ends_at,
                "created_at": now,
                "revoked_at": None,
                "revoked_by": None,
            },
        )
    return see("/staff/uy-quyen")


@pages.post("/uy-quyen/thu-hoi")
@asks(_ENDPOINT)
def take_back() -> Response:
    me, store, now = current(), parts().store, parts().now()
    with translated():
        found = delegations.revocable(store.delegations, request.form.get("id", ""), me.viewer.unit, now)
        receiver = accounts.one(store.accounts, found["receiver"]) if found is not None else None
    if found is None:
        raise Forbidden
    note(store, me.account, "DELEGATION_REVOKED", now, f"của {receiver['user'] if receiver else found['receiver']}")
    with translated():
        delegations.revoke(store.delegations, found["_id"], me.viewer.account, now)
    return see("/staff/uy-quyen")


def _page(form: dict[str, str], errors: dict[str, str], status: int = 200) -> Response:
    store, now = parts().store, parts().now()
    with translated():
        given = delegations.of_unit(store.delegations, current().viewer.unit, _LISTED)
        names = {one["_id"]: one for one in accounts.listed(store.accounts, [current().viewer.unit])}
    return page(
        "delegation.html",
        status,
        form=form,
        errors=errors,
        people=[{**one, "role": role_of(one["role"])} for one in _people()],
        given=[_shown(one, names, now) for one in given],
        role=role_of(current().viewer.role),
        today=now.astimezone(LOCAL).date().isoformat(),
    )


def _people() -> list[dict[str, Any]]:
    """Who may stand in: accounts in use of the same unit. Who watches over the others or sets them up takes nothing."""
    me = current().viewer
    with translated():
        found = accounts.listed(parts().store.accounts, [me.unit])
    return [
        one
        for one in found
        if one["disabled_at"] is None and one["_id"] != me.account and one["role"] not in {*APART, me.role}
    ]


def _errors(
    form: dict[str, str], people: dict[str, Any], first: date | None, last: date | None, now: datetime
) -> dict[str, str]:
    errors = {}
    if form["receiver"] not in people:
        errors["receiver"] = "Xin chọn người được ủy quyền."
    if first is None:
        errors["first"] = "Xin chọn ngày bắt đầu."
    if last is None or (first is not None and last < first) or _midnight(last + timedelta(days=1)) <= now:
        errors["last"] = "Xin chọn ngày kết thúc, từ hôm nay trở đi và không trước ngày bắt đầu."
    elif first is not None and last - first > _LONGEST:
        errors["last"] = "Ủy quyền dài nhất ba tháng; hết hạn thì ủy quyền lại."
    return errors


def _shown(one: dict[str, Any], names: dict[str, Any], now: datetime) -> dict[str, Any]:
    over = one["revoked_at"] is not None or one["ends_at"] <= now
    if over:
        state = "đã thu hồi" if one["revoked_at"] is not None else "đã hết"
    else:
        state = "chưa đến ngày" if one["starts_at"] > now else ""
    receiver = names.get(one["receiver"])
    return {
        "id": one["_id"],
        "name": receiver["name"] if receiver else one["receiver"],
        "role": role_of(one["role"]),
        "starts_at": one["starts_at"],
        "ends_at": one["ends_at"] - timedelta(minutes=1),
        "over": over,
        "state": state,
    }


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    # The calendar ends with the year 9999, and the day after is asked for; nobody means such a day.
    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LOCAL)
