from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.directory import Directory
from tests.unit.directory.conftest import SHIPPED, load

SHIPPED_DIRECTORY = load(SHIPPED)
KINDS = st.lists(st.sampled_from([*SHIPPED_DIRECTORY.codes("kinds"), "SOMETHING_NEW"]), max_size=3)
DANGERS = st.sampled_from([True, False, None])
PLACES = st.sampled_from([*SHIPPED_DIRECTORY.codes("environments"), "SOMEWHERE_NEW", None])


@pytest.mark.parametrize(
    ("kinds", "danger", "environment", "owed"),
    [
        (
            ["VIOLENCE"],
            True,
            "FAMILY",
            {"committee": "PROTECT_NOW", "police": "PROTECT_NOW", "school": "SUPPORT_PUPIL"},
        ),
        (
            ["VIOLENCE"],
            False,
            "FAMILY",
            {"committee": "VERIFY_AND_ASSESS", "police": "VERIFY_CRIME", "school": "SUPPORT_PUPIL"},
        ),
        (
            ["SCHOOL_VIOLENCE"],
            False,
            "SCHOOL",
            {"committee": "VERIFY_AND_ASSESS", "police": "VERIFY_CRIME", "school": "STOP_VIOLENCE_AT_SCHOOL"},
        ),
        (
            ["DROWNING"],
            False,
            "COMMUNITY",
            {"committee": "AID_AND_ASSESS", "police": "VERIFY_ACCIDENT", "school": "SUPPORT_PUPIL"},
        ),
        (["INJURY_ACCIDENT"], False, "FAMILY", {"committee": "AID_AND_ASSESS", "school": "SUPPORT_PUPIL"}),
        (
            ["INJURY_ACCIDENT"],
            None,
            "FAMILY",
            {"committee": "PROTECT_NOW", "police": "PROTECT_NOW", "school": "SUPPORT_PUPIL"},
        ),
        (
            ["EARLY_MARRIAGE"],
            False,
            "FAMILY",
            {"committee": "VERIFY_AND_ASSESS", "police": "COOPERATE", "school": "SUPPORT_PUPIL"},
        ),
        (["SPECIAL_CIRCUMSTANCE"], False, "FAMILY", {"committee": "RECEIVE_AND_SUPPORT", "school": "SUPPORT_PUPIL"}),
        (
            ["SPECIAL_CIRCUMSTANCE", "NEGLECT"],
            False,
            "FAMILY",
            {"committee": "VERIFY_AND_ASSESS", "police": "VERIFY_CRIME", "school": "SUPPORT_PUPIL"},
        ),
    ],
)
def test_the_matrix_says_who_owes_what(
    directory: Directory, kinds: list[str], danger: bool | None, environment: str, owed: dict[str, str]
) -> None:
    assert {duty.agency_kind: duty.code for duty in directory.duties(kinds, danger, environment)} == owed


@settings(max_examples=60, deadline=None, database=None)
@given(KINDS, DANGERS, PLACES)
def test_every_report_alerts_the_committee_and_serious_ones_the_police(
    kinds: list[str], danger: bool | None, environment: str | None
) -> None:
    duties = SHIPPED_DIRECTORY.duties(kinds, danger, environment)
    told = [duty.agency_kind for duty in duties]
    assert "committee" in told
    assert len(told) == len(set(told)), "one duty per agency kind"
    if SHIPPED_DIRECTORY.urgent(kinds, danger):
        assert "police" in told


@settings(max_examples=60, deadline=None, database=None)
@given(KINDS, DANGERS, PLACES)
def test_nothing_known_is_never_less_than_anything_known(
    kinds: list[str], danger: bool | None, environment: str | None
) -> None:
    known = {duty.agency_kind for duty in SHIPPED_DIRECTORY.duties(kinds, danger, environment)}
    assert known <= {duty.agency_kind for duty in SHIPPED_DIRECTORY.duties([], danger, environment)}
    assert known <= {duty.agency_kind for duty in SHIPPED_DIRECTORY.duties(["NEW_KIND"], danger, None)}


@pytest.mark.parametrize(
    ("kinds", "danger", "serious", "urgent"),
    [
        ([], False, True, True),
        (["NEW_KIND"], False, True, True),
        (["DROWNING", "NEW_KIND"], False, True, True),
        (["VIOLENCE"], False, True, True),
        (["DROWNING"], False, False, False),
        (["DROWNING"], None, False, True),
        (["DROWNING"], True, False, True),
    ],
)
def test_what_is_unknown_never_waits(
    directory: Directory, kinds: list[str], danger: bool | None, serious: bool, urgent: bool
) -> None:
    assert directory.serious(kinds) is serious
    assert directory.urgent(kinds, danger) is urgent
