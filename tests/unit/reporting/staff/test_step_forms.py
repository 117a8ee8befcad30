"""Which steps a page offers, in which order, and what each form asks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.reporting.staff.colleagues import colleagues
from services.reporting.staff.grants import step_forms
from services.reporting.staff.sight import Sight
from shared import grants
from shared.authority import Listed
from shared.case_steps import WORDS_NEEDED
from shared.signing import PublicKeys, SigningKey, generate
from tests.unit.reporting.staff.conftest import ACCOUNTS, NOW, alerted, case, step, viewer


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
    asked = {form.code: form.fields for form in [*forms.usual, *forms.others, forms.conflict]}
    assert asked["INITIAL_ASSESSED"] == ("risk",)
    assert asked["ISOLATED"] == ("until",)
    assert asked["CONFLICT_DECLARED"] == ("withhold",)
    assert asked["CLOSED"] == ()
    keys = [form.key for form in [*forms.usual, *forms.others, forms.conflict]]
    assert len(set(keys)) == len(keys)


def test_a_step_that_was_done_is_marked_with_when(offered):
    forms = offered("committee", case(step("EMERGENCY_APPLIED", 1), step("EMERGENCY_APPLIED", 2)))
    done = {form.code: form.recorded for form in [*forms.usual, *forms.others] if form.recorded}
    assert done == {"EMERGENCY_APPLIED": "12:00 ngày 25/11/2026"}


def test_what_needs_a_word_says_so(offered):
    forms = offered("committee", case())
    needed = {form.code for form in [*forms.usual, *forms.others] if form.note_needed}
    ends = {"CLOSED", "UNFOUNDED", "TRANSFERRED", "MERGED_INTO"}
    assert needed == {"QUESTION_TO_REPORTER", "EMERGENCY_NOT_NEEDED", *ends}
    assert needed == set(WORDS_NEEDED), "what intake refuses without a note"


def test_whom_a_conflict_may_be_about(offered):
    """Those that are kept out already are offered as well: a gap in the list would name them."""
    found, kept = offered("committee", case()), offered("committee", case(withhold_from=["mn-binh-luong"]))
    codes = {agency.code for agency in found.agencies}
    assert {"ca-binh-luong", "th-binh-luong", "mn-binh-luong", "te-ke-nhiem-nhu-xuan", "te-thanh-hoa"} <= codes
    assert "pldtbxh-nhu-xuan" not in codes, "closed since 2025"
    assert kept.agencies == found.agencies
    assert not found.narrow


@pytest.mark.parametrize("role", ["school", "clerk"])
def test_a_school_and_a_clerk_are_offered_their_own_agency_alone(offered, role):
    forms = offered(role, case(schools=("th-binh-luong",)))
    assert ([agency.code for agency in forms.agencies], forms.narrow) == ([ACCOUNTS[role][0]], True)
    assert (forms.withheld, forms.kept) == ([], [])


def test_what_only_an_unknown_relation_keeps_out_can_be_let_in(offered):
    withheld = offered("committee", case(environment="SCHOOL", suspect_relations=["UNKNOWN"])).withheld
    assert {code for code, _ in withheld} == {"mn-binh-luong", "th-binh-luong", "thcs-binh-luong"}


def test_what_a_step_keeps_out_can_be_let_in_and_what_the_reporter_asked_can_not(offered):
    both = step("CONFLICT_DECLARED", withhold_from=["ca-binh-luong", "th-binh-luong"], withhold_contacts=["th-2"])
    forms = offered("committee", case(both, withhold_from=["th-binh-luong"]))
    assert [code for code, _ in forms.withheld] == ["ca-binh-luong"]
    assert forms.kept == [("th-2", "Một người của Trường Tiểu học Bình Lương")]


def test_of_a_whole_kind_the_kind_is_let_in(offered):
    codes = ["school", "mn-binh-luong", "th-binh-luong", "thcs-binh-luong"]
    forms = offered("committee", case(step("CONFLICT_DECLARED", withhold_from=codes)))
    assert [code for code, _ in forms.withheld] == ["school"]


def test_who_is_suspected_does_not_show_in_what_those_above_may_let_in(offered):
    climbed = [alerted("te-ke-nhiem-nhu-xuan"), step("CONFLICT_DECLARED", withhold_from=["bvte-binh-luong"])]
    forms = offered("district", case(*climbed, environment="SCHOOL", suspect_relations=["UNKNOWN"]))
    assert [code for code, _ in forms.withheld] == ["bvte-binh-luong"]


@pytest.mark.parametrize("role", ["school", "district", "member"])
def test_who_may_not_see_the_case_gets_no_form(offered, role):
    assert offered(role, case()) is None


@pytest.fixture
def granted(directory, roster, key, tmp_path):
    """The form and its grant, with every contact there is among the people."""

    def granted(role, found):
        sight = Sight(viewer(role), directory, roster, NOW)
        people = colleagues(sight, {one.agency for one in roster}, ())
        forms = step_forms(found, sight, key, NOW, people)
        return forms, grants.decode(forms.grant, PublicKeys(tmp_path / "public"), NOW)

    return granted


def test_a_grant_names_the_persons_that_the_form_offers_and_none_above(granted):
    forms, grant = granted("committee", case())
    assert grant.people == tuple(one.contact for one in forms.people)
    assert {"bvte-1", "bvte-3", "ca-1", "th-2"} <= set(grant.people)
    assert not {"te-ke-nhiem-1", "ca-ke-nhiem-1", "te-tinh-1"} & set(grant.people)
    assert "te-ke-nhiem-1" in granted("district", case(alerted("te-ke-nhiem-nhu-xuan")))[1].people


@pytest.mark.parametrize(("role", "own"), [("school", "th-"), ("clerk", "bvte-")])
def test_a_school_and_a_clerk_name_people_of_their_own_agency_alone(granted, role, own):
    _, grant = granted(role, case(schools=("th-binh-luong",)))
    assert grant.people
    assert all(contact.startswith(own) for contact in grant.people)


def test_a_grant_stays_a_token_however_long_the_list_of_contacts_is(directory, roster, key, tmp_path):
    many = [Listed(f"ca-{number:060}", "ca-binh-luong", f"p-{number}") for number in range(500)]
    sight = Sight(viewer("committee"), directory, [*roster, *many], NOW)
    forms = step_forms(case(), sight, key, NOW, colleagues(sight, {"ca-binh-luong"}, ()))
    grant = grants.decode(forms.grant, PublicKeys(tmp_path / "public"), NOW)
    assert grant.people == tuple(one.contact for one in forms.people)
    assert "bvte-1" in grant.people


# All the way up, as intake writes a kind out.
ALL_KINDS = [
    *("committee", "school", "police", "child_superior", "education_superior", "police_superior"),
    *("bvte-binh-luong", "ca-binh-luong", "th-binh-luong", "mn-binh-luong", "thcs-binh-luong"),
    *("te-ke-nhiem-nhu-xuan", "ca-ke-nhiem-nhu-xuan", "gd-ke-nhiem-nhu-xuan"),
    *("te-thanh-hoa", "ca-thanh-hoa", "gd-thanh-hoa"),
]


def test_the_last_resort_lifts_what_keeps_out_everybody(granted):
    """From the declaration to the grant, and from the grant's step to who may know."""
    buried = step("CONFLICT_DECLARED", withhold_from=ALL_KINDS)
    _, grant = granted("province", case(alerted("te-thanh-hoa"), buried))
    assert grant.spared
    assert "AGENCY_RELEASED" in grant.steps

    theirs = {"agency": grant.agency, "contact": grant.contact, "hats": grant.hats, "contacts": grant.contacts}
    back = step("AGENCY_RELEASED", 3, released=ALL_KINDS, spared_at=(NOW + timedelta(hours=2)).isoformat(), **theirs)
    lifted = case(alerted("te-thanh-hoa"), buried, back)
    assert lifted["withhold_from"] == []
    assert [one["afterwards"] for one in lifted["steps"]] == [False, False]
    assert not granted("committee", lifted)[1].spared
