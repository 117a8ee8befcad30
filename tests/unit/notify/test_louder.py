from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.notify import louder
from services.notify.composing import AlertComposer
from services.notify.raising import kind_groups
from services.notify.store.claims import Held
from shared.authority import Clear

AT = datetime(2026, 1, 5, 7, tzinfo=UTC)
POLICE, ABOVE = "ca-binh-luong", "ca-ke-nhiem-nhu-xuan"


def delivery(contact="ca-1", *, agency=POLICE, level=0, channel="sms", at=AT):
    identity = f"{contact}-{channel}"
    return {"id": identity, "contact": contact, "agency": agency, "level": level, "channel": channel, "created_at": at}


def alert(*deliveries, **changed):
    return {
        "_id": "one",
        "code": "7K2F93QDXY",
        "agency": POLICE,
        "agency_name": "Công an xã Bình Lương",
        "commune_name": "Xã Bình Lương",
        "village_name": "Thôn 3",
        "duty": "PROTECT_NOW",
        "urgency": "NOW",
        "raised_at": AT,
        "due_at": AT + timedelta(hours=12),
        "deliveries": list(deliveries),
        **changed,
    }


def parcel_of(document, row):
    held = Held(row["id"], row["contact"], row["channel"], "x", 1, "c", 0, 0, AT, AT)
    return AlertComposer(b"k" * 32, "https://h.example").parcel(document, held)


@pytest.mark.parametrize(
    ("level", "agency", "sentence"),
    [
        (1, POLICE, "Bạn nhận tin này vì chưa ai của cơ quan xác nhận."),
        (2, ABOVE, "Bạn nhận tin này vì Công an xã Bình Lương chưa xác nhận."),
    ],
)
def test_whoever_is_told_later_is_told_why(level, agency, sentence):
    sms, mail = (delivery("x", agency=agency, level=level, channel=one) for one in ("sms", "email"))
    document = alert(delivery(), sms, mail)

    assert parcel_of(document, sms).text.startswith("CHUA AI NHAN: ")
    letter = parcel_of(document, mail)
    assert sentence in letter.body
    assert sentence in (letter.html or "")
    found = louder.of_contact(document, "x")
    assert found is not None
    assert found.sentence == sentence


def test_those_who_are_told_first_read_no_reproach():
    sms, mail = delivery(), delivery(channel="email")
    document = alert(sms, mail)

    assert louder.of_contact(document, "ca-1") is None
    assert louder.of_contact(document, "nobody") is None
    assert parcel_of(document, sms).text.startswith("BVTE ")
    assert "Bạn nhận tin này" not in parcel_of(document, mail).body


@pytest.mark.parametrize(
    ("agency", "who"), [(ABOVE, "Công an xã Bình Lương"), (POLICE, "người đã xác nhận của cơ quan")]
)
def test_an_acknowledgement_without_a_step_is_called_that(agency, who):
    row = delivery("x", agency=agency, level=2)
    document = alert(row, lapses=[{"at": AT, "why": "no_step"}])

    assert parcel_of(document, row).text.startswith("CHUA AI XU LY: ")
    assert louder.of_delivery(document, row).sentence == f"Bạn nhận tin này vì {who} chưa ghi bước xử lý nào."


def test_a_repeat_says_the_same_whatever_happened_since():
    rows = [delivery("x", agency=ABOVE, level=2, channel=channel) for channel in ("sms", "email")]
    later = {"lapses": [{"at": AT + timedelta(hours=1), "why": "no_step"}], "escalation_level": 3, "state": "escalated"}

    for row in rows:
        assert parcel_of(alert(*rows), row) == parcel_of(alert(*rows, **later), row)


def test_a_group_of_kinds_names_what_it_holds(directory):
    [group] = kind_groups(Clear(commune="binh-luong", kinds=("NEGLECT", "ABANDONMENT"), danger=None), directory)

    assert "bỏ mặc" in group.lower()
    assert "bỏ rơi" in group.lower()
