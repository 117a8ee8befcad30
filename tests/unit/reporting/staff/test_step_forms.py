"""Which steps a page offers, in which order, and what each form asks."""

from __future__ import annotations

import pytest

from services.reporting.staff.grants import step_forms
from services.reporting.staff.sight import Sight
from shared.signing import SigningKey, generate
from tests.unit.reporting.staff.conftest import NOW, case, step, viewer


@pytest.fixture
def key(tmp_path):
    generate(tmp_path / "key.pem", tmp_path / "public")
    return SigningKey.load(tmp_path / "key.pem")


@pytest.fixture
def offered(directory, roster, key):
    return lambda role, found: step_forms(found, Sight(viewer(role), directory, roster, NOW), key, NOW)


def codes(forms):
    return [form.code for form in forms]


def test_what_comes_next_is_one_tap_away(offered):
    assert codes(offered("committee", case()).usual) == [
        "INITIAL_ASSESSED",
        "EMERGENCY_APPLIED",
        "EMERGENCY_NOT_NEEDED",
    ]
    planned = offered("chairman", case(step("PLAN_SUBMITTED")))
    assert codes(planned.usual) == ["PLAN_APPROVED"]
    assert codes(offered("committee", case(step("PLAN_SUBMITTED"))).usual) == []


def test_only_what_has_ended_can_be_reopened(offered):
    ended = offered("committee", case(step("CLOSED")))
    assert codes(ended.usual) == ["REOPENED"]
    assert "REOPENED" not in codes(offered("committee", case()).others)
    assert "INITIAL_ASSESSED" in codes(ended.others), "a step typed late is still taken"


def test_an_isolation_ends_only_where_there_is_one(offered):
    assert "ISOLATION_ENDED" not in codes(offered("committee", case()).others)
    assert "ISOLATION_ENDED" in codes(offered("committee", case(step("ISOLATED"))).usual)


def test_each_form_asks_what_belongs_to_its_step(offered):
    forms = offered("committee", case())
    asked = {form.code: form.fields for form in [*forms.usual, *forms.others]}
    assert asked["INITIAL_ASSESSED"] == ("risk",)
    assert asked["ISOLATED"] == ("until",)
    assert asked["CONFLICT_DECLARED"] == ("withhold",)
    assert asked["CLOSED"] == ()
    keys = [form.key for form in [*forms.usual, *forms.others]]
    assert len(set(keys)) == len(keys)


def test_whom_a_conflict_may_be_about(offered):
    found = {agency.code for agency in offered("committee", case(withhold_from=["mn-binh-luong"])).may_know}
    assert {"ca-binh-luong", "th-binh-luong", "te-ke-nhiem-nhu-xuan", "te-thanh-hoa"} <= found
    assert not {"mn-binh-luong", "pldtbxh-nhu-xuan"} & found, "withheld already, or closed since 2025"


def test_what_only_an_unknown_relation_keeps_out_can_be_let_in(offered):
    withheld = offered("committee", case(environment="SCHOOL", suspect_relations=["UNKNOWN"])).withheld
    assert {agency.code for agency in withheld} == {"mn-binh-luong", "th-binh-luong", "thcs-binh-luong"}


@pytest.mark.parametrize("role", ["school", "district", "member"])
def test_who_may_not_see_the_case_gets_no_form(offered, role):
    assert offered(role, case()) is None
