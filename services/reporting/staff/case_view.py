"""One case as its page shows it (pure): facts, clocks, alerts, what was done. Never a name: those are opened apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.reporting.lifecycle import RECEIVED
from services.reporting.moments import moment
from services.reporting.staff import case_clocks
from services.reporting.staff.case_clocks import Shown
from services.reporting.staff.wording import ago, local
from shared.directory import Directory

Case = Mapping[str, Any]

# The one state that no step leads to.
_RECEIVED = {"vi": "Mới tiếp nhận", "en": "Received"}
_DANGER = {
    True: "Đang gặp nguy hiểm",
    False: "Không nguy hiểm ngay lúc báo",
    None: "Chưa rõ có nguy hiểm không, coi như khẩn",
}
_ALERTS = {
    "raised": "đang gửi",
    "sent": "đã gửi, chưa ai xác nhận",
    "failed": "gửi chưa được, đang gửi lại",
    "acknowledged": "đã có người nhận xử lý",
    "escalated": "chưa ai xác nhận, đã báo lên cấp trên",
    "exhausted": "đã báo hết các cấp, chưa ai xác nhận",
    "stuck": "bị chậm, người vận hành đã được báo",
    "withdrawn": "đã thu hồi",
}


@dataclass(frozen=True)
class Names:
    """`accounts`: account id -> name; `contacts`: contact id -> name or contact, and agency."""

    accounts: Mapping[str, str] = field(default_factory=dict)
    contacts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AlertLine:
    agency: str
    duty: str
    state: str
    words: str
    when: str
    answered: bool


@dataclass(frozen=True)
class StepLine:
    """`part` is how its note is opened; empty when nothing was written or this viewer may not open it.

    `afterwards`: told by somebody who must not have known any more, `own_plan`: an approval of one's own plan,
    `no_plan`: of one that nobody had submitted; none of them decides anything.
    """

    event_id: str
    label: str
    at: str
    late: str
    by: str
    risk: str
    details: tuple[str, ...]
    part: str
    afterwards: bool
    own_plan: bool
    no_plan: bool


@dataclass(frozen=True)
class CaseView:
    code: str
    incident_code: str
    number: int
    drill: bool
    backfill: bool
    urgent: bool
    open: bool
    state: str
    since: str
    facts: list[tuple[str, str]]
    clocks: list[Shown]
    alerts: list[AlertLine]
    steps: list[StepLine] = field(default_factory=list)


def case_view(
    case: Case,
    directory: Directory,
    now: datetime,
    notes: Collection[str] = (),
    *,
    inner: bool = False,
    names: Names | None = None,
) -> CaseView:
    """`notes`: the ids of the steps whose note this viewer may open.

    `inner`: whether this viewer may know who is suspected, and so also whom the incident is kept from. `names`: of
    staff, for those who may open every part.
    """
    return CaseView(
        code=case["code"],
        incident_code=case["incident_code"],
        number=case["number"],
        drill=case["drill"],
        backfill=case["backfill"],
        urgent=urgent(case, directory),
        open=case["open"],
        state=state_label(case["state"], directory),
        since=local(case["state_since"] or case["received_at"]),
        facts=_facts(case, directory, now, inner, names),
        clocks=case_clocks.clocks_of(case, directory, now),
        # Who was told at first and must not know any more is who the incident is kept from.
        alerts=[_alert(one, directory) for one in _by_time(case["alerts"]) if inner or one.get("state") != "withdrawn"],
        steps=[_step(step, directory, notes, inner, names) for step in reversed(case["steps"])],
    )


def urgent(case: Case, directory: Directory) -> bool:
    """Still open, and as urgent as routing took it."""
    return bool(case["open"]) and directory.urgent(case["kinds"], case["immediate_danger"])


def state_label(state: str, directory: Directory, lang: str = "vi") -> str:
    """Where a case is, not what is to be done: the step's own words where the table has none for the state."""
    if state == RECEIVED:
        return _RECEIVED[lang]
    step = directory.code("steps", state)
    return str(step.attrs.get(f"state_{lang}") or step.label(lang))


def kinds_label(case: Case, directory: Directory) -> str:
    return "; ".join(directory.code("kinds", kind).vi for kind in case["kinds"]) or "Chưa rõ loại việc"


def place_label(case: Case, directory: Directory) -> str:
    """Village and commune; the words of a code that nobody knows are not a place."""
    units = [directory.unit(code) for code in (case["village"], case["commune"]) if code]
    return ", ".join(unit.vi for unit in units if unit is not None) or "Chưa rõ nơi xảy ra"


def agency_label(code: str, directory: Directory) -> str:
    known = directory.agency(code) or directory.unit(code)
    return known.vi if known is not None else directory.code("agency_kinds", code).vi


