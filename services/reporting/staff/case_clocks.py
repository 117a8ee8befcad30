"""The clocks of one case as a page shows them (pure).

Whether a clock was met is notify's to judge; until it has said something, the page shows when the clock runs out,
counted as notify counts it. A length that nobody read in the law is never shown as law.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.reporting.moments import moment
from services.reporting.staff.wording import local, until
from shared.directory import Clock, Directory

State = Literal["late", "running", "met", "met_late", "stopped"]

# Which step is the answer to which clock; the first such step that was done counts.
ANSWERS: Mapping[str, frozenset[str]] = {
    "EMERGENCY_MEASURE": frozenset({"EMERGENCY_APPLIED", "EMERGENCY_NOT_NEEDED", "ISOLATED"}),
    "PLAN_SUBMITTED": frozenset({"PLAN_SUBMITTED"}),
    "PLAN_APPROVED": frozenset({"PLAN_APPROVED"}),
    "ISOLATION_END": frozenset({"ISOLATION_ENDED"}),
}
_ISOLATED = "ISOLATED"
_ORDER: Mapping[State, int] = {"late": 0, "running": 1, "met_late": 2, "met": 3, "stopped": 4}
_KINDS = {
    "decree": "Thời hạn theo {basis}",
    "published_procedure": "Mốc nhắc việc, không phải thời hạn luật định. {basis}",
    "internal": "Mốc nhắc việc của hệ thống, không phải thời hạn luật định",
}
_UNVERIFIED = "Mốc nhắc việc, chưa đối chiếu với văn bản. {basis}"


@dataclass(frozen=True)
class Shown:
    """`law` says whether the length itself was read in the law; `words` what there is to say of the time left."""

    code: str
    label: str
    state: State
    due: datetime
    due_local: str
    words: str
    basis: str
    law: bool
    note: str

    @property
    def pressing(self) -> bool:
        return self.state in {"late", "running"}


def clocks_of(case: Mapping[str, Any], directory: Directory, now: datetime) -> list[Shown]:
    """Those that run out first come first; a report entered afterwards has none."""
    if case["backfill"]:
        return []
    told = {one["clock"]: one for one in case["deadlines"]}
    found = []
    for clock in directory.clocks.values():
        start = _start(clock, case)
        if clock.per != "case" or start is None:
            continue
        due = moment(told.get(clock.code, {}).get("due_at")) or clock.limit_for().due(start, directory.workdays)
        found.append(_shown(clock, case, due, told.get(clock.code), now))
    return sorted(found, key=lambda one: (_ORDER[one.state], one.due, one.code))


def next_of(clocks: Iterable[Shown]) -> Shown | None:
    """The clock that a list sorts by."""
    return next((one for one in clocks if one.pressing), None)


def _start(clock: Clock, case: Mapping[str, Any]) -> datetime | None:
    if clock.starts == "received_at_earliest":
        received: datetime = case["received_at"]
        return received
    if clock.starts == "isolation_decided":
        # All isolation together has one limit, extensions included, so the first decision counts.
        decided = (step["at"] for step in case["steps"] if step["step"] == _ISOLATED)
        return next(decided, None)
    return None


def _shown(
    clock: Clock, case: Mapping[str, Any], due: datetime, told: Mapping[str, Any] | None, now: datetime
) -> Shown:
    state, met_at = _state(clock.code, case, due, told, now)
    words = {
        "late": until(due, now),
        "running": until(due, now),
        "met": f"xong lúc {local(met_at)}" if met_at else "đã xong",
        "met_late": f"xong muộn, lúc {local(met_at)}" if met_at else "xong muộn",
        "stopped": "không tính nữa",
    }[state]
    kind = _KINDS.get(clock.basis_kind, _UNVERIFIED) if clock.verified or clock.basis_kind != "decree" else _UNVERIFIED
    return Shown(
        code=clock.code,
        label=clock.vi,
        state=state,
        due=due,
        due_local=local(due),
        words=words,
        basis=kind.format(basis=clock.basis),
        law=clock.verified,
        # What the directory leaves open for the commune to check is for whoever edits it, not for a duty officer.
        note="" if "UNVERIFIED" in clock.note else clock.note,
    )


def _state(
    code: str, case: Mapping[str, Any], due: datetime, told: Mapping[str, Any] | None, now: datetime
) -> tuple[State, datetime | None]:
    if told is not None and told["state"] == "met":
        met_at = moment(told.get("met_at"))
        return ("met_late" if met_at is not None and met_at > due else "met"), met_at
    answer = next((step["at"] for step in case["steps"] if step["step"] in ANSWERS.get(code, ())), None)
    if answer is not None:
        return ("met_late" if answer > due else "met"), answer
    if not case["open"]:
        return "stopped", None
    return ("late" if due < now else "running"), None
