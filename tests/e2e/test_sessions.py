"""Stolen, replayed, forged or sent from elsewhere: refused, and nothing is recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.e2e.who import case_path, record, step_form, steps_on
from tests.harness.forms import form, forms
from tests.harness.staff import BROWSER, SIGN_IN
from tests.harness.waiting import until

COOKIE = "lentieng"


@pytest.fixture(scope="module")
def told(people):
    told = people.report(children=[{"age": 9}], received_at=None, occurred_at=None)
    people.sent(told["incident_id"])
    people.stored(told["incident_id"])
    return told


def inside(client):
    """Whether this browser is let in."""
    answer = client.get("/staff")
    assert answer.status_code in {200, 303}
    assert answer.status_code == 200 or SIGN_IN in answer.headers["location"]
    return answer.status_code == 200


def offered(staff, told, step="EMERGENCY_NOT_NEEDED"):
    shown = step_form(staff, "committee", told, step)
    shown.fields["note"] = "Đã đến nhà, em an toàn (bịa ra)."
    return shown


def recorded(staff, told):
    """How many steps the page of the case shows."""
    return steps_on(staff.client("committee").get(case_path(told)).text)


def test_a_session_is_a_cookie_that_no_script_reads_and_no_other_site_sends(staff):
    client = staff.stranger()
    answer = staff.sign_in(client, "clerk")
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{COOKIE}=")]

    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
    assert inside(client)


def test_carried_into_another_browser_a_session_is_worth_nothing(staff):
    thief = staff.stranger("Another browser")
    thief.cookies.set(COOKIE, staff.client("committee").cookies[COOKIE])

    assert not inside(thief)
    assert inside(staff.client("committee"))


def test_a_code_that_was_used_is_refused(staff):
    proof = staff.proof("auditor")
    first, second = staff.stranger(), staff.stranger()
    for client, status in ((first, 303), (second, 401)):
        shown = form(client.get(SIGN_IN).text, having="password")
        assert staff.send(client, shown, **proof).status_code == status
    assert not inside(second)


@pytest.mark.parametrize("changed", [{"user": "khong.co.ai"}, {"password": "sai"}, {"code": "000000"}])
def test_whatever_is_wrong_the_answer_is_the_same(staff, changed):
    client = staff.stranger()
    shown = form(client.get(SIGN_IN).text, having="password")
    account = staff.ready["staff"]["member"]
    given = {"user": account["user"], "password": account["password"], "code": "000000", **changed}
    answer = staff.send(client, shown, **given)

    assert answer.status_code == 401
    assert "Tên đăng nhập, mật khẩu hoặc mã chưa đúng" in answer.text
    assert account["password"] not in answer.text


def test_a_signed_out_session_is_over_for_whoever_kept_a_copy(staff):
    client, copy = staff.fresh("village"), staff.stranger()
    copy.cookies.set(COOKIE, client.cookies[COOKIE])
    assert inside(copy) or copy.get("/staff/so-lieu").status_code == 200

    staff.send(client, form(client.get("/staff/so-lieu").text, action="/staff/dang-xuat"), "/staff/so-lieu")

    assert not inside(copy)


@pytest.mark.parametrize(
    "place",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "/staff/../v1", "javascript:alert(1)", "/tra-cuu"],
)
def test_after_signing_in_nobody_is_led_away(staff, place):
    answer = staff.client("committee").get(SIGN_IN, params={"next": place})

    assert answer.status_code == 303
    assert answer.headers["location"].removeprefix(staff.url).startswith("/staff")
    assert "evil" not in answer.headers["location"]


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://127.0.0.1:1"])
def test_a_form_from_elsewhere_is_refused_by_reporting_and_by_intake(staff, told, origin):
    before = recorded(staff, told)
    client = staff.client("committee")
    open_child = form(client.get(case_path(told)).text, action="/mo/child")
    headers = {} if origin is None else {"Origin": origin}
    for shown in (open_child, offered(staff, told)):
        url = str(client.base_url.join(shown.action))
        answer = client.post(url, data={**shown.fields, "reason": "HANDLE_CASE"}, headers=headers)
        assert answer.status_code == 403, url
    assert recorded(staff, told) == before


def test_without_the_token_of_the_session_a_form_is_refused(staff, told):
    before = recorded(staff, told)
    client = staff.client("committee")
    for shown in (form(client.get(case_path(told)).text, action="/mo/child"), offered(staff, told)):
        assert staff.send(client, shown, case_path(told), csrf="guessed", reason="HANDLE_CASE").status_code == 403
    assert recorded(staff, told) == before


def forged(token, key, kid):
    claims = jwt.decode(token, options={"verify_signature": False})
    header = jwt.get_unverified_header(token)
    return jwt.encode(claims, key, "EdDSA", headers={"typ": header["typ"], "kid": kid or header["kid"]})


@pytest.mark.parametrize("kid", [None, "0" * 16])
def test_a_session_or_a_grant_signed_by_somebody_else_is_refused(staff, told, kid):
    key = Ed25519PrivateKey.generate()
    thief = staff.stranger()
    thief.cookies.set(COOKIE, forged(staff.client("committee").cookies[COOKIE], key, kid))
    assert not inside(thief)

    before, shown = recorded(staff, told), offered(staff, told)
    answer = staff.send(
        staff.client("committee"), shown, case_path(told), grant=forged(shown.fields["grant"], key, kid)
    )
    assert answer.status_code == 403
    assert recorded(staff, told) == before


def test_a_grant_is_good_for_its_own_case_and_its_own_steps(people, staff, told):
    other = people.report(children=[{"age": 9}], received_at=None, occurred_at=None)
    shown, before = offered(staff, told), recorded(staff, told)
    shown.action = shown.action.replace(told["case_ids"][0], other["case_ids"][0])
    assert staff.send(staff.client("committee"), shown, case_path(told)).status_code == 403

    shown = offered(staff, told)
    assert staff.send(staff.client("committee"), shown, case_path(told), step="PLAN_APPROVED").status_code == 403
    assert recorded(staff, told) == before


def test_a_grant_is_good_for_the_account_it_was_made_for(staff, told):
    shown, before = offered(staff, told), recorded(staff, told)
    clerk = staff.client("chairman")
    csrf = form(clerk.get(case_path(told)).text, action="/ghi-nhan/").fields["csrf"]

    assert staff.send(clerk, shown, case_path(told), csrf=csrf).status_code == 403
    assert recorded(staff, told) == before


def test_what_was_typed_when_the_session_ended_comes_back_and_is_recorded_after_signing_in_again(staff, told):
    note = "Ghi chú dài của một buổi chiều (bịa ra)"
    client = staff.fresh("committee")
    page = client.get(case_path(told)).text
    shown = next(
        one for one in forms(page) if "/ghi-nhan/" in one.action and one.fields.get("step") == "EMERGENCY_APPLIED"
    )
    staff.send(client, form(page, action="/staff/dang-xuat"), case_path(told))
    kept = client.post(shown.action, data={**shown.fields, "note": note}, headers={"Origin": staff.url})

    assert kept.status_code == 401
    assert note in kept.text
    assert SIGN_IN in kept.text


def test_a_step_in_the_future_comes_back_with_a_sentence_beside_the_field(staff, told):
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    answer = record(staff, "committee", told, "EMERGENCY_APPLIED", at=tomorrow, note="Chưa xảy ra (bịa ra)")

    assert answer.status_code == 422
    assert "Lúc này còn ở phía trước" in answer.text
    assert "Chưa xảy ra (bịa ra)" in answer.text


def test_the_same_form_sent_twice_is_one_step(staff, told):
    before, shown = recorded(staff, told), offered(staff, told)
    first, second = (staff.send(staff.client("committee"), shown, case_path(told)) for _ in range(2))

    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    until(lambda: recorded(staff, told) == before + 1, what="one step")


def test_the_auditor_reads_who_opened_what_and_sees_no_case(staff, told):
    client = staff.client("auditor")

    assert client.get("/staff/nhat-ky").status_code == 200
    for path in (case_path(told), f"/staff/vu-viec/{told['code']}", "/staff/tim", "/staff/tai-khoan"):
        assert client.get(path).status_code == 403, path


def test_the_administrator_sees_accounts_and_no_case(staff, told):
    client = staff.client("administrator")

    assert "le.mot" in client.get("/staff/tai-khoan").text
    for path in (case_path(told), f"/staff/vu-viec/{told['code']}", "/staff/tim", "/staff/nhat-ky"):
        assert client.get(path).status_code == 403, path


def test_notify_shows_the_alerts_of_an_incident_to_staff_whom_authority_allows(people, staff, told):
    url, asked = f"{people.ready['notify']}/v1/alerts", {"incident": told["incident_id"]}
    agencies = {one["agency"] for one in staff.client("committee").get(url, params=asked).json()["alerts"]}

    assert "bvte-binh-luong" in agencies
    assert staff.client("member").get(url, params=asked).json() == {"alerts": []}
    assert staff.stranger(BROWSER).get(url, params=asked).status_code == 401
