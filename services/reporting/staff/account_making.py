"""Making, changing and ending accounts: the same rules for the administrator's page and for the command line."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from services.reporting.access_log import CONSOLE, OPERATOR
from services.reporting.documents import Store, accounts, delegations, enrolments, translated
from services.reporting.staff.entering import user_of
from shared.authority import Reachable, Viewer, roles_of
from shared.authority.table import TABLE, Reach, reach, sees_cases
from shared.directory import Directory

FIELDS = ("user", "name", "role", "unit", "agency", "contact")
_USER = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?")
_LONGEST = 100


def cleaned(form: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an account as they are stored; nothing for what is empty."""
    found: dict[str, Any] = {name: " ".join(str(form.get(name) or "").split())[:_LONGEST] for name in FIELDS}
    found["user"] = user_of(found["user"])
    found["agency"], found["contact"] = found["agency"] or None, found["contact"] or None
    return found


def errors_of(
    fields: Mapping[str, Any], directory: Directory, now: datetime, roster: Collection[Reachable] = ()
) -> dict[str, str]:
    """A sentence for each field that will not do. `roster`: every agency's contacts, empty while they are not known."""
    errors = {}
    if not _USER.fullmatch(fields["user"]):
        errors["user"] = "Tên đăng nhập gồm 1 đến 40 chữ thường không dấu, số, dấu chấm hoặc gạch."
    elif fields["user"] in {CONSOLE, OPERATOR}:
        errors["user"] = "Tên này dành cho lệnh trên máy chủ. Xin chọn tên khác."
    if not fields["name"]:
        errors["name"] = "Xin ghi họ tên."
    if fields["role"] not in TABLE or not directory.code("roles", fields["role"]).known:
        errors["role"] = "Xin chọn vai trò."
    unit = directory.unit(fields["unit"])
    if unit is None or not unit.in_force(now):
        errors["unit"] = "Xin chọn đơn vị đang hoạt động."
    agency = directory.agency(fields["agency"]) if fields["agency"] else None
    if fields["agency"] and (agency is None or not agency.in_force(now)):
        errors["agency"] = "Không có cơ quan này trong danh bạ."
    elif agency is not None and agency.unit != fields["unit"]:
        errors["agency"] = "Cơ quan này thuộc đơn vị khác."
    if sees_cases(fields["role"]) and not (fields["agency"] and fields["contact"]):
        errors.setdefault("contact", "Vai trò này xem vụ việc: cần cả cơ quan và mã liên hệ.")
    elif not listed(fields, roster):
        errors["contact"] = "Cơ quan đã chọn không có mã này trong danh bạ trực."
    return errors


def listed(fields: Mapping[str, Any], roster: Collection[Reachable]) -> bool:
    """Whether the agency has this contact. Whoever names none, or cannot be compared with anything yet, passes."""
    if not roster or not fields["contact"]:
        return True
    return any((one.agency, one.id) == (fields["agency"], fields["contact"]) for one in roster)


def weighs(store: Store, account: Mapping[str, Any], now: datetime) -> bool:
    """Whether it sees cases, by its role or by what is delegated to it. Raises `DependencyDown`."""
    if sees_cases(account["role"]):
        return True
    with translated():
        return delegations.open_for(store.delegations, account["_id"], now)


def made_by_two(role: str) -> bool:
    """Whether an account of this role waits for a second person: it sees cases, or it watches over those who do."""
    return sees_cases(role) or reach(role, "access_log") is not Reach.NONE


def by_two(store: Store, account: Mapping[str, Any], now: datetime) -> bool:
    """The same of one that is there, to which something may be delegated. Raises `DependencyDown`."""
    return made_by_two(account["role"]) or weighs(store, account, now)


def contact_taken(store: Store, fields: Mapping[str, Any], key: str | None = None) -> bool:
    """Whether another account in use than `key` has this contact. With two, one person vouches for himself.

    Raises `DependencyDown`.
    """
    with translated():
        return bool(fields["contact"]) and accounts.of_contact(store.accounts, fields["contact"], key)


def unconfirmed(
    store: Store, account: Mapping[str, Any], fields: Mapping[str, Any], by: str, now: datetime
) -> str | None:
    """Who has to be checked by a second person once `account` has these fields; None where nobody has."""
    if not by_two(store, {**account, **fields}, now):
        return None
    changed = any(account[name] != fields[name] for name in FIELDS)
    return by if changed else account.get("unconfirmed")


def make(
    store: Store, fields: Mapping[str, Any], by: str, now: datetime, *, unconfirmed: str | None = None
) -> dict[str, Any] | None:
    """A new account; None when the user name is taken. `unconfirmed`: who waits with it for a second person."""
    account = {
        "_id": str(uuid4()),
        **{name: fields[name] for name in FIELDS},
        "generation": 1,
        "password": None,
        "totp": None,
        "totp_step": 0,
        "recovery": [],
        "created_at": now,
        "created_by": by,
        "last_sign_in": None,
        "disabled_at": None,
        "unconfirmed": unconfirmed,
        "cases_from": None,
        "happened": [],
    }
    with translated():
        return account if accounts.insert(store.accounts, account) else None


def disable(store: Store, key: str, now: datetime) -> bool:
    """Every session and every open code of it ends. False when it is not in use."""
    with translated():
        done = accounts.disable(store.accounts, key, now)
        enrolments.drop(store.enrolments, key)
    return done


def may_be_given(role: str, maker: Viewer) -> bool:
    """Whoever sets up accounts cannot make another one of those: that is done on the machine itself."""
    return role in TABLE and role not in roles_of(maker)
