"""A commune's staff with their contacts, and reports with everything sealed in them that pages open."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import yaml

from shared.events import Event
from shared.sealing import Sealer
from tests.integration.reporting.conftest import SAMPLE, Service
from tests.integration.reporting.made import Reports
from tests.integration.reporting.people import Office

NAME, ADDRESS, STORY = "Lò Thị Bịa Đặt", "Nhà số 7, thôn 3 (bịa ra)", "MARKER-CHUYỆN"
SUSPECT, REPORTER = "Người Bịa Bị Nghi", "Người Bịa Báo Tin"
SEED = SAMPLE.parents[1] / "contacts/binh-luong/contacts.seed.yaml"
STAFF = {
    "committee": ("committee", "bvte-binh-luong", "bvte-1"),
    "chairman": ("chairman", "bvte-binh-luong", "bvte-2"),
    "head": ("committee", "bvte-binh-luong", "bvte-3"),  # the head teacher, who also sits on the committee
    "clerk": ("clerk", "bvte-binh-luong", "bvte-4"),
    "police": ("police", "ca-binh-luong", "ca-1"),
    "school": ("school", "th-binh-luong", "th-2"),
    "member": ("member", None, None),
    "auditor": ("auditor", None, None),
    "administrator": ("administrator", None, None),
}


def staffed(office: Office, service: Service) -> None:
    """An account for each role, named for it, and the contacts of every agency as notify lists them."""
    for user, (role, agency, contact) in STAFF.items():
        office.account(user, role, agency=agency, contact=contact)
    office.account("district", "district", "ke-nhiem-nhu-xuan", "te-ke-nhiem-nhu-xuan", "te-ke-nhiem-1")
    service.project(*rosters())


def rosters(version: int = 1, without: str = "") -> list[Event]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in yaml.safe_load(SEED.read_text("utf-8"))["contacts"]:
        hashed = [uuid.uuid5(uuid.NAMESPACE_OID, phone).hex for phone in one["phones"]]
        row = {"contact": one["id"], "person": one["person"], "addresses": hashed}
        found.setdefault(one["agency"], []).extend([row] if one["id"] != without else [])
    return [contacts_listed(agency, version, rows) for agency, rows in found.items()]


def contacts_listed(agency: str, version: int, rows: list[dict[str, Any]]) -> Event:
    at = "2023-06-01T00:00:00+00:00"
    data = {"agency": agency, "version": version, "at": at, "contacts": rows}
    return Event(str(uuid.uuid4()), "contacts.listed", "/notify", datetime.fromisoformat(at), data)


def told(
    reports: Reports,
    sealer: Sealer,
    now: datetime,
    *,
    code: str = "7K2F93QD0A",
    children: list[dict[str, Any]] | None = None,
    hours_ago: float = 1,
    **facts: Any,
) -> Event:
    """A report as intake tells it. Children differ by their names."""
    given = children if children is not None else [{"full_name": NAME, "address": ADDRESS}]
    facts = {"village": "thon-3", "immediate_danger": True, **facts}
    received = (now - timedelta(hours=hours_ago)).isoformat()
    event = reports.report(received=received, children=[{} for _ in given], code=code, **facts)
    ids = [one["case_id"] for one in event.data["cases"]]
    counting = {"sex": "FEMALE", "age_received": 8, "age_occurred": 8, "ethnic_group": None, "groups": []}
    parts = {
        "counting": {"cases": [{"case_id": case, **counting} for case in ids]},
        "child": {
            "description": STORY,
            "place": "Cuối thôn",
            "external_id": None,
            "children": [{"case_id": case, **child} for case, child in zip(ids, given, strict=True)],
            "extra": None,
        },
        "suspect": {"suspects": [{"relation": "PARENT", "full_name": SUSPECT}]},
        "reporter": {"full_name": REPORTER, "phone": "+84000000003", "may_be_called": True},
    }
    data = {**event.data, "sealed": sealer.seal(event.id, parts)}
    for one, child in zip(data["cases"], given, strict=True):
        one["school"] = child.get("school")
    return replace(event, data=data)


def alerted(report: Event, agency: str, state: str = "sent", version: int = 1, **fields: Any) -> Event:
    data = {
        "alert_id": f"{report.id}/{agency}",
        "incident_id": report.id,
        "case_code": report.data["code"],
        "agency": agency,
        "agency_kind": "committee",
        "duty": "PROTECT_NOW",
        "occasion": "first",
        "state": state,
        "version": version,
        "raised_at": report.data["received_at"],
        "due_at": report.data["received_at"],
        "acknowledged_at": None,
        "escalation_level": 0,
        "channel": None,
        "reason": None,
        **fields,
    }
    return Event(str(uuid.uuid4()), f"alert.{state}", "/notify", report.time, data, subject=report.id)


def conflict(report: Event, number: int = 1, **withheld: Any) -> Event:
    from tests.integration.reporting.made import step

    return step(report, number, step="CONFLICT_DECLARED", role="committee", **withheld)
