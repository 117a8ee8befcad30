"""What of the alerts is shown to those who may not know who is suspected."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.notify.views import alert_view, outer_views

AT = datetime(2026, 1, 5, 1, tzinfo=UTC)
AN_OFFICER = "Hà Văn Bịa"


def delivery(contact, **changed):
    row = {"contact": contact, "channel": "sms", "to": "+84000000111", "state": "accepted", "updated_at": AT}
    return {**row, "agency": "bvte-binh-luong", **changed}


def alert(agency, kind, **changed):
    made = {
        "_id": f"a-{agency}",
        "incident_id": "i",
        "code": "7K2F93QD0A",
        "agency": agency,
        "agency_kind": kind,
        "duty": "EMERGENCY",
        "occasion": "first",
        "why": "matrix",
        "state": "acknowledged",
        "raised_at": AT,
        "due_at": AT,
        "acknowledged_at": AT,
        "acknowledged_by": AN_OFFICER,
        "deliveries": [delivery("bvte-1"), delivery("bvte-2", ended_at=AT)],
    }
    return {**made, **changed}


FOUND = [
    alert("bvte-binh-luong", "committee", why="instead_of:ca-binh-luong", occasion="e-1/2"),
    alert("ca-binh-luong", "police", state="withdrawn"),
    alert("th-binh-luong", "school"),
    alert("mn-binh-luong", "school"),
]


@pytest.fixture
def shown(directory):
    return lambda agency: {one["agency"]: one for one in outer_views(FOUND, agency, directory)}


def test_neither_who_must_not_know_nor_another_childs_school_is_there(shown):
    assert set(shown("th-binh-luong")) == {"bvte-binh-luong", "th-binh-luong"}
    assert set(shown("te-thanh-hoa")) == set(shown(None)) == {"bvte-binh-luong"}


def test_nothing_says_in_whose_place_somebody_acts(shown):
    committee = shown("th-binh-luong")["bvte-binh-luong"]
    assert "ca-binh-luong" not in str(committee)
    assert committee["occasion"] == "e-1"
    assert len(committee["deliveries"]) == 1, "one that was ended is of somebody who must not know"


def test_officers_are_named_to_their_own_agency(shown):
    assert shown("th-binh-luong")["th-binh-luong"]["acknowledged_by"] == AN_OFFICER
    assert shown("th-binh-luong")["bvte-binh-luong"]["acknowledged_by"] is None
    assert AN_OFFICER not in str(shown(None))


def test_those_inside_see_all_of_it():
    inside = alert_view(FOUND[0])
    assert (inside["why"], inside["acknowledged_by"]) == ("instead_of:ca-binh-luong", AN_OFFICER)
    assert (inside["occasion"], len(inside["deliveries"])) == ("e-1/2", 2)
