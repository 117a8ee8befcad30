"""The clocks of one case as a page shows them (pure).

Whether a clock was met is notify's to judge, and what it told holds. That the clocks of a report run goes without
saying; until notify has said more, the page counts them as notify does: by the steps of staff, none of them dated
before the report. A length that nobody read in the law is never shown as law.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.reporting.lifecycle import since_opened, state_of
from services.reporting.moments import moment
from services.reporting.staff.wording import local, until
from shared.case_steps import ENDS, ISOLATED, MEETS
from shared.directory import Clock, Directory
from shared.step_times import counted_at

State = Literal["late", "running", "met", "met_late", "missed", "stopped"]
_MET = frozenset({"met", "late"})

_EMERGENCY = "EMERGENCY_MEASURE"
_RECEIVED, _DECIDED = "received_at_earliest", "isolation_decided"
_ORDER: Mapping[State, int] = {"late": 0, "running": 1, "missed": 2, "met_late": 3, "met": 4, "stopped": 5}
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

    @property
    def late_by_law(self) -> bool:
        return self.state == "late" and self.law


def clocks_of(case: Mapping[str, Any], directory: Directory, now: datetime) -> list[Shown]:
    """Those that run out first come first; a report entered afterwards has none."""
    if case["backfill"]:
        return []
    told = {one["clock"]: one for one in case["deadlines"]}
    found = []
    for clock in directory.clocks.values():
        one = told.get(clock.code)
        start = _start(clock, case, directory) if clock.per == "case" else None
        due = moment(one.get("due_at")) if one is not None else None
        if due is None and start is not None:
            due = clock.limit.due(start, directory.workdays)
        if due is not None:
            found.append(_shown(clock, case, due, one, now))
    return sorted(found, key=lambda one: (_ORDER[one.state], one.due, one.code))


def next_of(clocks: Iterable[Shown]) -> Shown | None:
    """The clock that a list sorts by."""
    return next((one for one in clocks if one.pressing), None)


def _start(clock: Clock, case: Mapping[str, Any], directory: Directory) -> datetime | None:
    """None for a clock that does not run: of an emergency where nothing is urgent, of an isolation that nobody ordered.

    All isolation has one limit, extensions included, so the first decision counts.
    """
    reopened, steps = since_opened(_counting(case))
    if clock.starts == _DECIDED:
        return next((step["at"] for step in steps if step["step"] == ISOLATED), None)
    if clock.starts != _RECEIVED:
        return None
    if clock.code == _EMERGENCY and not directory.urgent(case["kinds"], case["immediate_danger"]):
        return None
    received: datetime = case["received_at"]
    return reopened or received


def _counting(case: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The steps of staff with the time that counts, in its order. What a partner told ends no time of theirs."""
    received: datetime = case["received_at"]
    steps = (step for step in case["steps"] if not step["client"])
    dated = ({**step, "at": counted_at(step["at"], step["recorded_at"], received)} for step in steps)
    return sorted(dated, key=lambda step: (step["at"], step["recorded_at"], step["event_id"]))


def _shown(
    clock: Clock, case: Mapping[str, Any], due: datetime, told: Mapping[str, Any] | None, now: datetime
) -> Shown:
    state, met_at = _state(clock.code, case, due, told, now)
    words = {
        "late": until(due, now),
        "running": until(due, now),
        "met": f"xong lúc {local(met_at)}" if met_at else "đã xong",
        "met_late": f"xong muộn, lúc {local(met_at)}" if met_at else "xong muộn",
        "missed": "đã qua hạn khi kết thúc",
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
    state = told["state"] if told is not None else None
    if state == "stopped":
        return "stopped", None
    counting = _counting(case)
    _, steps = since_opened(counting)
    answer = next((step["at"] for step in steps if step["step"] in MEETS.get(code, ())), None)
    met_at = (moment(told.get("met_at")) if told is not None and state in _MET else None) or answer
    if met_at is not None or state in _MET:
        return ("met_late" if state == "late" or (met_at is not None and met_at > due) else "met"), met_at
    if state_of(counting)[0] in ENDS:
        # That the time had passed is not undone by ending the case; nobody can do anything about it any more.
        return ("missed" if state == "missed" else "stopped"), None
    return ("late" if due < now else "running"), None
