"""From a handed-over code to a forgotten password: nobody else ever learns a password, and no IT is needed."""

from __future__ import annotations

import uuid

import pytest

from tests.e2e.newcomers import Newcomer, activated, forgot, invited, let_pass, set_up
from tests.harness.forms import form
from tests.harness.staff import SIGN_IN


def signed_in(staff, person: Newcomer, **changes: str) -> int:
    client = staff.stranger()
    shown = form(client.get(SIGN_IN).text, having="password")
    return staff.send(client, shown, **{**person.proof(), **changes}).status_code


@pytest.fixture(scope="module")
def person(staff):
    user = f"thu.{uuid.uuid4().hex[:8]}"
    return activated(staff, user, invited(staff, user))


def test_who_was_invited_chooses_the_password_and_is_in(person, staff):
    assert len(person.recovery) == 8
    assert person.client.get("/staff/so-lieu").status_code == 200


def test_a_recovery_code_is_good_once_in_place_of_the_telephone(person, staff):
    assert signed_in(staff, person, code=person.recovery[0]) == 303
    assert signed_in(staff, person, code=person.recovery[0]) == 401


def test_a_second_person_lets_a_reset_pass_and_everything_before_it_is_over(person, staff):
    before, old = person.client, person.password
    number = forgot(staff, person)
    assert person.client.get("/staff/dat-mat-khau").status_code == 410, "nobody has said yes"

    let_pass(staff, number)
    set_up(staff, person, "một câu khác hẳn, dài hơn")

    assert person.client.get("/staff/so-lieu").status_code == 200
    assert before.get("/staff/so-lieu").status_code == 303
    assert signed_in(staff, person, password=old) == 401


def test_the_number_is_of_no_use_in_another_browser_or_to_who_asked_for_it(person, staff):
    number = forgot(staff, person)
    thief = staff.stranger()
    let_pass(staff, number, "chairman")

    assert thief.get("/staff/dat-mat-khau").status_code == 410
    own = staff.client("committee")
    shown = form(own.get("/staff/dat-lai").text, having="number")
    asked = forgot(staff, Newcomer(staff.ready["staff"]["committee"]["user"], own))
    refused = staff.send(own, shown, "/staff/dat-lai", number=asked)
    assert refused.status_code == 422
    assert "Không ai tự cấp lại" in refused.text
