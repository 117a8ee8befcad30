"""`/staff/nhat-ky`: the auditor reads who looked at what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, request

from services.reporting import access_log
from services.reporting.documents import access_log as documents
from services.reporting.documents import accounts, cases, translated
from services.reporting.parts import parts
from services.reporting.staff.guard import asks, current
from services.reporting.staff.labels import role_of, unit_of
from services.reporting.staff.pages import page, staff_pages

pages = staff_pages("log")
_AT_ONCE = 50
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
OTHERS = {"console": "lệnh trên máy chủ", "operator": "lệnh của người vận hành"}
PARTS = {"child": "Trẻ em", "suspect": "Người bị nghi", "reporter": "Người báo tin", "step": "Ghi chép của một bước"}


@pages.get("/nhat-ky")
@asks("access_log")
def show() -> Response:
    store = parts().store
    before = request.args.get("truoc", "")
    with translated():
        known = accounts.listed(store.accounts)
        rows = documents.page(
            store.access_log, int(before) if before.isdecimal() else None, _AT_ONCE + 1, {"unit": {"$in": _units()}}
        )
        codes = {row["case"]: cases.code_of(store.cases, row["case"]) for row in rows if row["case"]}
    names = names_of(known)
    return page(
        "access_log.html",
        rows=[_shown(row, names, codes) for row in rows[:_AT_ONCE]],
        older=rows[_AT_ONCE - 1]["_id"] if len(rows) > _AT_ONCE else None,
        head=access_log.head(store),
    )


def names_of(known: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """A command names an account by its user name."""
    return {one[key]: one["name"] for one in known for key in ("_id", "user")}


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
        "name": names.get(row["account"], row["account"]),
        "role": OTHERS.get(row["role"]) or role_of(row["role"]),
        "action": ACTIONS.get(row["action"], row["action"]),
        "part": PARTS.get(part.partition(":")[0], part),
        "case": codes.get(row["case"]) or row["case"] or row["incident"] or "",
        "reason": parts().directory().code("open_reasons", row["reason"]).vi if row["reason"] else "",
        "note": _note(row),
    }


def _note(row: dict[str, Any]) -> str:
    note = str(row["note"] or "")
    if access_log.sealed_in(note):
        return "ghi chú niêm phong cùng trường hợp"
    if row["action"] == "case.search":
        return f"đã tìm trong {note} trường hợp"
    if row["action"] == "ACCOUNT_MADE" and note.count(", ") == 2:
        user, role, unit = note.split(", ")
        return f"{user}: {role_of(role)}, {unit_of(unit)}"
    return note
