"""The agencies whose conflicts are declared in these tests, the link of an alert, and what a reporter adds."""

from __future__ import annotations

import re
from uuid import uuid4

from shared.events import Event

POLICE, COMMITTEE, SCHOOL = "ca-binh-luong", "bvte-binh-luong", "th-binh-luong"
POLICE_ABOVE, ABOVE, SCHOOLS_ABOVE = "ca-ke-nhiem-nhu-xuan", "te-ke-nhiem-nhu-xuan", "gd-ke-nhiem-nhu-xuan"


def link_to(gateway, number: str) -> str:
    return re.search(r"(/a/[0-9A-Za-z]{16})", gateway.to(number)[-1]["text"])[1]


def supplement_of(by_hand, report: Event, **data) -> Event:
    return Event(
        id=str(uuid4()),
        name="incident.supplemented",
        source="/intake/a",
        time=by_hand.at,
        subject=report.id,
        commune="binh-luong",
        data={
            "incident_id": report.id,
            "accepted_at": by_hand.at.isoformat(),
            "sealed": report.data["sealed"],
            **data,
        },
    )
