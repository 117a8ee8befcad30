"""Steps over the API: strict, safe to repeat, and only from who may."""

from __future__ import annotations

import json

import pytest

from shared.case_ids import case_id

from .bad_grants import bad_grants
from .stand import CASE, INCIDENT, STAFF, later

BODY = {"step": "EMERGENCY_APPLIED", "at": "2023-06-01T07:55:00+07:00", "note": "Đưa cháu đến trạm y tế."}


def by_partner(stand, **changes):
    return {**BODY, "case_token": stand.case_token(), **changes}


def by_staff(stand, **changes):
    return {**BODY, "step": "EMERGENCY_NOT_NEEDED", "grant": stand.grant(), **changes}


def test_a_partner_tells_a_step_of_a_child_it_reported(stand):
    answer = stand.call(by_partner(stand), partner="app")

    assert answer.status_code == 202
    (event,) = stand.events()
    assert answer.json == {"event_id": event.id, "incident_id": INCIDENT, "case_id": CASE}
    told = event.data
    assert (told["by"], told["client"], told["role"], told["contact"]) == ("app", "app", None, None)
    assert (told["code"], told["commune"], told["step"]) == ("7K2F93QD0A", "binh-luong", "EMERGENCY_APPLIED")
    assert stand.written(event) == {"note": BODY["note"], "fields": {}}


def test_staff_tell_a_step_with_session_grant_and_token(stand):
    answer = stand.call(by_staff(stand), session=stand.session())

    assert answer.status_code == 202
    assert stand.events()[0].data["by"] == "u-1"


def test_the_same_key_and_body_is_one_step_and_another_body_is_refused(stand):
    key = {"Idempotency_Key": '"k-1"'}
    first = stand.call(by_partner(stand), partner="app", **key)
    stand.now = later(stand.now, minutes=1)
    second = stand.call(by_partner(stand), partner="app", **key)
    other = stand.call(by_partner(stand, note="khác"), partner="app", **key)

    assert first.json == second.json
    assert other.status_code == 422
    assert len(stand.events()) == 1


def test_one_key_for_two_children_is_two_steps(stand):
    for number in (1, 2):
        answer = stand.call(by_partner(stand), partner="app", case=case_id(INCIDENT, number), Idempotency_Key="k-1")
        assert answer.status_code == 202

    assert len({event.id for event in stand.events()}) == 2


def test_without_a_key_two_posts_are_two_steps(stand):
    for _ in range(2):
        stand.call(by_partner(stand), partner="app")

    assert len(stand.events()) == 2


WRONG = [
    ({"step": None}, "/step"),
    ({"step": "EATEN"}, "/step"),
    ({"at": None}, "/at"),
    ({"at": "2023-06-01T07:55:00"}, "/at"),
    ({"at": "2023-06-02T07:55:00+07:00"}, "/at"),
    ({"at": "0001-01-01T00:00:00+14:00"}, "/at"),
    ({"step": "INITIAL_ASSESSED"}, "/risk"),
    ({"risk": "TERRIBLE"}, "/risk"),
    ({"until": "2023-06-09T07:55:00+07:00"}, "/until"),
    ({"step": "CONFLICT_DECLARED"}, "/withhold_from"),
    ({"step": "CONFLICT_DECLARED", "withhold_from": ["nobody"]}, "/withhold_from"),
    ({"withhold_from": "school"}, "/withhold_from"),
    ({"withhold_contacts": ["th-1"]}, "/withhold_contacts"),
    ({"note": "x" * 50_001}, "/note"),
    ({"note": "a\u0000b"}, "/note"),
    ({"fields": {"Tên": "x"}}, "/fields"),
    ({"fields": {"a": {"b": 1}}}, "/fields/a/value"),
    ({"fields": ["x"]}, "/fields"),
    ({"nope": 1}, "/nope"),
    ({"case_token": None}, "/case_token"),
]


