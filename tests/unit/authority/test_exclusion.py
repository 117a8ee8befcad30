"""Which agencies must not be told, by what is known of the suspected person and what somebody asked for."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.authority import Clear, excluded_agencies, ladder, may_know, provisionally_withheld
from shared.authority.exclusion import top_agencies
from shared.directory import Directory, load
from tests.unit.authority.conftest import SHIPPED

DAY = date(2023, 6, 1)
SCHOOLS = {"mn-binh-luong", "th-binh-luong", "thcs-binh-luong"}
SHIPPED_DIRECTORY = load(SHIPPED)


def clear(
    *relations: str, environment: str | None = "FAMILY", kinds: tuple[str, ...] = ("VIOLENCE",), withhold: str = ""
) -> Clear:
    return Clear(
        commune="binh-luong",
        kinds=kinds,
        environment=environment,
        relations=relations,
        withhold_from=frozenset(withhold.split()),
    )


@pytest.mark.parametrize(
    ("facts", "excluded"),
    [
        (clear("PARENT"), set()),
        (clear("NEIGHBOUR", environment="COMMUNITY"), set()),
        (clear("TEACHER"), SCHOOLS),
        (clear("TEACHER", environment="COMMUNITY"), SCHOOLS),
        (clear("SCHOOL_STAFF", environment="SCHOOL"), SCHOOLS),
        (clear("SCHOOL_HEAD", environment="SCHOOL"), SCHOOLS),
        (clear("POLICE_OFFICER"), {"ca-binh-luong"}),
        (clear("COMMITTEE_MEMBER"), {"bvte-binh-luong"}),
        (clear("OFFICIAL"), {"bvte-binh-luong"}),
        (clear("TEACHER", "POLICE_OFFICER"), SCHOOLS | {"ca-binh-luong"}),
        # Who it was is not known, at school: it may be a teacher.
        (clear(environment="SCHOOL"), SCHOOLS),
        (clear("UNKNOWN", environment="SCHOOL"), SCHOOLS),
        (clear("OTHER", environment="SCHOOL"), SCHOOLS),
        (clear("A_NEW_RELATION", environment="SCHOOL"), SCHOOLS),
        (clear("PUPIL", "UNKNOWN", environment="SCHOOL"), SCHOOLS),
        (clear(environment=None, kinds=("SCHOOL_VIOLENCE",)), SCHOOLS),
        (clear(environment="COMMUNITY", kinds=("SCHOOL_VIOLENCE",)), SCHOOLS),
        (clear(environment="SCHOOL", kinds=()), SCHOOLS),
        (clear(environment="SCHOOL", kinds=("A_NEW_KIND",)), SCHOOLS),
        (clear(environment="SCHOOL", kinds=("DROWNING", "VIOLENCE")), SCHOOLS),
        # Violence between pupils does reach the school.
        (clear("PUPIL", environment="SCHOOL"), set()),
        (clear("PEER", environment="SCHOOL", kinds=("SCHOOL_VIOLENCE",)), set()),
        # Elsewhere an unknown person bars nobody.
        (clear("UNKNOWN", environment="COMMUNITY"), set()),
        (clear("A_NEW_RELATION", environment="FAMILY"), set()),
        # Where nobody says where, it may have been at school.
        (clear(environment=None), SCHOOLS),
        (clear("UNKNOWN", environment=None), SCHOOLS),
        (clear("PARENT", environment=None), set()),
        (clear(environment="FAMILY"), set()),
        # An accident at school has no suspected person, unless one is named.
        (clear(environment="SCHOOL", kinds=("DROWNING",)), set()),
        (clear("TEACHER", environment="SCHOOL", kinds=("INJURY_ACCIDENT",)), SCHOOLS),
        (clear("UNKNOWN", environment="SCHOOL", kinds=("INJURY_ACCIDENT",)), SCHOOLS),
        # What somebody asked for: an agency, a kind, a unit, something only a newer directory knows.
        (clear("PARENT", withhold="th-binh-luong"), {"th-binh-luong"}),
        (clear("PARENT", withhold="police"), {"police", "ca-binh-luong"}),
        (clear("PARENT", withhold="nhu-xuan"), {"nhu-xuan", "pldtbxh-nhu-xuan", "ca-nhu-xuan", "pgd-nhu-xuan"}),
        (clear("PARENT", withhold="new-agency"), {"new-agency"}),
    ],
)
def test_the_table_of_exclusions(directory: Directory, facts: Clear, excluded: set[str]) -> None:
    assert excluded_agencies(facts, directory, DAY) == excluded


def test_the_worker_releases_a_school_from_its_relation(directory: Directory) -> None:
    facts = clear("UNKNOWN", environment="SCHOOL")
    assert provisionally_withheld(facts, directory) == SCHOOLS
    released = facts.releasing(["th-binh-luong"])
    assert excluded_agencies(released, directory, DAY) == SCHOOLS - {"th-binh-luong"}
    assert excluded_agencies(facts.releasing(["school"]), directory, DAY) == set()


def test_a_release_does_not_lift_what_somebody_asked_for(directory: Directory) -> None:
    facts = clear("UNKNOWN", environment="SCHOOL", withhold="th-binh-luong").releasing(["th-binh-luong"])
    assert "th-binh-luong" in excluded_agencies(facts, directory, DAY)
    assert "th-binh-luong" not in provisionally_withheld(facts, directory)


def test_a_conflict_declared_later_withholds_more(directory: Directory) -> None:
    facts = clear("PARENT").withholding(["ca-binh-luong"])
    assert excluded_agencies(facts, directory, DAY) == {"ca-binh-luong"}


def test_the_facts_are_taken_from_the_event_as_far_as_they_go() -> None:
    facts = Clear.from_reported(
        {
            "commune": "binh-luong",
            "village": "thon-3",
            "kinds": ["VIOLENCE"],
            "environment": "SCHOOL",
            "immediate_danger": True,
            "cases": [
                {"case_id": "a", "number": 1, "school": "th-binh-luong", "residence_commune": "binh-luong"},
                {"case_id": "b", "number": 2, "school": "th-binh-luong", "residence_commune": None},
                {"case_id": "c", "number": 3},
            ],
            "suspect_relations": ["PUPIL"],
            "withhold_from": ["ca-binh-luong"],
        }
    )
    assert facts == Clear(
        commune="binh-luong",
        village="thon-3",
        kinds=("VIOLENCE",),
        environment="SCHOOL",
        danger=True,
        schools=("th-binh-luong",),
        residences=("binh-luong",),
        relations=("PUPIL",),
        withhold_from=frozenset({"ca-binh-luong"}),
    )
    assert Clear.from_reported({}) == Clear()


def test_when_everybody_is_withheld_the_top_is_told_all_the_same(directory: Directory) -> None:
    everybody = clear("PARENT", withhold=" ".join(directory.all_agencies))
    excluded = excluded_agencies(everybody, directory, DAY)
    assert set(directory.all_agencies) - excluded == {"te-thanh-hoa"}


def test_the_top_stays_withheld_while_another_there_remains(directory: Directory) -> None:
    facts = clear("PARENT", withhold="te-thanh-hoa")
    assert "te-thanh-hoa" in excluded_agencies(facts, directory, DAY)


AGENCIES = sorted(SHIPPED_DIRECTORY.all_agencies)
FACTS = st.builds(
    Clear,
    commune=st.sampled_from(["binh-luong", "somewhere", None]),
    kinds=st.lists(st.sampled_from([*SHIPPED_DIRECTORY.codes("kinds"), "NEW"]), max_size=2).map(tuple),
    environment=st.sampled_from([*SHIPPED_DIRECTORY.codes("environments"), "NEW", None]),
    danger=st.sampled_from([True, False, None]),
    schools=st.lists(st.sampled_from([*SCHOOLS, "new-school"]), max_size=2).map(tuple),
    relations=st.lists(st.sampled_from([*SHIPPED_DIRECTORY.codes("relations"), "NEW"]), max_size=3).map(tuple),
    withhold_from=st.one_of(
        st.frozensets(st.sampled_from([*AGENCIES, "new-agency", "school", "thanh-hoa"])), st.just(frozenset(AGENCIES))
    ),
)
DAYS = st.sampled_from([date(2020, 1, 1), DAY, date(2025, 6, 30), date(2025, 7, 1), date(2030, 1, 1)])


@settings(max_examples=100, deadline=None, database=None)
@given(FACTS, DAYS, st.sampled_from([*AGENCIES, "new-agency"]))
def test_an_exclusion_never_leaves_nobody(facts: Clear, day: date, agency: str) -> None:
    excluded = excluded_agencies(facts, SHIPPED_DIRECTORY, day)
    top = {one.code for one in top_agencies(facts.commune, SHIPPED_DIRECTORY, day)}
    assert top - excluded, "somebody at the top is always told"
    climbed = ladder(agency, SHIPPED_DIRECTORY, day, excluded)
    assert climbed
    assert not set(climbed) & excluded
    for code in climbed:
        found = SHIPPED_DIRECTORY.agency(code)
        assert found is not None
        assert found.in_force(day)


@settings(max_examples=60, deadline=None, database=None)
@given(FACTS, DAYS)
def test_what_is_asked_to_be_withheld_is_withheld_below_the_top(facts: Clear, day: date) -> None:
    excluded = excluded_agencies(facts, SHIPPED_DIRECTORY, day)
    assert facts.withhold_from - excluded <= {"te-thanh-hoa"}


@settings(max_examples=60, deadline=None, database=None)
@given(FACTS, DAYS)
def test_who_is_excluded_may_not_know_and_somebody_may(facts: Clear, day: date) -> None:
    excluded = excluded_agencies(facts, SHIPPED_DIRECTORY, day)
    may = {agency for agency in AGENCIES if may_know(agency, facts, SHIPPED_DIRECTORY, day)}
    assert may
    assert not may & excluded


def test_a_school_of_no_child_of_the_incident_may_not_know(directory: Directory) -> None:
    facts = Clear(commune="binh-luong", kinds=("VIOLENCE",), environment="FAMILY", schools=("th-binh-luong",))
    known = {agency for agency in directory.all_agencies if may_know(agency, facts, directory, DAY)}
    assert known == {
        "bvte-binh-luong", "ca-binh-luong", "th-binh-luong", "pldtbxh-nhu-xuan", "ca-nhu-xuan", "pgd-nhu-xuan",
        "te-thanh-hoa", "ca-thanh-hoa", "gd-thanh-hoa",
    }  # fmt: skip


def test_the_facts_of_a_case_are_the_incident_s_but_one_child_s_school() -> None:
    document = {
        "_id": "case-1",
        "commune": "binh-luong",
        "village": "thon-3",
        "kinds": ["VIOLENCE"],
        "environment": "SCHOOL",
        "immediate_danger": True,
        "school": "th-binh-luong",
        "residence_commune": None,
        "suspect_relations": ["UNKNOWN"],
        "withhold_from": ["ca-binh-luong"],
        "withhold_contacts": ["bvte-3"],
        "released": ["th-binh-luong"],
    }
    assert Clear.from_case(document) == Clear(
        commune="binh-luong",
        village="thon-3",
        kinds=("VIOLENCE",),
        environment="SCHOOL",
        danger=True,
        schools=("th-binh-luong",),
        relations=("UNKNOWN",),
        withhold_from=frozenset({"ca-binh-luong"}),
        released=frozenset({"th-binh-luong"}),
        withheld_contacts=frozenset({"bvte-3"}),
    )
    assert Clear.from_case({}) == Clear()
