"""The table of roles, each cell in each situation; generated from the table and held against the agreed grid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from shared.authority import TABLE, CaseFacts, Clear, Listed, Reach, Viewer, may, reach, roles_of, steps_for
from shared.authority.table import APART, ENDPOINTS, LOOKS, OF_UNIT, OPENS, POWERS, STEP
from shared.directory import Directory, load
from tests.unit.authority.conftest import SHIPPED
from tests.unit.authority.grid import CASE_ENDPOINTS, GRID
from tests.unit.authority.grid import ENDPOINTS as AGREED_ENDPOINTS
from tests.unit.authority.grid import ROLES as AGREED_ROLES

SHIPPED_DIRECTORY = load(SHIPPED)
AT = datetime(2025, 6, 1, 3, tzinfo=UTC)
STEPS = tuple(SHIPPED_DIRECTORY.codes("steps"))
LETTERS = {Reach.OWN: "O", Reach.CHARGED: "C", Reach.INVOLVED: "I", Reach.UNIT: "U", Reach.NONE: "-"}

# One person in each agency that matters here; the numbers are hashes.
ROSTER = (
    Listed("c-1", "bvte-binh-luong", "p-c", ("h1",)),
    Listed("p-1", "ca-binh-luong", "p-p", ("h2",)),
    Listed("s-1", "th-binh-luong", "p-s", ("h3",)),
    Listed("t-1", "thcs-binh-luong", "p-t", ("h4",)),
    Listed("d-1", "pldtbxh-nhu-xuan", "p-d", ("h5",)),
    Listed("e-1", "pgd-nhu-xuan", "p-e", ("h6",)),
)
PUPIL = Clear(
    commune="binh-luong",
    kinds=("SCHOOL_VIOLENCE",),
    environment="SCHOOL",
    danger=False,
    schools=("th-binh-luong",),
    relations=("PUPIL",),
)
ELSEWHERE = replace(PUPIL, schools=())


@dataclass(frozen=True)
class Situation:
    """An account's unit and place, and a case; `reaches`: which of them this case is within."""

    name: str
    unit: str
    agency: str
    contact: str
    case: CaseFacts
    reaches: frozenset[Reach]


SITUATIONS = (
    Situation("own commune", "binh-luong", "thcs-binh-luong", "t-1", CaseFacts(PUPIL), frozenset({Reach.OWN})),
    Situation("owes a duty", "elsewhere", "th-binh-luong", "s-1", CaseFacts(PUPIL), frozenset({Reach.CHARGED})),
    Situation(
        "was alerted",
        "nhu-xuan",
        "pldtbxh-nhu-xuan",
        "d-1",
        CaseFacts(PUPIL, frozenset({"pldtbxh-nhu-xuan"})),
        frozenset({Reach.CHARGED, Reach.INVOLVED}),
    ),
    Situation("has no part in it", "nhu-xuan", "pgd-nhu-xuan", "e-1", CaseFacts(PUPIL), frozenset()),
)


def viewer(role: str, situation: Situation) -> Viewer:
    return Viewer("a-1", role, situation.unit, situation.agency, situation.contact)


def asks(one: Viewer, endpoint: str, case: CaseFacts | None, **unit: str) -> bool:
    return may(one, endpoint, case, SHIPPED_DIRECTORY, ROSTER, AT, **unit)


# --- the table --------------------------------------------------------------------------------------------------


def test_the_table_is_the_agreed_one() -> None:
    asked = [*ENDPOINTS, *(STEP + code for code in STEPS)]
    assert set(TABLE) == set(AGREED_ROLES)
    assert set(asked) == set(AGREED_ENDPOINTS)
    assert {(role, one): LETTERS[reach(role, one)] for role in TABLE for one in asked} == GRID


@pytest.mark.parametrize("endpoint", CASE_ENDPOINTS)
@pytest.mark.parametrize("role", TABLE)
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)
def test_a_role_gets_at_a_case_as_far_as_the_table_says(situation: Situation, role: str, endpoint: str) -> None:
    within = reach(role, endpoint) in situation.reaches
    assert asks(viewer(role, situation), endpoint, situation.case) is within


@pytest.mark.parametrize("situation", SITUATIONS[:3], ids=lambda one: one.name)
@pytest.mark.parametrize("role", TABLE)
def test_the_steps_of_a_grant_are_those_of_the_table(situation: Situation, role: str) -> None:
    allowed = tuple(code for code in STEPS if reach(role, STEP + code) in situation.reaches)
    assert steps_for(viewer(role, situation), situation.case, SHIPPED_DIRECTORY, ROSTER, AT) == allowed


