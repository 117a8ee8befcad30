"""`/staff/truong-hop/<code>/nhat-ky`: who opened what of this case, with what they typed beside their reason.

What was typed may name whoever the case is about, so it is for those who may open every part of it; the auditor reads
the same rows without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request, url_for

from services.reporting.documents import access_log, accounts, translated
from services.reporting.keys import Erased, NotSealed, Unopened
from services.reporting.keys.notes import read_note
from services.reporting.parts import parts
from services.reporting.staff import case_lookup
from services.reporting.staff.case_lookup import Case, NotYours, sight_now
from services.reporting.staff.guard import Forbidden, desk, signed_in
from services.reporting.staff.labels import role_of
from services.reporting.staff.log_pages import number_of
from services.reporting.staff.log_words import ACTIONS, OTHERS, PARTS, names_of
from services.reporting.staff.opening import log
from services.reporting.staff.pages import page, refusal, staff_pages
from services.reporting.staff.sight import STEP_PART

READ = "case.log"
_AT_ONCE = 100

pages = staff_pages("case_log")
pages.register_error_handler(NotYours, lambda _: refusal("not_yours.html", 403))


@pages.get("/truong-hop/<code>/nhat-ky")
@signed_in
def show(code: str) -> Response:
    """That it was read is a row of its own, durable before the first note is opened."""
    sight = sight_now()
    found = case_lookup.case_called(code, sight)
    if not sight.may_open(STEP_PART, found):
        raise Forbidden
    store, before = parts().store, request.args.get("truoc", "")
    # That somebody read this page is for the auditor: read again and again it would push off it what it is about.
    match = {"case": {"$in": [found["code"], found["_id"]]}, "action": {"$ne": READ}}
    with translated():
        rows = access_log.page(store.access_log, number_of(before), _AT_ONCE + 1, match)
        names = names_of(accounts.listed(store.accounts))
    log(store, sight, READ, case=found)
    # A conflict that was folded while the row was written counts.
    if not sight_now().may_open(STEP_PART, case_lookup.case_called(code, sight_now())):
        raise Forbidden
    older = None
    if len(rows) > _AT_ONCE:
        older = url_for("case_log.show", code=found["code"], truoc=rows[_AT_ONCE - 1]["_id"])
    return page(
        "case_log.html",
        case=found,
        rows=[_shown(row, names, found) for row in rows[:_AT_ONCE]],
        older_path=older,
    )


def _shown(row: Mapping[str, Any], names: Mapping[str, str], case: Case) -> dict[str, Any]:
    part = row["part"] or ""
    return {
        "at": row["at"],
        "name": names.get(row["account"], row["account"]),
        "role": OTHERS.get(row["role"]) or role_of(row["role"]),
        "action": ACTIONS.get(row["action"], row["action"]),
        "part": PARTS.get(part.partition(":")[0], part),
        "reason": parts().directory().code("open_reasons", row["reason"]).vi if row["reason"] else "",
        "note": _note(row, case),
    }


def _note(row: Mapping[str, Any], case: Case) -> str:
    try:
        return read_note(parts().store, desk().keyring, case["_id"], row)
    except (Erased, NotSealed):
        return "ghi chú đã được xóa cùng danh tính"
    except Unopened:
        return "ghi chú không khớp với nhật ký: báo người vận hành"
