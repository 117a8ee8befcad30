"""The state of a partner's own report: words and times, for whoever holds the key and the token of its 202."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared import case_tokens
from shared.case_ids import case_id
from shared.case_tokens import CaseToken
from tests.integration.reporting.case_files import alerted, conflict, told
from tests.integration.reporting.made import step


@pytest.fixture
def report(office, reports, sealer):
    return told(reports, sealer, office.clock(), children=[{"full_name": "Bịa Một"}, {"full_name": "Bịa Hai"}])


@pytest.fixture
def token(report):
    return CaseToken(report.id, "school", "binh-luong", report.data["code"], 2, drill=False)


@pytest.fixture
def ask(office, token):
    """`token` may be another one, or a text; `key` is a partner of the directory."""

    def asked(incident=token.incident, token=token, key="school", secret=office.web.case_token_key):
        text = token if isinstance(token, str) else case_tokens.make(secret, token)
        headers = {"Authorization": f"Bearer {key}", "X-Case-Token": text}
        return office.app.test_client().get(f"/v1/incidents/{incident}/state", headers=headers)

    return asked


def test_the_state_of_each_child_in_words(ask, service, report):
    service.project(report, step(report, 2, step="EMERGENCY_APPLIED", at="2026-11-23T02:30:00+00:00"))
    service.project(alerted(report, "ca-binh-luong", "acknowledged", acknowledged_at="2026-11-23T02:10:00+00:00"))
    body = ask().get_json()
    assert (body["code"], body["projected"]) == (report.data["code"], True)
    assert body["acknowledged_at"] == "2026-11-23T02:10:00+00:00"
    assert [(case["state"], case["vi"], case["open"]) for case in body["cases"]] == [
        ("RECEIVED", "Mới tiếp nhận", True),
        ("EMERGENCY_APPLIED", "Đã áp dụng biện pháp khẩn cấp", True),
    ]
    assert body["cases"][1]["since"] == "2026-11-23T02:30:00+00:00"


def test_it_names_nobody_and_tells_of_no_conflict(ask, service, report):
    service.project(report, conflict(report, withhold_from=["ca-binh-luong"], by="acc-committee"))
    service.project(alerted(report, "ca-binh-luong", "acknowledged", acknowledged_at="2026-11-23T02:10:00+00:00"))
    text = ask().get_data(as_text=True)
    for word in ("Bịa", "acc-committee", "binh-luong", "CONFLICT", "bvte"):
        assert word not in text


def test_a_partner_of_a_unit_that_must_not_know_hears_no_more_of_it(ask, service, report):
    before = ask().get_json()
    service.project(report, step(report, 2, step="EMERGENCY_APPLIED", at="2026-11-23T02:30:00+00:00"))
    service.project(alerted(report, "ca-binh-luong", "acknowledged", acknowledged_at="2026-11-23T02:10:00+00:00"))
    assert ask().get_json()["projected"]
    service.project(conflict(report, withhold_from=["th-binh-luong"]))
    assert {**ask().get_json(), "as_of": None} == {**before, "as_of": None}


def test_before_it_is_projected_it_has_been_received(ask, token):
    body = ask().get_json()
    assert body["projected"] is False
    assert [case["case_id"] for case in body["cases"]] == [case_id(token.incident, number) for number in (1, 2)]
    assert {case["state"] for case in body["cases"]} == {"RECEIVED"}


def test_neither_the_key_nor_the_token_is_enough(ask, token):
    assert ask(key="nobody").status_code == 401
    assert ask(key="commune").status_code == 403
    assert ask(token="").status_code == 403
    assert ask(token=replace(token, client="commune")).status_code == 403
    assert ask(token=replace(token, incident="another")).status_code == 403
    assert ask(incident="another").status_code == 403
    assert ask(secret=b"\xb3" * 32).status_code == 403


def test_every_refusal_of_a_token_is_the_same(ask, token):
    answers = {ask(token=one).get_data() for one in ("", "ltc1.x.y", replace(token, client="commune"))}
    assert len(answers) == 1
