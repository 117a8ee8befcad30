"""The form of staff: a step is on disk before it is answered; whatever goes wrong, the form comes back filled in."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from services.intake.spool import SpoolUnavailable
from shared import sessions
from shared.case_ids import case_id
from tests.harness.forms import form

from .stand import BROWSER, CASE, INCIDENT, INTAKE, STAFF, later

NOTE = "Đã gặp cháu <Mẫu> & mẹ.\nCháu an toàn, ở nhà bà ngoại."
FILLED = {
    "step": "INITIAL_ASSESSED",
    "at": "2023-06-01T07:30",
    "risk": "HIGH",
    "note": NOTE,
    "next_visit": "thứ Hai 9 giờ",
}


def filled_again(answer):
    """What the browser would send if the page were sent again."""
    return form(answer.get_data(as_text=True), action="/ghi-nhan/").fields


def same(answer, fields=None):
    again = filled_again(answer)
    return {name: again.get(name) for name in fields or FILLED} == (fields or FILLED)


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


def test_a_drill_stays_one(stand):
    stand.form({**FILLED, "grant": stand.grant(drill=True)}, session=stand.session())

    assert stand.events()[0].drill is True


def test_a_declared_conflict_must_not_wait_unseen(stand):
    conflict = {"step": "CONFLICT_DECLARED", "withhold_from": ["th-binh-luong", "school"], "withhold_contacts": "th-1"}
    assert stand.form(conflict, session=stand.session()).status_code == 303

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


def test_an_expired_session_loses_nothing(stand):
    """Signed in again elsewhere, the very page is sent again: first the new session's token, then it is kept."""
    session = stand.session()
    grant = stand.grant()
    stand.now = later(stand.now, hours=11)
    answer = stand.form({**FILLED, "grant": grant}, session=session)

    assert answer.status_code == 401
    assert same(answer)
    assert "lần nữa là xong" in answer.text
    assert f'href="{STAFF}/staff/dang-nhap?next=%2Fstaff%2Ftruong-hop%2F7K2F93QD0A-2"' in answer.text
    assert stand.events() == []

    renewed = stand.session()
    once_more = stand.form(filled_again(answer), session=renewed, origin=INTAKE)
    assert once_more.status_code == 403
    assert same(once_more)
    assert "Xem lại rồi bấm lần nữa" in once_more.text
    assert 'class="error' not in once_more.text

    kept = stand.form(filled_again(once_more), session=renewed, origin=INTAKE)
    assert kept.status_code == 303
    assert stand.written(stand.events()[0])["note"] == NOTE


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"step": ""}, "step"),
        ({"step": "EATEN"}, "step"),
        ({"at": "2031-01-01T00:00"}, "at"),
        ({"at": "hôm qua"}, "at"),
        ({"risk": "TERRIBLE"}, "risk"),
        ({"until": "2023-06-09T08:00"}, "until"),
        ({"withhold_from": "th-binh-luong"}, "withhold_from"),
        ({"withhold_contacts": "th-1"}, "withhold_contacts"),
        ({"merged_into": "vụ hôm qua"}, "merged_into"),
        ({"released": "th-binh-luong"}, "released"),
        ({"step": "EMERGENCY_NOT_NEEDED", "note": ""}, "note"),
    ],
)
def test_a_wrong_field_comes_back_with_a_sentence_beside_it(stand, changes, field):
    answer = stand.form({**FILLED, **changes}, session=stand.session())

    assert answer.status_code == 422
    assert same(answer, {**FILLED, **changes})
    assert f'id="{field}-error"' in answer.text
    assert stand.events() == []


@pytest.mark.parametrize(
    ("typed", "kind", "shown"),
    [
        ("2031-01-01T00:00", "datetime-local", "2031-01-01T00:00"),
        ("01/06/2031 07:55", "datetime-local", "2031-06-01T07:55"),
        ("2031-06-01T00:55:00+00:00", "datetime-local", "2031-06-01T07:55"),
        ("hôm qua", "text", "hôm qua"),
        ("9999-12-31T23:59:00-12:00", "text", "9999-12-31T23:59:00-12:00"),
    ],
)
def test_a_time_that_can_be_read_comes_back_in_a_field_of_times(stand, typed, kind, shown):
    answer = stand.form({**FILLED, "at": typed}, session=stand.session())

    assert answer.status_code == 422
    assert f'<input type="{kind}" name="at" id="at" value="{shown}"' in answer.text


# --- the names that the case page showed ------------------------------------------------------------------------------

SHOWN = [
    "withhold_contacts|bvte-1|Hà Văn Mẫu, Ban bảo vệ trẻ em",
    "withhold_contacts|ca-2|Lò Thị <Mẫu> | phó, Công an xã",
    "withhold_from|th-binh-luong|Trường Tiểu học Bình Lương",
    "withhold_from|te-thanh-hoa|Sở ở tỉnh",
]
CONFLICT = {"step": "CONFLICT_DECLARED", "at": "2031-01-01T00:00", "shown": SHOWN}


