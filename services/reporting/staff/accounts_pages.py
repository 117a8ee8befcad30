"""`/staff/tai-khoan`: the administrator makes accounts, hands over codes and ends accounts; he sees no case.

Nor can he give himself one that does: whatever he makes or changes of those waits for a second person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, request

from services.reporting.documents import accounts, enrolments, translated
from services.reporting.parts import parts
from services.reporting.staff import account_making, enrolling, second_factor
from services.reporting.staff.entering import note
from services.reporting.staff.guard import Forbidden, asks, current, desk, may, roster
from services.reporting.staff.labels import shown
from services.reporting.staff.pages import page, see, staff_pages
from shared.directory import Agency

pages = staff_pages("accounts")
_ENDPOINT = "accounts"
_CODES = ("role", "unit", "agency", "contact")
_TAKEN = {"user": "Tên đăng nhập này đã có người dùng."}
_HELD = "Mã liên hệ này đã có tài khoản đang dùng. Mỗi người một tài khoản: xin khóa tài khoản kia trước."


@pages.get("/tai-khoan")
@asks(_ENDPOINT)
def listing() -> Response:
    with translated():
        found = accounts.listed(parts().store.accounts, _units())
    return page("accounts.html", people=[shown(one) for one in found])


@pages.get("/tai-khoan/moi")
@asks(_ENDPOINT)
def form() -> Response:
    return _form({"unit": current().viewer.unit}, {}, 200)


@pages.post("/tai-khoan/moi")
@asks(_ENDPOINT)
def make() -> Response:
    me, store, now = current(), parts().store, parts().now()
    fields = account_making.cleaned(request.form)
    errors = _errors(fields)
    if errors:
        return _form(fields, errors, 422)
    with translated():
        taken = accounts.by_user(store.accounts, fields["user"]) is not None
    if taken:
        return _form(fields, _TAKEN, 422)
    # Said before it is done: a row too many is a question to somebody, an account without one is a hole.
    note(store, me.account, "ACCOUNT_MADE", now, f"{fields['user']}, {fields['role']}, {fields['unit']}")
    waits = me.viewer.account if account_making.made_by_two(fields["role"]) else None
    account = account_making.make(store, fields, me.viewer.account, now, unconfirmed=waits)
    if account is None:
        return _form(fields, _TAKEN, 422)
    return _code_page(account)


@pages.get("/tai-khoan/<key>")
@asks(_ENDPOINT)
def one(key: str) -> Response:
    account = _account(key)
    return page("account.html", one=shown(account), mine=key == current().viewer.account, set_up=_set_up(account))


@pages.get("/tai-khoan/<key>/sua")
@asks(_ENDPOINT)
def change_form(key: str) -> Response:
    account = _somebody_elses(key)
    return _form(account, {}, 200, account)


@pages.post("/tai-khoan/<key>/sua")
@asks(_ENDPOINT)
def change(key: str) -> Response:
    """Another role, place or contact. What was signed says the old ones, so every session of the account ends."""
    account = _somebody_elses(key)
    fields = account_making.cleaned({**request.form, "user": account["user"]})
    errors = _errors(fields, key)
    if errors:
        return _form(fields, errors, 422, account)
    store, now, me = parts().store, parts().now(), current()
    waits = account_making.unconfirmed(store, account, fields, me.viewer.account, now)
    note(store, me.account, "ACCOUNT_CHANGED", now, _changes(account, fields))
    with translated():
        accounts.change(store.accounts, key, fields, waits)
        enrolments.drop(store.enrolments, key)
    return see(f"/staff/tai-khoan/{key}")


@pages.post("/tai-khoan/<key>/ma")
@asks(_ENDPOINT)
def code(key: str) -> Response:
    """A new code for an account that was never set up; one that was is reset by its owner with a second person."""
    account = _account(key)
    if account["disabled_at"] is not None or _set_up(account):
        raise Forbidden
    store, me = parts().store, current()
    note(store, me.account, "ACCOUNT_CODE", parts().now(), f"cho {account['user']}")
    if account_making.by_two(store, account, parts().now()):
        with translated():
            accounts.change(store.accounts, key, {}, me.viewer.account)
    return _code_page(_account(key))


@pages.post("/tai-khoan/<key>/khoa")
@asks(_ENDPOINT)
def disable(key: str) -> Response:
    account = _somebody_elses(key)
    note(parts().store, current().account, "ACCOUNT_DISABLED", parts().now(), account["user"])
    account_making.disable(parts().store, key, parts().now())
    return see(f"/staff/tai-khoan/{key}")


@pages.post("/tai-khoan/<key>/mo-lai")
@asks(_ENDPOINT)
def enable(key: str) -> Response:
    """With the password that it had: a new one takes its owner and a second person, as always."""
    account, store, me = _account(key), parts().store, current()
    waits = me.viewer.account if account_making.by_two(store, account, parts().now()) else account.get("unconfirmed")
    note(store, me.account, "ACCOUNT_ENABLED", parts().now(), account["user"])
    with translated():
        accounts.enable(store.accounts, key, waits)
    return see(f"/staff/tai-khoan/{key}")


def _account(key: str) -> dict[str, Any]:
    """Raises `Forbidden` for one that is not there or not of here: which of the two is nobody's business."""
    with translated():
        account = accounts.one(parts().store.accounts, key)
    if account is None or not may(_ENDPOINT, unit=account["unit"]):
        raise Forbidden
    return account


