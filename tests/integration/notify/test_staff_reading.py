"""`/v1/alerts` for the staff: by the session's cookie, and only of cases that the account may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notify import app as web
from shared import sessions
from shared.signing import SigningKey, generate
from tests.integration.notify.by_hand import children

AGENT = "Mozilla/5.0 (a test)"
ACCOUNTS = {
    "committee": ("binh-luong", "bvte-binh-luong", "bvte-1"),
    "police": ("binh-luong", "ca-binh-luong", "ca-1"),
    "school": ("binh-luong", "th-binh-luong", "th-1"),
    "province": ("thanh-hoa", "te-thanh-hoa", "te-tinh-1"),
    "administrator": ("binh-luong", None, None),
}


@pytest.fixture
def key(tmp_path) -> SigningKey:
    generate(tmp_path / "key.pem", tmp_path / "public")
    return SigningKey.load(tmp_path / "key.pem")


@pytest.fixture
def ask(settings, database, by_hand, key, tmp_path):
    app = web.create_app(replace(settings, session_public_dir=tmp_path / "public"))

    def asked(role: str, incident: str, *, agent: str = AGENT, signed_by: SigningKey = key, **changed):
        unit, agency, contact = ACCOUNTS[role]
        session = sessions.begin(
            account=role, name="Người Thử", role=role, unit=unit, agency=agency, contact=contact,
            user_agent=AGENT, now=by_hand.at,
        )  # fmt: skip
        client = app.test_client()
        client.set_cookie("lentieng", sessions.encode(replace(session, **changed), signed_by))
        return client.get(f"/v1/alerts?incident={incident}", headers={"User-Agent": agent})

    return asked


def agencies(answer) -> set[str]:
    assert answer.status_code == 200
    return {alert["agency"] for alert in answer.get_json()["alerts"]}


def test_who_may_see_the_case_sees_its_alerts(ask, by_hand):
    report = by_hand.report()
    by_hand.handle(report)

    both = {"bvte-binh-luong", "ca-binh-luong"}
    assert agencies(ask("committee", report.id)) == agencies(ask("police", report.id)) == both
    for role in ("school", "province", "administrator"):
        assert agencies(ask(role, report.id)) == set()


def test_whoever_must_not_know_sees_as_much_as_of_an_incident_that_is_not_there(ask, by_hand, monkeypatch):
    report = by_hand.report()
    by_hand.handle(report)
    monkeypatch.setattr("services.notify.handlers.settle", lambda *_: None)

    by_hand.handle(by_hand.conflict(report, "ca-binh-luong"))

    assert ask("police", report.id).data == ask("police", "no-such-incident").data
    assert "ca-binh-luong" in agencies(ask("committee", report.id)), "not settled yet, and shown to those who may"


def test_those_above_learn_neither_whom_it_is_kept_from_nor_officers_names(ask, by_hand):
    report = by_hand.report()
    by_hand.handle(report)
    by_hand.handle(by_hand.conflict(report, "ca-binh-luong"))

    assert "ca-binh-luong" in ask("committee", report.id).text
    answer = ask("province", report.id, agency="ca-ke-nhiem-nhu-xuan", contact="ca-ke-nhiem-1")
    assert agencies(answer) == {"bvte-binh-luong", "ca-ke-nhiem-nhu-xuan"}
    assert "ca-binh-luong" not in answer.text


def test_a_double_hat_sees_nothing_from_either_chair(ask, by_hand):
    report = by_hand.report(
        environment="SCHOOL", suspect_relations=["SCHOOL_STAFF"], cases=children("x", 1, "th-binh-luong")
    )
    by_hand.handle(report)

    assert agencies(ask("committee", report.id))
    assert agencies(ask("committee", report.id, contact="bvte-3")) == set(), "the head of the school sits there too"


def test_a_session_that_is_an_hour_old_is_nobodys_here(ask, by_hand):
    """Reporting may have ended it long ago; whoever is still signed in gets a page from there first."""
    report = by_hand.report()
    by_hand.handle(report)

    assert agencies(ask("committee", report.id, issued_at=by_hand.at - timedelta(minutes=58)))
    assert ask("committee", report.id, issued_at=by_hand.at - timedelta(minutes=61)).status_code == 401


def test_no_session_a_strange_one_and_one_of_another_browser_are_nobody(ask, by_hand, tmp_path):
    report = by_hand.report()
    by_hand.handle(report)
    generate(tmp_path / "other.pem", tmp_path / "elsewhere")
    forged = SigningKey.load(tmp_path / "other.pem")

    assert ask("committee", report.id, signed_by=forged).status_code == 401
    assert ask("committee", report.id, agent="curl/8").status_code == 401
    assert ask("committee", report.id, expires_at=by_hand.at).status_code == 401
