"""What the rows of the access log say, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.reporting import access_log
from services.reporting.staff.labels import agency_of, role_of, unit_of

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
SEARCHES = {"case.search", "case.found"}
PARTS = {"child": "Trẻ em", "suspect": "Người bị nghi", "reporter": "Người báo tin", "step": "Ghi chép của một bước"}


def names_of(known: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """A command names an account by its user name."""
    return {one[key]: one["name"] for one in known for key in ("_id", "user")}


def note_of(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    note = str(row["note"] or "")
    if access_log.sealed_in(note):
        return "ghi chú niêm phong cùng trường hợp"
    told = _TOLD.get(row["action"])
    return told(note, names) if told is not None else note


def _searched(note: str, _: Mapping[str, str]) -> str:
    return f"đã tìm trong {note} trường hợp"


def _made(note: str, _: Mapping[str, str]) -> str:
    if note.count(", ") != 2:
        return note
    user, role, unit = note.split(", ")
    return f"{user}: {role_of(role)}, {unit_of(unit)}"


def _confirmed(note: str, _: Mapping[str, str]) -> str:
    if note.count(", ") != 2:
        return note
    user, role, contact = note.split(", ")
    return f"{user}: {role_of(role)}, mã liên hệ {_value(str, contact)}"


def _revoked(note: str, names: Mapping[str, str]) -> str:
    """Rows of before named the account by its id."""
    return f"của {names.get(note.removeprefix('của '), note.removeprefix('của '))}"


def _changed(note: str, _: Mapping[str, str]) -> str:
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
_TOLD: dict[str, Callable[[str, Mapping[str, str]], str]] = {
    "case.search": _searched,
    "ACCOUNT_MADE": _made,
    "ACCOUNT_CONFIRMED": _confirmed,
    "ACCOUNT_CHANGED": _changed,
    "DELEGATION_REVOKED": _revoked,
}
