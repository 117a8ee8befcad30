"""The shipped directory, a roster of its invented contacts, and cases as the fold leaves them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.reporting.cases import Fact, fold
from shared.authority import Listed, Viewer
from shared.directory import Directory, load
from shared.events import Event

DEPLOY = Path(__file__).resolve().parents[4] / "deploy"
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)  # Wednesday, ten in the morning here
ACCOUNTS = {
    "committee": ("bvte-binh-luong", "bvte-1", "binh-luong"),
    "chairman": ("bvte-binh-luong", "bvte-2", "binh-luong"),
    "head": ("bvte-binh-luong", "bvte-3", "binh-luong"),  # the head teacher, who also sits on the committee
    "clerk": ("bvte-binh-luong", "bvte-4", "binh-luong"),
    "police": ("ca-binh-luong", "ca-1", "binh-luong"),
    "school": ("th-binh-luong", "th-2", "binh-luong"),
    "district": ("te-ke-nhiem-nhu-xuan", "te-ke-nhiem-1", "ke-nhiem-nhu-xuan"),
    "province": ("te-thanh-hoa", "te-tinh-1", "thanh-hoa"),
    "member": (None, None, "binh-luong"),
}


@pytest.fixture(scope="session")
def directory() -> Directory:
    return load(DEPLOY / "directory/binh-luong")


@pytest.fixture(scope="session")
def roster() -> list[Listed]:
    rows = yaml.safe_load((DEPLOY / "contacts/binh-luong/contacts.seed.yaml").read_text("utf-8"))["contacts"]
    return [Listed(one["id"], one["agency"], one["person"], tuple(one["phones"])) for one in rows]


def viewer(role: str) -> Viewer:
    agency, contact, unit = ACCOUNTS[role]
    return Viewer(f"acc-{role}", "committee" if role == "head" else role, unit, agency, contact)


def reported(
    *,
    incident: str = "i",
    received: datetime = NOW,
    children: int = 1,
    schools: tuple[str | None, ...] = (),
    **facts: Any,
) -> Event:
    named = schools or (None,) * children
    data = {
        "incident_id": incident,
        "code": "7K2F93QD0A",
        "received_at": received.isoformat(),
        "accepted_at": received.isoformat(),
        "occurred_at": None,
        "channel": "PHONE",
        "commune": "binh-luong",
        "village": "thon-3",
        "kinds": ["VIOLENCE"],
        "environment": "FAMILY",
        "online": False,
        "immediate_danger": True,
        "client": "public",
        "cases": [
            {"case_id": f"{incident}-{number}", "number": number, "school": school}
            for number, school in enumerate(named, start=1)
        ],
        "suspect_relations": ["PARENT"],
        "withhold_from": [],
        "sealed": {},
        **facts,
    }
    return Event(incident, "incident.reported", "/intake/a", received, data, subject=incident)


def step(name: str, hours: float = 1, *, incident: str = "i", child: int = 1, **fields: Any) -> Event:
    at = NOW + timedelta(hours=hours)
    data = {
        "incident_id": incident,
        "case_id": f"{incident}-{child}",
        "step": name,
        "at": at.isoformat(),
        "recorded_at": at.isoformat(),
        "by": "acc-committee",
        "role": "committee",
        "agency": "bvte-binh-luong",
        **fields,
    }
    return Event(f"{name}-{hours}-{child}", "case.step_recorded", "/intake/a", at, data, subject=incident)


def clock_told(clock: str, state: str, due: datetime, *, version: int = 1, met: datetime | None = None) -> Event:
    data = {
        "incident_id": "i",
        "case_id": "i-1",
        "clock": clock,
        "state": state,
        "version": version,
        "due_at": due.isoformat(),
        "met_at": met.isoformat() if met else None,
    }
    name = {"late": "met"}.get(state, state)
    return Event(f"{clock}-{version}", f"deadline.{name}", "/notify", NOW, data, subject="i")


def alerted(agency: str, state: str = "sent", *, acknowledged: datetime | None = None) -> Event:
    data = {
        "incident_id": "i",
        "alert_id": agency,
        "case_code": "7K2F93QD0A",
        "agency": agency,
        "agency_kind": "police",
        "duty": "PROTECT_NOW",
        "occasion": "first",
        "state": state,
        "version": 1,
        "raised_at": NOW.isoformat(),
        "due_at": (NOW + timedelta(minutes=5)).isoformat(),
        "acknowledged_at": acknowledged.isoformat() if acknowledged else None,
    }
    return Event(f"alert-{agency}", f"alert.{state}", "/notify", NOW, data, subject="i")


def cases(*events: Event) -> list[dict[str, Any]]:
    return fold([Fact(event, {}) for event in events], lambda commune: commune)


def case(*events: Event, **facts: Any) -> dict[str, Any]:
    return cases(reported(**facts), *events)[0]