def _somebody_elses(key: str) -> dict[str, Any]:
    """Nobody gives himself another role, nor locks himself out. Raises `Forbidden`."""
    account = _account(key)
    if key == current().viewer.account:
        raise Forbidden
    return account


def _errors(fields: Mapping[str, Any], key: str | None = None) -> dict[str, str]:
    errors = account_making.errors_of(fields, parts().directory(), parts().now(), roster())
    if not account_making.may_be_given(fields["role"], current().viewer):
        errors["role"] = "Xin chọn vai trò."
    if "contact" not in errors and account_making.contact_taken(parts().store, fields, key):
        errors["contact"] = _HELD
    if fields["unit"] not in _units():
        errors["unit"] = "Xin chọn đơn vị của bạn hoặc đơn vị bên dưới."
    return errors


def _changes(account: Mapping[str, Any], fields: Mapping[str, Any]) -> str:
    """Codes alone: who it was called before is not for the log."""
    changed = [f"{name} {account[name]} → {fields[name]}" for name in _CODES if account[name] != fields[name]]
    return ", ".join([account["user"], *changed])


def _set_up(account: Mapping[str, Any]) -> bool:
    return account["password"] is not None


def _units() -> list[str]:
    mine = current().viewer.unit
    return [mine, *(unit.code for unit in parts().directory().units_under(mine, parts().now()))]


def _code_page(account: dict[str, Any]) -> Response:
    number = enrolling.hand_over(parts().store, desk(), account["_id"], current().viewer.account, parts().now())
    return page("account_code.html", one=shown(account), code=second_factor.grouped(number))


def _form(
    fields: Mapping[str, Any], errors: Mapping[str, str], status: int, account: Mapping[str, Any] | None = None
) -> Response:
    directory, now = parts().directory(), parts().now()
    units = _units()
    agencies = [one for unit in units for one in directory.agencies(unit, at=now)]
    return page(
        "account_new.html",
        status,
        fields=fields,
        errors=errors,
        known=account,
        roles=[
            role
            for role in directory.codes_in_force("roles", now)
            if account_making.may_be_given(role.code, current().viewer)
        ],
        units=[unit for unit in map(directory.unit, units) if unit is not None],
        agencies=agencies,
        contacts=_contacts(agencies),
    )


def _contacts(agencies: Sequence[Agency]) -> list[tuple[str, list[str]]]:
    """(agency, contact ids of its roster) to choose from; empty while no roster has come, and then it is typed."""
    found: dict[str, list[str]] = {}
    for one in roster():
        found.setdefault(one.agency, []).append(one.id)
    return [(agency.vi, sorted(found[agency.code])) for agency in agencies if agency.code in found]