def boxes(page):
    """(field, code) of each box, and whether it is ticked."""
    found = re.findall(r'<input type="checkbox" name="(\w+)" value="([^"]*)"( checked)?>', page)
    return {(name, code): bool(ticked) for name, code, ticked in found}


def hidden(page):
    return [unescape(one) for one in re.findall(r'<input type="hidden" name="shown" value="([^"]*)">', page)]


def test_a_form_that_comes_back_shows_the_people_by_name_with_the_same_ticks(stand):
    ticked = {"withhold_contacts": "ca-2", "withhold_from": "te-thanh-hoa"}
    answer = stand.form({**CONFLICT, **ticked}, session=stand.session())

    assert answer.status_code == 422
    assert boxes(answer.text) == {
        ("withhold_contacts", "bvte-1"): False,
        ("withhold_contacts", "ca-2"): True,
        ("withhold_from", "th-binh-luong"): False,
        ("withhold_from", "te-thanh-hoa"): True,
    }
    assert "Lò Thị &lt;Mẫu&gt; | phó, Công an xã" in answer.text
    assert sorted(hidden(answer.text)) == sorted(SHOWN), "and a second time they come back again"


def test_names_that_were_only_shown_are_not_kept(stand):
    session = stand.session()
    fields = {**CONFLICT, "at": "", "withhold_contacts": "ca-2"}
    first = stand.form(fields, session=session)
    again = stand.form({**fields, "shown": SHOWN[:1]}, session=session)

    assert first.status_code == 303
    assert first.headers["Location"] == again.headers["Location"], "they are no part of what was told"
    (event,) = stand.events()
    assert event.data["sealed"] is None
    assert "Mẫu" not in str(event.data)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "|",
        "ca-2",
        "withhold_contacts|ca-2",
        "withhold_contacts||A",
        "note|x|A",
        "withhold_contacts|ca-2|" + "x" * 201,
    ],
)
def test_what_is_malformed_is_left_out(stand, line):
    answer = stand.form({**CONFLICT, "shown": [line], "withhold_contacts": "ca-2"}, session=stand.session())

    assert answer.status_code == 422
    assert hidden(answer.text) == []
    assert boxes(answer.text)["withhold_contacts", "ca-2"]


def test_a_step_that_was_not_granted_is_refused(stand):
    answer = stand.form({**FILLED, "step": "PLAN_APPROVED"}, session=stand.session())

    assert answer.status_code == 403
    assert same(answer, {**FILLED, "step": "PLAN_APPROVED"})
    assert "Bạn không được ghi bước này" in answer.text
    assert stand.events() == []


def test_a_full_spool_gives_the_form_back(stand, monkeypatch):
    def full(*_):
        raise SpoolUnavailable("full", 30)

    monkeypatch.setattr(stand.intake.spool, "append", full)
    answer = stand.form(FILLED, session=stand.session())

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert same(answer)
    monkeypatch.undo()
    assert stand.form(filled_again(answer), session=stand.session(csrf=filled_again(answer)["csrf"])).status_code == 303


