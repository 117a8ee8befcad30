"""Who may not send the form of staff: without our page, session, token and grant nothing is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.intake.steps import form_fields
from shared import sessions
from shared.case_ids import case_id

from .bad_grants import bad_grants
from .filled_form import FILLED, same
from .stand import INCIDENT, STAFF, later


def test_a_step_that_was_not_granted_is_refused(stand):
    answer = stand.form({**FILLED, "step": "PLAN_APPROVED"}, session=stand.session())

    assert answer.status_code == 403
    assert same(answer, {**FILLED, "step": "PLAN_APPROVED"})
    assert "Bạn không được ghi bước này" in answer.text
    assert stand.events() == []


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


def test_more_than_anybody_types_is_not_read_whoever_sends_it(stand):
    """Three megabytes of text in all, in the words of the staff's pages and with the sandbox named as one."""
    answer = stand.form({"at": "1" * 3_200_000}, session=None, origin="https://evil.example.invalid")

    assert answer.status_code == 413
    assert "Dành cho cán bộ" in answer.text
    assert "Dài quá, chưa ghi được" in answer.text
    assert f'href="{STAFF}/staff"' in answer.text
    assert len(answer.data) < 5000
    assert stand.events() == []


@pytest.mark.parametrize("name", ["at", "until"])
def test_a_time_longer_than_any_is_not_looked_at(directory, now, name):
    fields = {name: ["01/06/2023" + " " * 40 + "07:55"]}

    assert form_fields.as_field(fields, name) is None
    assert [finding.field for finding in form_fields.read(fields, directory, now).findings] == [name]


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


def test_a_session_ends_after_ten_hours(stand):
    session = stand.session()
    stand.now += sessions.LASTS - timedelta(seconds=1)
    assert stand.form(FILLED, session=session).status_code == 303
    stand.now += timedelta(seconds=1)
    assert stand.form(FILLED, session=session).status_code == 401


def test_a_grant_is_no_session(stand):
    session, _ = stand.session()
    answer = stand.form({**FILLED, "csrf": session.csrf}, session=(session, stand.grant()))

    assert answer.status_code == 401
    assert stand.events() == []


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


def test_a_school_keeps_out_its_own_agency_alone_and_a_sentence_says_so(stand):
    grant = stand.grant(role="school", agency="th-binh-luong", contact="th-2", steps=("CONFLICT_DECLARED",))
    buried = {"grant": grant, "step": "CONFLICT_DECLARED", "withhold_from": ["bvte-binh-luong", "ca-binh-luong"]}
    answer = stand.form(buried, session=stand.session(role="school"))

    assert (answer.status_code, stand.events()) == (422, [])
    assert "Bạn chỉ khai báo được cho cơ quan của mình." in answer.get_data(as_text=True)


def test_whoever_names_a_person_above_them_reads_beside_the_field_where_that_is_declared(stand):
    grant = stand.grant(people=("ca-1", "bvte-3"))
    buried = {"grant": grant, "step": "CONFLICT_DECLARED", "withhold_contacts": ["ca-1", "te-tinh-1"]}
    answer = stand.form(buried, session=stand.session())

    assert (answer.status_code, stand.events()) == (422, [])
    assert "người của cấp trên thì cấp trên khai báo." in answer.get_data(as_text=True)
