"""The form of staff for a step: what is kept of it, once, and told; and where the browser is sent."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from .filled_form import CONFLICT, FILLED, NOTE, SHOWN
from .stand import BROWSER, CASE, INCIDENT, INTAKE, STAFF, later


def test_a_step_is_kept_and_the_browser_sent_to_the_case(stand):
    session = stand.session()
    answer = stand.form(FILLED, session=session)

    assert answer.status_code == 303
    (event,) = stand.events()
    where = urlsplit(answer.headers["Location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == f"{STAFF}/staff/truong-hop/7K2F93QD0A-2"
    assert parse_qs(where.query) == {"cho": [event.id]}
    assert (event.name, event.source, event.seq) == ("case.step_recorded", "/intake/a", 1)
    assert (event.subject, event.commune, event.drill) == (INCIDENT, "binh-luong", False)


def test_the_event_says_who_and_what_and_the_note_only_to_reporting(stand):
    stand.form(FILLED, session=stand.session())

    (event,) = stand.events()
    told = {name: value for name, value in event.data.items() if name != "sealed"}
    assert told == {
        "incident_id": INCIDENT,
        "case_id": CASE,
        "step": "INITIAL_ASSESSED",
        "at": "2023-06-01T07:30:00+07:00",
        "recorded_at": "2023-06-01T01:00:00+00:00",
        "by": "u-1",
        "code": "7K2F93QD0A",
        "commune": "binh-luong",
        "role": "committee",
        "agency": "bvte-binh-luong",
        "contact": "bvte-1",
        "hats": [],
        "contacts": [],
        "spared_at": None,
        "client": None,
        "risk": "HIGH",
        "until": None,
        "withhold_from": [],
        "withhold_contacts": [],
        "released": [],
        "released_contacts": [],
        "merged_into": None,
    }
    assert stand.written(event) == {"note": NOTE, "fields": {"next_visit": "thứ Hai 9 giờ"}}


def test_everything_that_the_author_is_goes_with_the_step(stand):
    grant = stand.grant(hats=("bvte-binh-luong", "th-binh-luong", "school"), contacts=("bvte-3", "th-1"))
    stand.form({**FILLED, "grant": grant}, session=stand.session())

    (event,) = stand.events()
    assert event.data["hats"] == ["bvte-binh-luong", "th-binh-luong", "school"]
    assert event.data["contacts"] == ["bvte-3", "th-1"]


def test_the_event_says_that_the_last_resort_was_let_in_and_when(stand):
    stand.form({**FILLED, "grant": stand.grant(spared=True)}, session=stand.session())

    assert datetime.fromisoformat(stand.events()[0].data["spared_at"]) == stand.now


def test_a_drill_stays_one(stand):
    stand.form({**FILLED, "grant": stand.grant(drill=True)}, session=stand.session())

    assert stand.events()[0].drill is True


def test_a_declared_conflict_must_not_wait_unseen(stand):
    conflict = {"step": "CONFLICT_DECLARED", "withhold_from": ["th-binh-luong", "school"], "withhold_contacts": "th-1"}
    grant = stand.grant(people=("th-1",))
    assert stand.form({**conflict, "grant": grant}, session=stand.session()).status_code == 303

    (event,) = stand.events()
    assert event.data["withhold_from"] == ["th-binh-luong", "school", "mn-binh-luong", "thcs-binh-luong"]
    assert event.data["withhold_contacts"] == ["th-1"]
    assert stand.intake.spool.status().oldest_urgent_waiting_at is not None


def test_other_steps_may_wait(stand):
    stand.form(FILLED, session=stand.session())

    assert stand.intake.spool.status().oldest_urgent_waiting_at is None


def test_sent_twice_it_is_one_step_even_with_a_newer_grant(stand):
    session = stand.session()
    first = stand.form(FILLED, session=session)
    stand.now = later(stand.now, minutes=5)
    second = stand.form(FILLED, session=session)

    assert first.headers["Location"] == second.headers["Location"]
    assert len(stand.events()) == 1


def test_a_page_that_names_no_key_is_one_step_too(stand):
    session, grant = stand.session(), stand.grant()
    for _ in range(2):
        stand.form({**FILLED, "form_key": None, "grant": grant}, session=session)

    assert len(stand.events()) == 1


def test_gone_back_edited_and_sent_again_it_is_another_step(stand):
    session = stand.session()
    stand.form(FILLED, session=session)
    stand.form({**FILLED, "note": "Đã gặp cả mẹ."}, session=session)

    assert [stand.written(event)["note"] for event in stand.events()] == [NOTE, "Đã gặp cả mẹ."]


def test_names_that_were_only_shown_are_not_kept(stand):
    session = stand.session()
    fields = {**CONFLICT, "at": "", "withhold_contacts": "ca-2", "grant": stand.grant(people=("ca-2",))}
    first = stand.form(fields, session=session)
    again = stand.form({**fields, "shown": SHOWN[:1]}, session=session)

    assert first.status_code == 303
    assert first.headers["Location"] == again.headers["Location"], "they are no part of what was told"
    (event,) = stand.events()
    assert event.data["sealed"] is None
    assert "Mẫu" not in str(event.data)


def test_pages_are_not_stored_run_no_script_and_send_forms_to_us_alone(stand):
    headers = stand.form(FILLED, session=None).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "strict-origin"
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert set(policy["form-action"].split()) == {"'self'", STAFF, INTAKE}
    assert policy["frame-ancestors"] == "'none'"


def test_a_reload_of_an_answer_ends_at_the_cases(stand):
    answer = stand.app.test_client().get(f"/ghi-nhan/{CASE}", headers={"User-Agent": BROWSER})

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{STAFF}/staff")
