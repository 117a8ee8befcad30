"""Exclusions and drills, seen from the phones."""

from __future__ import annotations

from services.notify.store import collections
from tests.harness.waiting import until
from tests.integration.notify.system import EDUCATION_SUPERIOR, SCHOOL_HEAD


def pupil(incident: str) -> list[dict]:
    return [{"case_id": f"{incident}-1", "number": 1, "school": "th-binh-luong", "residence_commune": "binh-luong"}]


def test_suspected_school_staff_keeps_the_school_and_its_head_out_wherever_they_sit(system):
    event = system.report(
        environment="SCHOOL", suspect_relations=["SCHOOL_STAFF"], immediate_danger=False, cases=pupil("a")
    )

    until(lambda: system.gateway.to(EDUCATION_SUPERIOR))
    until(lambda: len(system.gateway.messages) == 5)

    # The head also sits on the committee; neither her number nor her mailbox is used there.
    assert system.gateway.to(SCHOOL_HEAD) == []
    assert not any(to.endswith("@th.example.invalid") for to, _ in system.mail.mails)
    alerts = system.alerts(event.id)
    assert not any(alert["agency"] == "th-binh-luong" for alert in alerts)
    assert {alert["why"] for alert in alerts} == {"matrix", "instead_of:th-binh-luong"}
    assert SCHOOL_HEAD not in str(list(collections.alerts().find({}, {"facts": 0})))


def test_violence_between_pupils_reaches_the_school(system):
    event = system.report(environment="SCHOOL", suspect_relations=["PUPIL"], immediate_danger=False, cases=pupil("b"))

    until(lambda: any(alert["agency"] == "th-binh-luong" for alert in system.alerts(event.id)))
    assert until(lambda: len(system.gateway.to(SCHOOL_HEAD)) == 2), "once for the school, once for the committee"


def test_a_report_full_of_unknown_codes_still_reaches_the_committee_and_the_unit_above(system):
    event = system.report(commune="nowhere", kinds=["FROM_THE_FUTURE"], environment="MOON", directory="999-00000000")

    until(lambda: system.alerts(event.id), timeout=20)
    assert {"bvte-binh-luong", "te-ke-nhiem-nhu-xuan"} <= {alert["agency"] for alert in system.alerts(event.id)}
    assert collections.dead_letters().count_documents({}) == 0


def test_a_drill_writes_to_people_in_the_sandbox_and_says_so(system):
    system.report(drill=True)

    text = until(lambda: system.gateway.messages)[0]["text"]
    assert text.startswith("DIEN TAP ")
    assert until(lambda: system.mail.mails)[0][1]["Subject"].startswith("DIỄN TẬP - ")


def test_a_drill_with_real_providers_writes_to_nobody(start):
    system = start(SANDBOX="0")
    drill = system.report(drill=True)
    real = system.report()

    until(lambda: len(system.gateway.messages) == 5)

    assert len(system.alerts(drill.id)) == len(system.alerts(real.id)) == 2
    assert all(not alert["deliveries"] for alert in system.alerts(drill.id))
    assert all(drill.data["code"] not in call["text"] for call in system.gateway.calls)
