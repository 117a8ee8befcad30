from __future__ import annotations

from services.notify.documents.connection import database
from tests.harness.waiting import until
from tests.integration.notify.system import COMMITTEE_FIRST, MARKER, POLICE_FIRST


def test_a_report_reaches_police_and_committee_by_sms_and_mail(system):
    event = system.report()

    until(lambda: len(system.gateway.messages) == 5 and len(system.mail.mails) == 5)

    assert sorted(call["to"] for call in system.gateway.messages) == sorted([*COMMITTEE_FIRST, *POLICE_FIRST])
    text = system.gateway.to(POLICE_FIRST[0])[0]["text"]
    assert text.startswith(f"BVTE Xa Binh Luong: vu viec {event.data['code']} KHAN, Thon 3 (Cong an). Han ")
    assert "http://127.0.0.1:8002/a/" in text
    assert {alert["agency"] for alert in system.alerts(event.id)} == {"bvte-binh-luong", "ca-binh-luong"}


def test_mail_says_code_and_urgency_in_the_subject_and_the_kind_only_in_the_body(system):
    event = system.report()

    mail = until(lambda: system.mail.to("mau11@ca.example.invalid"))[0]

    assert mail["Subject"] == f"KHẨN: {event.data['code']}"
    body = mail.get_body(("plain",)).get_content()
    assert "Bạo lực" in body
    assert "Thôn 3, Xã Bình Lương" in body
    assert "Công an xã Bình Lương" in body


def test_the_same_event_again_sends_nothing_more(system):
    event = system.report()
    until(lambda: len(system.gateway.messages) == 5)

    system.publish(event)
    other = system.report()
    until(lambda: len(system.alerts(other.id)) == 2 and len(system.gateway.messages) == 10)

    assert len(system.alerts(event.id)) == 2
    assert len(system.gateway.calls) == 10


def test_nothing_that_was_sealed_is_stored_or_sent(system):
    system.report()
    until(lambda: len(system.gateway.messages) == 5 and len(system.mail.mails) == 5)

    stored = [str(row) for name in database().list_collection_names() for row in database()[name].find()]
    sent = [call["text"] for call in system.gateway.calls] + [mail.as_string() for _, mail in system.mail.mails]
    assert stored
    assert not any(MARKER in text for text in stored + sent)


def test_a_backfilled_report_wakes_nobody(system):
    old = system.report(backfill=True, seq=1)
    event = system.report(seq=2)

    until(lambda: len(system.gateway.messages) == 5)

    assert system.alerts(old.id) == []
    assert len(system.alerts(event.id)) == 2
