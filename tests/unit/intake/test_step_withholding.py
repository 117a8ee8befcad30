"""How far a step may keep others out: a school does not bury a case by declaring everybody's conflict."""

from __future__ import annotations

import pytest

from services.intake.steps.author import Author
from services.intake.steps.told import Told
from services.intake.steps.withholding import findings, written_out


def author(role="school", *, client=None, agency="th-binh-luong", steps=("CONFLICT_DECLARED",), people=()):
    return Author(
        by="u-1",
        role=role,
        agency=agency,
        contact="th-2",
        client=client,
        incident="i",
        case="i-1",
        case_code="7K2F93QD0A-1",
        commune="binh-luong",
        drill=False,
        steps=frozenset(steps),
        people=people,
        unit="binh-luong" if client else None,
    )


@pytest.fixture
def found(directory, now):
    def found(who, *codes, contacts=()):
        told = Told("CONFLICT_DECLARED", now, withhold_from=codes, withhold_contacts=contacts)
        return [one.field for one in findings(told, who, directory)]

    return found


OTHERS = ["bvte-binh-luong", "ca-binh-luong", "school", "binh-luong", "te-thanh-hoa", "a-newer-agency"]


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("role", ["school", "clerk"])
def test_a_school_and_a_clerk_keep_out_their_own_agency_alone(found, role, other):
    assert found(author(role), "th-binh-luong") == []
    assert found(author(role), "th-binh-luong", other) == ["withhold_from"]


@pytest.mark.parametrize("role", ["school", "clerk", "committee", "police", "province"])
def test_nobody_names_a_person_whom_the_grant_does_not(found, role):
    named = author(role, people=("th-1", "th-3"))

    assert found(named, contacts=("th-1", "th-3")) == []
    assert found(named, contacts=("th-1", "te-tinh-1")) == ["withhold_contacts"]
    assert found(author(role), contacts=("th-2",)) == [], "one's own conflict is always one's own to declare"


@pytest.mark.parametrize("role", ["committee", "chairman", "police", "district", "province"])
@pytest.mark.parametrize("other", OTHERS)
def test_the_others_keep_out_whom_they_must(found, role, other):
    assert found(author(role), other) == []


def test_a_clerk_who_stands_in_for_the_chairman_may_what_he_may(found):
    assert found(author("clerk", steps=("CONFLICT_DECLARED", "AGENCY_RELEASED")), "ca-binh-luong") == []


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("ca-binh-luong", []),
        *((code, ["withhold_from"]) for code in ("police", "thon-3", "te-thanh-hoa", "ca-nhu-xuan", "not-yet")),
    ],
)
def test_a_partner_names_agencies_of_its_own_unit_one_by_one(found, code, wrong):
    assert found(author(None, client="app"), code) == wrong


def test_a_partner_names_no_person(found):
    assert found(author(None, client="app"), "ca-binh-luong", contacts=("ca-1",)) == ["withhold_contacts"]


def test_beside_a_kind_and_a_unit_stand_their_agencies(directory):
    schools = {agency.code for agency in directory.all_agencies.values() if agency.kind == "school"}
    near = {agency.code for agency in directory.agencies("binh-luong")}

    assert set(written_out(["school"], "binh-luong", directory)) == {"school", *schools}
    assert set(written_out(["binh-luong"], "binh-luong", directory)) == {"binh-luong", *near}
    assert written_out(["th-binh-luong", "not-yet"], "binh-luong", directory) == ["th-binh-luong", "not-yet"]