def _barred(situation: Situation) -> dict[str, tuple[Clear, tuple[Listed, ...]]]:
    """Everything that bars the situation's own person though the role and the case fit."""
    clear, agency, contact = situation.case.clear, situation.agency, situation.contact
    own = next(one for one in ROSTER if one.id == contact)
    unit, kind = SHIPPED_DIRECTORY.all_agencies[agency].unit, SHIPPED_DIRECTORY.all_agencies[agency].kind
    elsewhere = Listed("x-1", "mn-binh-luong", "p-x", ("hx",))
    without_school = clear.withholding(["mn-binh-luong"])
    return {
        "the agency": (clear.withholding([agency]), ROSTER),
        "the kind of agency": (clear.withholding([kind]), ROSTER),
        "the unit": (clear.withholding([unit]), ROSTER),
        "the contact": (clear.withholding([], [contact]), ROSTER),
        "the person's other hat": (without_school, (*ROSTER, replace(elsewhere, person=own.person))),
        "a number shared": (without_school, (*ROSTER, replace(elsewhere, addresses=own.addresses))),
        "a number shared with a withheld contact": (
            clear.withholding([], ["x-1"]),
            (*ROSTER, replace(elsewhere, agency="ca-thanh-hoa", addresses=own.addresses)),
        ),
        "nobody knows the contact": (clear, tuple(one for one in ROSTER if one.id != contact)),
        "the contact is another agency's": (
            clear,
            (*(one for one in ROSTER if one.id != contact), replace(own, agency="ca-thanh-hoa")),
        ),
    }


@pytest.mark.parametrize("endpoint", CASE_ENDPOINTS)
@pytest.mark.parametrize("why", _barred(SITUATIONS[0]))
@pytest.mark.parametrize("situation", SITUATIONS[:3], ids=lambda one: one.name)
def test_who_must_not_know_gets_nowhere_whatever_the_role(situation: Situation, why: str, endpoint: str) -> None:
    clear, roster = _barred(situation)[why]
    case = replace(situation.case, clear=clear)
    for role in TABLE:
        assert may(viewer(role, situation), endpoint, case, SHIPPED_DIRECTORY, roster, AT) is False, role
        assert steps_for(viewer(role, situation), case, SHIPPED_DIRECTORY, roster, AT) == ()


def test_no_contact_or_no_agency_is_no_case() -> None:
    one = viewer("committee", SITUATIONS[0])
    assert asks(one, "case.list", PUPIL_CASE)
    assert not asks(replace(one, contact=None), "case.list", PUPIL_CASE)
    assert not asks(replace(one, agency=None), "case.list", PUPIL_CASE)
    assert not asks(replace(one, contact=None), "case.list", None)


# --- reaches ----------------------------------------------------------------------------------------------------

PUPIL_CASE = CaseFacts(PUPIL)


def test_the_committee_s_case_is_one_of_its_commune_wherever_in_it() -> None:
    one = viewer("committee", SITUATIONS[0])
    for commune, own in (("thon-3", True), ("an-unknown-commune", True), (None, True), ("binh-luong", True)):
        assert asks(one, "case.show", CaseFacts(replace(PUPIL, commune=commune))) is own
    assert not asks(replace(one, unit="nhu-xuan"), "case.show", PUPIL_CASE)


def test_a_school_sees_its_own_pupil_only_though_the_alert_is_of_the_whole_report() -> None:
    school = viewer("school", SITUATIONS[1])
    involved = frozenset({"th-binh-luong", "thcs-binh-luong"})
    assert asks(school, "case.open.child", CaseFacts(PUPIL, involved))
    assert not asks(school, "case.show", CaseFacts(replace(PUPIL, schools=("thcs-binh-luong",)), involved))
    assert not asks(school, "case.show", CaseFacts(ELSEWHERE, involved))


def test_a_school_is_shown_nothing_until_the_worker_releases_it() -> None:
    school = viewer("school", SITUATIONS[1])
    unclear = replace(PUPIL, relations=("UNKNOWN",))
    assert not asks(school, "case.list", CaseFacts(unclear, frozenset({"th-binh-luong"})))
    assert asks(school, "case.list", CaseFacts(unclear.releasing(["th-binh-luong"])))


def test_police_that_owe_nothing_see_nothing_until_an_alert_climbs_to_them() -> None:
    police = Viewer("a-1", "police", "binh-luong", "ca-binh-luong", "p-1")
    accident = Clear(commune="binh-luong", kinds=("INJURY_ACCIDENT",), environment="FAMILY", danger=False)
    assert not asks(police, "case.show", CaseFacts(accident))
    assert asks(police, "case.show", CaseFacts(accident, frozenset({"ca-binh-luong"})))
    assert asks(police, "case.show", PUPIL_CASE)