@pytest.mark.parametrize(("changes", "pointer"), WRONG)
def test_what_is_wrong_has_a_pointer_and_a_sentence(stand, changes, pointer):
    answer = stand.call(by_partner(stand, **changes), partner="app")

    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert all(len(error["detail"]) > 8 for error in answer.json["errors"])
    assert stand.events() == []


@pytest.mark.parametrize("step", ["EMERGENCY_NOT_NEEDED", "CLOSED", "UNFOUNDED"])
@pytest.mark.parametrize("note", [None, " \n "])
def test_what_ends_a_clock_or_a_case_needs_its_reason(stand, step, note):
    grant = stand.grant(steps=("EMERGENCY_NOT_NEEDED", "CLOSED", "UNFOUNDED"))
    answer = stand.call(by_staff(stand, step=step, note=note, grant=grant), session=stand.session())

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == ["/note"]
    assert stand.events() == []
    assert stand.call(by_staff(stand, step=step, grant=grant), session=stand.session()).status_code == 202


def test_missing_fields_and_bodies_that_are_none(stand):
    assert stand.call({"case_token": stand.case_token()}, partner="app").status_code == 422
    for content, status in ((b"{", 400), (b"[]", 400), (b" " * (1024 * 1024 + 1), 413)):
        headers = {"Authorization": "Bearer lt_app", "Content-Type": "application/json"}
        answer = stand.app.test_client().post(f"/v1/cases/{CASE}/steps", data=content, headers=headers)
        assert answer.status_code == status
    plain = stand.app.test_client().post(
        f"/v1/cases/{CASE}/steps", data="x", headers={"Authorization": "Bearer lt_app"}
    )
    assert plain.status_code == 415


def test_a_refusal_echoes_no_value(stand):
    marker = "Bịa-Đặt"
    body = by_partner(
        stand, risk=marker, note=None, step="CONFLICT_DECLARED", withhold_from=[marker], fields={marker: 1}
    )
    answer = stand.call({**body, marker: marker}, partner="app")

    assert answer.status_code == 422
    assert marker not in answer.text
    assert json.dumps(marker)[1:-1] not in answer.text


# --- who may not ----------------------------------------------------------------------------------------------------


def tokens(stand):
    good = stand.case_token()
    head, content, seal = good.split(".")
    return {
        "of another client": stand.case_token(client="other"),
        "of another key": stand.case_token(b"\x00" * 32),
        "of another incident": stand.case_token(incident="5f0c7f0a-7d7e-5d0f-9d0a-000000000002"),
        "of fewer children": stand.case_token(cases=1),
        "changed seal": ".".join((head, content, ("A" if seal[0] != "A" else "B") + seal[1:])),
        "changed content": ".".join((head, stand.case_token(cases=50).split(".")[1], seal)),
        "no token": "x",
        "a grant": stand.grant(),
    }


def test_a_case_token_that_is_not_this_partners_for_this_case_is_refused(stand):
    passed = [
        (name, answer.status_code)
        for name, token in tokens(stand).items()
        if (answer := stand.call(by_partner(stand, case_token=token), partner="app")).status_code != 403
    ]

    assert passed == []
    assert stand.call(by_partner(stand), partner="app", case=case_id(INCIDENT, 4)).status_code == 403
    assert stand.call(by_partner(stand), partner="other").status_code == 403
    assert stand.events() == []


@pytest.mark.parametrize(("partner", "status"), [("reader", 403), ("nobody", 401)])
def test_a_partner_needs_a_key_with_the_scope(stand, partner, status):
    own = stand.case_token(client=partner)
    assert stand.call(by_partner(stand, case_token=own), partner=partner).status_code == status
    assert stand.events() == []


@pytest.mark.parametrize(
    ("step", "more"),
    [
        ("PLAN_APPROVED", {}),
        ("AGENCY_RELEASED", {"released": ["th-binh-luong"]}),
        ("MERGED_INTO", {"merged_into": "7K2F93QD0B-1"}),
        ("EMERGENCY_NOT_NEEDED", {}),
        ("CLOSED", {}),
        ("UNFOUNDED", {}),
        ("TRANSFERRED", {}),
    ],
)
def test_a_partner_neither_approves_nor_releases_nor_ends_a_case(stand, step, more):
    answer = stand.call(by_partner(stand, step=step, **more), partner="app")

    assert answer.status_code == 403
    assert stand.events() == []