def test_a_fault_of_ours_gives_the_form_back(stand, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(stand.intake.steps, "record", broken)
    answer = stand.form(FILLED, session=stand.session())

    assert answer.status_code == 500
    assert same(answer)


def test_a_note_longer_than_the_engines_hold_comes_back(stand, monkeypatch):
    monkeypatch.setattr("services.intake.steps.door.LARGEST_EVENT", 2000)
    answer = stand.form({**FILLED, "note": NOTE * 50}, session=stand.session())

    assert answer.status_code == 413
    assert 'id="note-error"' in answer.text
    assert same(answer, {"note": NOTE * 50})
    assert stand.events() == []


def test_a_flood_of_fields_gets_a_page_and_is_not_kept(stand):
    answer = stand.form({f"f{n}": "x" for n in range(2000)}, session=stand.session())

    assert answer.status_code == 413
    assert stand.events() == []


# --- who may not ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example.invalid", f"{STAFF}.evil.example.invalid", ""])
def test_a_form_from_elsewhere_is_refused(stand, origin):
    session = stand.session()
    signed_in = stand.form(FILLED, session=session, origin=origin)
    stranger = stand.form(FILLED, session=None, origin=origin)

    assert (signed_in.status_code, stranger.status_code) == (403, 403)
    assert stand.events() == []
    # What another site sent is not shown under our name; what came with the cookie is this browser's own.
    assert "ngoại" not in stranger.text
    assert "ngoại" in signed_in.text
    # And neither holds what a second click could be made to send.
    assert session[0].csrf not in signed_in.text
    assert "<button" not in signed_in.text


@pytest.mark.parametrize("csrf", [None, "", "x", "é"])
def test_without_the_sessions_own_token_it_is_refused_and_nothing_lost(stand, csrf):
    answer = stand.form({**FILLED, "csrf": csrf}, session=stand.session())

    assert answer.status_code == 403
    assert same(answer)
    assert stand.events() == []


def test_the_token_of_another_session_is_refused(stand):
    answer = stand.form({**FILLED, "csrf": stand.session()[0].csrf}, session=stand.session())

    assert answer.status_code == 403
    assert stand.events() == []


def test_a_session_carried_to_another_browser_is_none(stand):
    answer = stand.form(FILLED, session=stand.session(), User_Agent="Mozilla/5.0 (elsewhere)")

    assert answer.status_code == 401
    assert stand.events() == []


def test_without_a_session_nobody_writes(stand):
    answer = stand.form(FILLED, session=None)

    assert answer.status_code == 401
    assert same(answer)
    assert stand.events() == []


def test_a_session_signed_by_a_key_that_is_not_ours_is_none(stand):
    answer = stand.form(FILLED, session=stand.session(stand.signing_key("theirs", published=False)))

    assert answer.status_code == 401
    assert stand.events() == []


def test_a_grant_is_no_session(stand):
    session, _ = stand.session()
    answer = stand.form({**FILLED, "csrf": session.csrf}, session=(session, stand.grant()))

    assert answer.status_code == 401
    assert stand.events() == []


def forged(stand, algorithm, key, *, kid):
    """A grant's claims under a signature of the forger's choice."""
    claims = jwt.decode(stand.grant(), options={"verify_signature": False})
    return jwt.encode(claims, key, algorithm, headers={"kid": kid, "typ": "lentieng-grant+jwt"})


def bad_grants(stand):
    ours = load_pem_private_key((stand.home / "ours.pem").read_bytes(), None)
    theirs = stand.signing_key("theirs", published=False)
    public = ours.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    good = stand.grant()
    return {
        "missing": "",
        "no token": "x.y.z",
        "wrong kid": stand.grant(theirs),
        "our kid, their key": forged(
            stand, "EdDSA", load_pem_private_key((stand.home / "theirs.pem").read_bytes(), None), kid=stand.key.kid
        ),
        "alg none": forged(stand, "none", None, kid=stand.key.kid),
        "HS256 with the public key": forged(stand, "HS256", public.hex(), kid=stand.key.kid),
        "changed": good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
        "a session": stand.session()[1],
    }


def test_what_is_no_grant_of_ours_is_refused(stand):
    session, passed = stand.session(), []
    for name, grant in bad_grants(stand).items():
        answer = stand.form({**FILLED, "grant": grant}, session=session)
        if answer.status_code != 403 or not same(answer):
            passed.append((name, answer.status_code))

    assert passed == []
    assert stand.events() == []


def test_a_grant_that_is_over_is_refused_and_says_which_case_to_open(stand):
    grant = stand.grant()
    stand.now = later(stand.now, hours=12)
    answer = stand.form({**FILLED, "grant": grant}, session=stand.session())

    assert answer.status_code == 403
    assert same(answer)
    assert f"{STAFF}/staff/truong-hop/7K2F93QD0A-2" in answer.text
    assert stand.events() == []


def test_the_grant_of_another_account_or_case_is_refused(stand):
    session = stand.session()
    answers = [
        stand.form({**FILLED, "grant": stand.grant(account="u-2")}, session=session),
        stand.form({**FILLED, "grant": stand.grant(case=case_id(INCIDENT, 1))}, session=session),
        stand.form(FILLED, session=session, case=case_id(INCIDENT, 1)),
        stand.form(FILLED, session=session, case="../v1/incidents"),
    ]

    assert {answer.status_code for answer in answers} <= {403, 404}
    assert stand.events() == []


def test_a_session_ends_after_ten_hours(stand):
    session = stand.session()
    stand.now += sessions.LASTS - timedelta(seconds=1)
    assert stand.form(FILLED, session=session).status_code == 303
    stand.now += timedelta(seconds=1)
    assert stand.form(FILLED, session=session).status_code == 401


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


def test_a_school_keeps_out_its_own_agency_alone_and_a_sentence_says_so(stand):
    grant = stand.grant(role="school", agency="th-binh-luong", contact="th-2", steps=("CONFLICT_DECLARED",))
    buried = {"grant": grant, "step": "CONFLICT_DECLARED", "withhold_from": ["bvte-binh-luong", "ca-binh-luong"]}
    answer = stand.form(buried, session=stand.session(role="school"))

    assert (answer.status_code, stand.events()) == (422, [])
    assert "Bạn chỉ khai báo được cho cơ quan của mình." in answer.get_data(as_text=True)


def test_everything_that_the_author_is_goes_with_the_step(stand):
    grant = stand.grant(hats=("bvte-binh-luong", "th-binh-luong", "school"), contacts=("bvte-3", "th-1"))
    stand.form({**FILLED, "grant": grant}, session=stand.session())

    (event,) = stand.events()
    assert event.data["hats"] == ["bvte-binh-luong", "th-binh-luong", "school"]
    assert event.data["contacts"] == ["bvte-3", "th-1"]