def test_a_conflict_declared_now_counts_now_and_an_old_alert_opens_nothing() -> None:
    police = Viewer("a-1", "police", "binh-luong", "ca-binh-luong", "p-1")
    involved = frozenset({"ca-binh-luong"})
    assert asks(police, "case.open.reporter", CaseFacts(PUPIL, involved))
    assert not asks(police, "case.open.reporter", CaseFacts(PUPIL.withholding(["ca-binh-luong"]), involved))


# --- endpoints without a case -----------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", [*LOOKS, *OPENS, *POWERS])
@pytest.mark.parametrize("role", TABLE)
def test_without_a_case_the_question_is_whether_there_can_be_any(role: str, endpoint: str) -> None:
    assert asks(viewer(role, SITUATIONS[0]), endpoint, None) is (reach(role, endpoint) is not Reach.NONE)


@pytest.mark.parametrize("endpoint", OF_UNIT)
@pytest.mark.parametrize("role", TABLE)
def test_what_concerns_units_reaches_the_own_one_and_those_below(role: str, endpoint: str) -> None:
    has = reach(role, endpoint) is Reach.UNIT
    # No contact: who looks after accounts or the access log is in no list of duty phones.
    one = Viewer("a-1", role, "binh-luong")
    assert asks(one, endpoint, None) is has
    assert asks(one, endpoint, None, unit="binh-luong") is has
    assert asks(one, endpoint, None, unit="thon-3") is has
    assert not asks(one, endpoint, None, unit="nhu-xuan")
    assert not asks(one, endpoint, None, unit="nowhere")


def test_figures_count_a_case_only_for_who_may_see_it() -> None:
    police = Viewer("a-1", "police", "binh-luong", "ca-binh-luong", "p-1")
    assert asks(police, "figures.visible", PUPIL_CASE)
    assert not asks(police, "figures.visible", CaseFacts(PUPIL.withholding(["ca-binh-luong"])))
    assert not asks(replace(police, contact=None), "figures.visible", PUPIL_CASE)


def test_an_unknown_role_may_nothing_and_an_unknown_endpoint_is_a_mistake() -> None:
    stranger = viewer("superuser", SITUATIONS[0])
    assert not any(asks(stranger, endpoint, PUPIL_CASE) for endpoint in (*ENDPOINTS, STEP + "CLOSED"))
    for slip in ("case.shwo", "case.open.everything", "figures", ""):
        with pytest.raises(ValueError, match="not an endpoint"):
            asks(stranger, slip, PUPIL_CASE)


# --- delegation -------------------------------------------------------------------------------------------------


def test_a_vice_chair_to_whom_it_is_delegated_approves_but_does_not_delegate_on() -> None:
    vice = viewer("committee", SITUATIONS[0])
    acting = replace(vice, delegated=frozenset({"chairman"}))
    assert not asks(vice, "case.step.PLAN_APPROVED", PUPIL_CASE)
    assert asks(acting, "case.step.PLAN_APPROVED", PUPIL_CASE)
    assert asks(acting, "case.erase", PUPIL_CASE)
    assert not asks(acting, "delegate", None)
    assert asks(replace(vice, role="chairman"), "delegate", None)
    assert not asks(acting, "case.show", CaseFacts(PUPIL.withholding([acting.agency or ""])))


@pytest.mark.parametrize("role", sorted(APART))
def test_no_delegation_shows_a_case_to_who_looks_after_accounts_or_the_log(role: str) -> None:
    one = replace(viewer(role, SITUATIONS[0]), delegated=frozenset(TABLE))
    assert roles_of(one) == {role}
    assert not any(asks(one, endpoint, PUPIL_CASE) for endpoint in CASE_ENDPOINTS)


# --- the directory ----------------------------------------------------------------------------------------------


def test_every_role_has_a_label_and_every_label_is_a_role(directory: Directory) -> None:
    assert set(directory.codes("roles")) == set(TABLE)


def test_a_step_that_is_closed_or_not_yet_open_is_in_no_grant(directory: Directory) -> None:
    steps = dict(directory.tables["steps"])
    steps["CLOSED"] = replace(steps["CLOSED"], valid_to=AT.date().replace(day=1).replace(month=1))
    steps["A_NEW_STEP"] = replace(steps["REVIEWED"], code="A_NEW_STEP")
    changed = replace(directory, tables={**directory.tables, "steps": steps})
    found = steps_for(viewer("committee", SITUATIONS[0]), PUPIL_CASE, changed, ROSTER, AT)
    assert "CLOSED" not in found
    assert found[-1] == "A_NEW_STEP"
