"""From a handed-over code to a forgotten password: nobody else ever learns a password, and no IT is needed."""

from __future__ import annotations

from tests.e2e.newcomers import CHOOSE, Newcomer, forgot, let_pass, set_up
from tests.harness.forms import form
from tests.harness.staff import SIGN_IN


def signed_in(staff, person: Newcomer, **changes: str) -> int:
    client = staff.stranger()
    shown = form(client.get(SIGN_IN).text, having="password")
    return staff.send(client, shown, **{**person.proof(), **changes}).status_code


def test_who_was_invited_chooses_the_password_and_is_in(newcomer):
    assert len(newcomer.recovery) == 8
    assert newcomer.client.get("/staff/so-lieu").status_code == 200


def test_the_auditor_reads_in_words_who_made_which_account(newcomer, staff):
    shown = staff.client("auditor").get("/staff/nhat-ky").text

    assert f"{newcomer.user}: Trưởng thôn, cộng tác viên thôn, Thôn 2" in shown
    assert "lệnh trên máy chủ" in shown


def test_a_recovery_code_is_good_once_in_place_of_the_telephone(newcomer, staff):
    assert signed_in(staff, newcomer, code=newcomer.recovery[0]) == 303
    assert signed_in(staff, newcomer, code=newcomer.recovery[0]) == 401


def test_a_second_person_lets_a_reset_pass_in_the_browser_that_asked_and_everything_before_it_is_over(newcomer, staff):
    before, old = newcomer.client, newcomer.password
    number = forgot(staff, newcomer)
    assert newcomer.client.get(CHOOSE).status_code == 410, "nobody has said yes"

    let_pass(staff, number)
    assert staff.stranger().get(CHOOSE).status_code == 410, "another browser"
    set_up(staff, newcomer, "một câu khác hẳn, dài hơn")

    assert newcomer.client.get("/staff/so-lieu").status_code == 200
    assert before.get("/staff/so-lieu").status_code == 303
    assert signed_in(staff, newcomer, password=old) == 401


def test_nobody_lets_their_own_reset_pass(staff):
    own = staff.client("committee")
    number = forgot(staff, Newcomer(staff.ready["staff"]["committee"]["user"], own))
    refused = staff.send(own, form(own.get("/staff/dat-lai").text, having="number"), "/staff/dat-lai", number=number)

    assert refused.status_code == 422
    assert "Không ai tự cấp lại" in refused.text
