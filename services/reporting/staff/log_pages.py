"""`/staff/nhat-ky`: the auditor reads who looked at what, all of it or of one account or case.

What is asked for stands in the address, so it is codes alone: a user name and the code of a case, never a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import Response, request, url_for

from services.reporting import access_log
from services.reporting.documents import access_log as documents
from services.reporting.documents import accounts, cases, translated
from services.reporting.parts import parts
from services.reporting.staff.guard import asks, current
from services.reporting.staff.labels import agency_of, role_of, unit_of
from services.reporting.staff.pages import page, staff_pages
from shared import case_codes
from shared.calendar import LOCAL

pages = staff_pages("log")
_AT_ONCE = 50
_LONGEST_TYPED, _LONGEST_NUMBER = 60, 15
_NIGHT_FROM, _NIGHT_TO = 22, 6
ACTIONS = {
    "case.open": "Mở thông tin được niêm phong",
    "case.search": "Tìm theo tên",
    "case.log": "Xem nhật ký của trường hợp",
    "case.found": "Tìm theo tên, đã thấy",
    "case.erase": "Xóa danh tính của trường hợp",
    "case.hold": "Giữ lại theo yêu cầu pháp lý",
    "case.release": "Thôi giữ lại",
    "SIGNED_IN": "Đăng nhập",
    "CODE_WRONG_OFTEN": "Mật khẩu đúng, mã sai nhiều lần",
    "ACCOUNT_CONFIRMED": "Xác nhận tài khoản",
    "RESTORED": "Phục hồi từ bản sao lưu",
    "RECOVERY_CODE_USED": "Đăng nhập bằng mã dự phòng",
    "RECOVERY_CODES_MADE": "Lập mã dự phòng mới",
    "SESSIONS_ENDED": "Đăng xuất mọi nơi",
    "ACCOUNT_MADE": "Lập tài khoản",
    "ACCOUNT_CHANGED": "Sửa tài khoản",
    "ACCOUNT_CODE": "Đưa mã kích hoạt",
    "ACCOUNT_SET_UP": "Kích hoạt tài khoản",
    "ACCOUNT_DISABLED": "Khóa tài khoản",
    "ACCOUNT_ENABLED": "Mở lại tài khoản",
    "RESET_APPROVED": "Cho cấp lại mật khẩu",
    "RESET_DONE": "Đặt mật khẩu mới",
    "DELEGATED": "Ủy quyền",
    "DELEGATION_REVOKED": "Thu hồi ủy quyền",
}
# Who is no account: commands on the server.
OTHERS = {access_log.CONSOLE: "lệnh trên máy chủ", access_log.OPERATOR: "lệnh của người vận hành"}
_SEARCHES = {"case.search", "case.found"}
PARTS = {"child": "Trẻ em", "suspect": "Người bị nghi", "reporter": "Người báo tin", "step": "Ghi chép của một bước"}


@pages.get("/nhat-ky")
@asks("access_log")
def show() -> Response:
    store = parts().store
    before = request.args.get("truoc", "")
    user, typed = (request.args.get(name, "")[:_LONGEST_TYPED].strip() for name in ("tai-khoan", "vu"))
    chosen = {"tai-khoan": user, "vu": typed}
    asked: dict[str, Any] = {name: value for name, value in chosen.items() if value}
    read = case_codes.read(typed) if typed else None
    wrong = "Không đọc được mã này: mã gồm 10 chữ và số, như trong tin nhắn." if typed and read is None else None
    with translated():
        known = accounts.listed(store.accounts)
        match = {"unit": {"$in": _units()}} | _of_account(user, known) | (_of_case(*read) if read else {})
        rows = documents.page(store.access_log, number_of(before), _AT_ONCE + 1, match) if wrong is None else []
        codes = {row["case"]: cases.code_of(store.cases, row["case"]) for row in rows if row["case"]}
    names = names_of(known)
    return page(
        "access_log.html",
        422 if wrong else 200,
        wrong=wrong,
        chosen=chosen,
        people=[one for one in known if one["unit"] in _units()],
        others=OTHERS,
        rows=[_shown(row, names, codes) for row in rows[:_AT_ONCE]],
        older_path=url_for("log.show", truoc=rows[_AT_ONCE - 1]["_id"], **asked) if len(rows) > _AT_ONCE else None,
        head=access_log.head(store),
    )


def number_of(typed: str) -> int | None:
    """Of a row, from an address; None for what is none."""
    return int(typed) if typed.isdecimal() and len(typed) <= _LONGEST_NUMBER else None


def names_of(known: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """A command names an account by its user name."""
    return {one[key]: one["name"] for one in known for key in ("_id", "user")}


def _of_account(user: str, known: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A page names an account by its id, a command by its user name."""
    if not user:
        return {}
    return {"account": {"$in": [user, *(one["_id"] for one in known if one["user"] == user)]}}