def test_what_is_no_grant_of_ours_is_refused(stand):
    session = stand.session()
    passed = [
        (name, answer.status_code)
        for name, grant in bad_grants(stand).items()
        if (answer := stand.call(by_staff(stand, grant=grant), session=session)).status_code
        != (422 if name == "missing" else 403)
    ]

    assert passed == []
    assert stand.events() == []


def test_a_grant_of_another_account_case_or_time_or_for_other_steps_is_refused(stand):
    session = stand.session()
    old = stand.grant()
    answers = [
        stand.call(by_staff(stand, grant=stand.grant(account="u-2")), session=session),
        stand.call(by_staff(stand, grant=stand.grant(case=case_id(INCIDENT, 1))), session=session),
        stand.call(by_staff(stand), session=session, case=case_id(INCIDENT, 1)),
        stand.call(by_staff(stand, grant=stand.grant(steps=("CLOSED",))), session=session),
        stand.call(by_staff(stand, step="PLAN_APPROVED"), session=session),
    ]
    stand.now = later(stand.now, hours=12)
    answers.append(stand.call(by_staff(stand, grant=old), session=stand.session()))

    assert [answer.status_code for answer in answers] == [403] * 6
    assert stand.events() == []


def test_a_session_without_origin_token_or_browser_writes_nothing(stand):
    session = stand.session()
    answers = [
        stand.call(by_staff(stand), session=session, Origin=None),
        stand.call(by_staff(stand), session=session, Origin="null"),
        stand.call(by_staff(stand), session=session, Origin="https://evil.example.invalid"),
        stand.call(by_staff(stand), session=session, X_CSRF_Token=None),
        stand.call(by_staff(stand), session=session, X_CSRF_Token=stand.session()[0].csrf),
        stand.call(by_staff(stand), session=session, User_Agent="Mozilla/5.0 (elsewhere)"),
        stand.call(by_staff(stand), session=(session[0], stand.grant())),
        stand.call(by_staff(stand), session=stand.session(stand.signing_key("theirs", published=False))),
        stand.call(by_staff(stand)),
    ]
    stand.now = later(stand.now, hours=10)
    answers.append(stand.call(by_staff(stand), session=session))

    assert [answer.status_code for answer in answers] == [403] * 5 + [401] * 5
    assert stand.events() == []


def test_a_grant_is_worth_nothing_to_a_partner_nor_a_case_token_to_staff(stand):
    partner = stand.call({**BODY, "grant": stand.grant()}, partner="app")
    staff = stand.call({**BODY, "case_token": stand.case_token()}, session=stand.session())

    assert (partner.status_code, staff.status_code) == (422, 422)
    assert stand.events() == []


def test_the_cookie_beside_a_bad_key_does_not_help(stand):
    answer = stand.call(by_staff(stand), session=stand.session(), Authorization="Bearer lt_nobody", Origin=STAFF)

    assert answer.status_code == 401
    assert stand.events() == []


@pytest.mark.parametrize(
    ("named", "pointer"),
    [
        ({"withhold_from": ["police"]}, "/withhold_from"),
        ({"withhold_from": ["te-thanh-hoa"]}, "/withhold_from"),
        ({"withhold_contacts": ["ca-1"]}, "/withhold_contacts"),
    ],
)
def test_a_partner_keeps_out_agencies_of_its_own_unit_and_nobody_else(stand, named, pointer):
    body = {"case_token": stand.case_token(), "step": "CONFLICT_DECLARED", "at": "2023-06-01T07:30:00+07:00"}
    refused = stand.call({**body, **named}, partner="app")

    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == [pointer]
    assert stand.call({**body, "withhold_from": ["ca-binh-luong"]}, partner="app").status_code == 202