def _facts(case: Case, directory: Directory, now: datetime, inner: bool, names: Names | None) -> list[tuple[str, str]]:
    occurred = case["occurred_at"]
    relations = [directory.code("relations", code).vi for code in case["suspect_relations"]]
    school = directory.agency(case["school"]) if case["school"] else None
    residence = directory.unit(case["residence_commune"]) if case["residence_commune"] else None
    online = {True: "Có liên quan đến mạng", False: "Không liên quan đến mạng"}.get(case["online"], "")
    environment = directory.code("environments", case["environment"]).vi if case["environment"] else ""
    barred = [agency_label(code, directory) for code in case["withhold_from"]]
    if names is not None:
        barred += [names.contacts.get(contact, contact) for contact in case["withhold_contacts"]]
    found = [
        ("Loại việc", kinds_label(case, directory)),
        ("Mức khẩn", _DANGER[case["immediate_danger"]]),
        ("Nơi xảy ra", place_label(case, directory)),
        ("Tiếp nhận", f"{local(case['received_at'])} ({ago(case['received_at'], now)})"),
        ("Xảy ra", local(occurred)),
        ("Môi trường", "; ".join(one for one in (environment, online) if one)),
        ("Trẻ nhỏ", "Có trẻ dưới 6 tuổi trong vụ việc" if case["young_child"] else ""),
        ("Trường", school.vi if school is not None else ""),
        ("Nơi ở", residence.vi if residence is not None and case["residence_commune"] != case["commune"] else ""),
        ("Người bị nghi là", "; ".join(relations) if inner else ""),
        ("Không được biết", "; ".join(barred) if inner else ""),
        ("Kênh", directory.code("channels", case["channel"]).vi if case["channel"] else ""),
    ]
    return [(label, value) for label, value in found if value]


def _by_time(alerts: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(alerts, key=lambda one: (str(one.get("raised_at")), str(one.get("alert_id"))))


def _alert(alert: Mapping[str, Any], directory: Directory) -> AlertLine:
    state = str(alert.get("state"))
    answered_at, due_at = moment(alert.get("acknowledged_at")), moment(alert.get("due_at"))
    if answered_at is not None:
        when = f"lúc {local(answered_at)}"
    elif state == "withdrawn":
        when = "không còn được biết vụ việc"
    else:
        # Not the law's: our own patience before the next rung of the ladder.
        when = f"hạn xử lý {local(due_at)}" if due_at is not None else ""
    return AlertLine(
        agency=agency_label(str(alert.get("agency")), directory),
        duty=directory.code("duties", str(alert.get("duty"))).vi,
        state=state,
        words=_ALERTS.get("acknowledged" if answered_at is not None and state != "withdrawn" else state, state),
        when=when,
        answered=answered_at is not None,
    )


def _step(
    step: Mapping[str, Any], directory: Directory, notes: Collection[str], inner: bool, names: Names | None
) -> StepLine:
    details = []
    if step["until"] is not None:
        details.append(f"Đến {local(step['until'])}")
    if inner:
        details += _kept_from(step, directory, names)
    return StepLine(
        event_id=step["event_id"],
        label=directory.code("steps", step["step"]).vi,
        at=local(step["at"]),
        late=local(step["recorded_at"]) if (step["recorded_at"] - step["at"]).total_seconds() > 3600 else "",
        by=_author(step, directory, names),
        risk=f"Nguy cơ: {directory.code('risk_levels', step['risk']).vi.lower()}" if step["risk"] else "",
        details=tuple(details),
        part=f"step:{step['event_id']}" if step["event_id"] in notes else "",
        afterwards=step["afterwards"],
        own_plan=bool(step.get("own_plan")),
        no_plan=bool(step.get("no_plan")),
    )


def _kept_from(step: Mapping[str, Any], directory: Directory, names: Names | None) -> Iterator[str]:
    for name, words in (("withhold_from", "Không được biết"), ("released", "Được biết trở lại")):
        if step[name]:
            yield f"{words}: {'; '.join(agency_label(code, directory) for code in step[name])}"
    for name, words in (("withhold_contacts", "Không được biết"), ("released_contacts", "Được biết trở lại")):
        told = step.get(name) or ()
        if told and names is not None:
            yield f"{words}: {'; '.join(names.contacts.get(contact, contact) for contact in told)}"
        elif told:
            yield f"{words}: {len(told)} người trong danh bạ"


def _author(step: Mapping[str, Any], directory: Directory, names: Names | None) -> str:
    if step["client"]:
        return "Đối tác gửi tin"
    agency = agency_label(step["agency"], directory) if step["agency"] else ""
    role = directory.code("roles", step["role"]).vi if step["role"] else ""
    name = names.accounts.get(step["by"], "") if names is not None else ""
    return " · ".join(one for one in (name, role, agency) if one) or "Cán bộ"