def _of_case(incident_code: str, number: int | None) -> dict[str, Any]:
    """By the code of a case or of an incident with all its cases; a search names what it found in its note."""
    cases_of = [
        one for one in cases.of_code(parts().store.cases, incident_code) if number is None or one["number"] == number
    ]
    named = {one[key] for one in cases_of for key in ("_id", "code")} | {f"{incident_code}-{number}"}
    words = "|".join(re.escape(one["code"]) for one in cases_of)
    found: list[dict[str, Any]] = [{"case": {"$in": sorted(named)}}]
    if words:
        found.append({"action": "case.found", "note": {"$regex": rf"(^| )({words})( |$)"}})
    if number is None:
        found.append({"case": None, "incident": {"$in": sorted({one["incident_id"] for one in cases_of})}})
    return {"$or": found}


def by_night(at: datetime) -> bool:
    """When few have a reason to look."""
    hour = at.astimezone(LOCAL).hour
    return hour >= _NIGHT_FROM or hour < _NIGHT_TO


def _units() -> list[str]:
    """The own unit, those below and those above, whose people may look at cases of here."""
    mine, directory, now = current().viewer.unit, parts().directory(), parts().now()
    around = [*directory.units_above(mine, now), *directory.units_under(mine, now)]
    return [mine, *(unit.code for unit in around)]


def _shown(row: dict[str, Any], names: dict[str, str], codes: dict[str, str | None]) -> dict[str, Any]:
    part = row["part"] or ""
    return {
        "number": row["_id"],
        "at": row["at"],
        "night": by_night(row["at"]),
        "name": names.get(row["account"], row["account"]),
        "role": OTHERS.get(row["role"]) or role_of(row["role"]),
        "action": ACTIONS.get(row["action"], row["action"]),
        # A search has looked at names alone, whichever part they stand in.
        "part": "" if row["action"] in _SEARCHES else PARTS.get(part.partition(":")[0], part),
        "case": codes.get(row["case"]) or row["case"] or row["incident"] or "",
        "reason": parts().directory().code("open_reasons", row["reason"]).vi if row["reason"] else "",
        "note": _note(row, names),
    }


def _note(row: dict[str, Any], names: Mapping[str, str]) -> str:
    note = str(row["note"] or "")
    if access_log.sealed_in(note):
        return "ghi chú niêm phong cùng trường hợp"
    if row["action"] == "case.search":
        return f"đã tìm trong {note} trường hợp"
    if row["action"] == "ACCOUNT_MADE" and note.count(", ") == 2:
        user, role, unit = note.split(", ")
        return f"{user}: {role_of(role)}, {unit_of(unit)}"
    if row["action"] == "ACCOUNT_CHANGED":
        return _changed(note)
    if row["action"] == "DELEGATION_REVOKED":
        # Rows of before named the account by its id.
        return f"của {names.get(note.removeprefix('của '), note.removeprefix('của '))}"
    return note


def _changed(note: str) -> str:
    """ "ha.truc, contact ca-1 → ca-2", as `accounts_pages` writes it down, in words."""
    user, *changes = note.split(", ")
    return ": ".join([user, "; ".join(_change(one) for one in changes)]) if changes else user


def _change(text: str) -> str:
    name, _, values = text.partition(" ")
    before, arrow, after = values.partition(" → ")
    if name not in _FIELDS or not arrow:
        return text
    word, said = _FIELDS[name]
    return f"{word} {_value(said, before)} → {_value(said, after)}"


def _value(said: Callable[[str], str], code: str) -> str:
    return "không có" if code == "None" else said(code)


_FIELDS: dict[str, tuple[str, Callable[[str], str]]] = {
    "role": ("vai trò", role_of),
    "unit": ("đơn vị", unit_of),
    "agency": ("cơ quan", agency_of),
    "contact": ("mã liên hệ", str),
}
