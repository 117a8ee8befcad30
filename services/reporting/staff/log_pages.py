"""`/staff/nhat-ky`: the auditor reads who looked at what, all of it or of one account or case.

What is asked for stands in the address, so it is codes alone: a user name and the code of a case, never a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import Response, request, url_for

from services.reporting import access_log
from services.reporting.documents import accounts, cases, translated
from services.reporting.parts import parts
from services.reporting.staff.case_lookup import sight_now
from services.reporting.staff.guard import asks
from services.reporting.staff.labels import role_of
from services.reporting.staff.log_rows import Page, Reader
from services.reporting.staff.log_words import ACTIONS, OTHERS, PARTS, SEARCHES, names_of, note_of
from services.reporting.staff.opening import FOUND
from services.reporting.staff.pages import page, staff_pages
from shared import case_codes
from shared.calendar import LOCAL

pages = staff_pages("log")
_AT_ONCE = 50
_LONGEST_TYPED, _LONGEST_NUMBER = 60, 15
_NIGHT_FROM, _NIGHT_TO = 22, 6
NOTHING = Page([], {}, None)


@pages.get("/nhat-ky")
@asks("access_log")
def show() -> Response:
    store, reader = parts().store, Reader.of(sight_now())
    before = request.args.get("truoc", "")
    user, typed = (request.args.get(name, "")[:_LONGEST_TYPED].strip() for name in ("tai-khoan", "vu"))
    chosen = {"tai-khoan": user, "vu": typed}
    asked: dict[str, Any] = {name: value for name, value in chosen.items() if value}
    read = case_codes.read(typed) if typed else None
    wrong = "Không đọc được mã này: mã gồm 10 chữ và số, như trong tin nhắn." if typed and read is None else None
    with translated():
        known = accounts.listed(store.accounts)
        about = _called(*read) if read else frozenset[str]()
    match = _of_account(user, known) | (_of_cases(about) if read else {})
    found = reader.page(store, match, number_of(before), _AT_ONCE, about) if wrong is None else NOTHING
    names = names_of(known)
    return page(
        "access_log.html",
        422 if wrong else 200,
        wrong=wrong,
        chosen=chosen,
        people=[one for one in known if one["unit"] in reader.mine or one["unit"] in reader.above],
        others=OTHERS,
        rows=[_shown(row, names, found.codes) for row in found.rows],
        older_path=url_for("log.show", truoc=found.older, **asked) if found.older is not None else None,
        head=access_log.head(store),
    )


def number_of(typed: str) -> int | None:
    """Of a row, from an address; None for what is none."""
    return int(typed) if typed.isdecimal() and len(typed) <= _LONGEST_NUMBER else None


def _of_account(user: str, known: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A page names an account by its id, a command by its user name."""
    if not user:
        return {}
    return {"account": {"$in": [user, *(one["_id"] for one in known if one["user"] == user)]}}


def _called(incident_code: str, number: int | None) -> frozenset[str]:
    """Codes and ids of a case, or of all cases of an incident."""
    found = cases.of_code(parts().store.cases, incident_code)
    cases_of = [one for one in found if number is None or one["number"] == number]
    return frozenset({one[key] for one in cases_of for key in ("_id", "code")} | {f"{incident_code}-{number}"})


def _of_cases(named: Iterable[str]) -> dict[str, Any]:
    """A search names what it found in its note."""
    words = "|".join(map(re.escape, sorted(named)))
    return {
        "$or": [
            {"case": {"$in": sorted(named)}},
            {"action": FOUND, "note": {"$regex": rf"(^| )({words})( |$)"}},
        ]
    }


def by_night(at: datetime) -> bool:
    """When few have a reason to look."""
    hour = at.astimezone(LOCAL).hour
    return hour >= _NIGHT_FROM or hour < _NIGHT_TO


def _shown(row: dict[str, Any], names: dict[str, str], codes: Mapping[str, str]) -> dict[str, Any]:
    part = row["part"] or ""
    return {
        "number": row["_id"],
        "at": row["at"],
        "night": by_night(row["at"]),
        "name": names.get(row["account"], row["account"]),
        "role": OTHERS.get(row["role"]) or role_of(row["role"]),
        "action": ACTIONS.get(row["action"], row["action"]),
        # A search has looked at names alone, whichever part they stand in.
        "part": "" if row["action"] in SEARCHES else PARTS.get(part.partition(":")[0], part),
        "case": codes.get(row["case"]) or row["case"] or row["incident"] or "",
        "reason": parts().directory().code("open_reasons", row["reason"]).vi if row["reason"] else "",
        "note": note_of(row, names),
    }
