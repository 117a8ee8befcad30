"""Who must not know because somebody said so: in which order, by whom, and what takes it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.authority import declared, one_person, own_approvals, planless_approvals

START = datetime(2023, 6, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    step: str
    minute: int
    by: str = "u"
    case_id: str = "c-1"
    by_staff: bool = True
    agency: str | None = None
    contact: str | None = None
    hats: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    spared: int | None = None
    withhold_from: tuple[str, ...] = ()
    withhold_contacts: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    released_contacts: tuple[str, ...] = ()

    @property
    def id(self):
        return f"{self.step}-{self.minute}"

    @property
    def recorded_at(self):
        return START + timedelta(minutes=self.minute)

    @property
    def spared_at(self):
        return None if self.spared is None else START + timedelta(minutes=self.spared)


def conflict(minute, *codes, **fields):
    return Said("CONFLICT_DECLARED", minute, withhold_from=codes, **fields)


def release(minute, *codes, **fields):
    return Said("AGENCY_RELEASED", minute, released=codes, **fields)


def added(minute, *codes):
    return Said("", minute, withhold_from=codes)


TH1 = {"contact": "th-1", "agency": "th"}
# The same person, at the committee's desk.
BVTE3 = {"contact": "bvte-3", "agency": "bvte", "hats": ("bvte", "th", "school"), "contacts": ("bvte-3", "th-1")}


def test_who_was_kept_out_declares_nobody_elses_conflict():
    revenge = conflict(2, "bvte", "ca", contact="th-1", withhold_contacts=("bvte-1",))
    said = declared([conflict(1, withhold_contacts=("th-1",)), revenge])

    assert (said.withhold_from, said.withhold_contacts) == (frozenset(), {"th-1"})
    assert said.late == {revenge.id}


def test_so_what_the_others_write_then_still_counts():
    told = [conflict(1, "th"), conflict(2, "bvte", **TH1), Said("CLOSED", 3, agency="bvte")]
    assert declared(told).late == {"CONFLICT_DECLARED-2"}


@pytest.mark.parametrize("first", [conflict(1, withhold_contacts=("th-1",)), conflict(1, "th"), conflict(1, "school")])
def test_another_hat_of_the_same_person_is_late_too(first):
    other = Said("CLOSED", 2, **BVTE3)

    assert declared([first, other]).late == {other.id}
    assert not declared([first, Said("CLOSED", 2, contact="bvte-1", agency="bvte")]).late


@pytest.mark.parametrize("asked", ["th", "school"])
def test_the_report_and_its_supplements_keep_out_as_a_step_does(asked):
    later = Said("CLOSED", 2, **BVTE3)

    assert declared([later], [asked]).late == {later.id}
    assert declared([added(1, asked), later]).late == {later.id}
    assert not declared([added(3, asked), later]).late


def test_ones_own_conflict_is_said_in_time_and_counts_from_the_next_step_on():
    own, then = conflict(1, **TH1, withhold_contacts=("th-1",)), Said("CLOSED", 2, **TH1)
    said = declared([then, own])

    assert (said.withhold_contacts, said.late) == ({"th-1"}, {then.id})


@pytest.mark.parametrize(("by_staff", "persons"), [(True, {"ct-1"}), (False, set())])
def test_what_a_step_declared_is_lifted_by_a_later_release(by_staff, persons):
    said = declared([conflict(1, "bvte", by_staff=by_staff, withhold_contacts=("ct-1",)), release(2, "bvte")])
    assert (said.withhold_from, said.withhold_contacts, said.released) == (frozenset(), persons, {"bvte"})

    back = release(3, released_contacts=("ct-1",))
    assert declared([conflict(1, withhold_contacts=("ct-1",)), back]).withhold_contacts == frozenset()


def test_the_order_is_that_of_the_recording():
    assert declared([release(1, "bvte"), conflict(2, "bvte")]).withhold_from == {"bvte"}
    assert declared([conflict(1, "bvte"), release(2, "bvte"), conflict(3, "bvte")]).withhold_from == {"bvte"}


@pytest.mark.parametrize(
    "nobody",
    [
        release(2, "bvte", by_staff=False),
        release(2, "bvte", agency="bvte"),
        replace(release(2, "bvte"), step="CLOSED"),
    ],
)
def test_a_partner_the_excluded_and_another_step_lift_nothing(nobody):
    said = declared([conflict(1, "bvte"), nobody])
    assert (said.withhold_from, said.released) == ({"bvte"}, frozenset())


def test_what_the_reporter_asked_is_never_lifted():
    said = declared([added(1, "ca"), conflict(2, "th", "ca", "ct"), release(3, "th", "ca", "ct")], ["th"])

    assert said.withhold_from == {"th", "ca"}
    assert said.liftable == frozenset()


def test_whoever_was_let_back_in_writes_again():
    told = [conflict(1, "th"), Said("CLOSED", 2, **TH1), release(3, "th"), Said("REOPENED", 4, **TH1)]
    assert declared(told).late == {"CLOSED-2"}


# Everybody is kept out, and the last resort is told all the same.
EVERYBODY = ("committee", "bvte", "child_superior", "te", "tinh")
TE = {"contact": "te-1", "agency": "te", "hats": ("te", "child_superior", "tinh"), "contacts": ("te-1",)}


@pytest.mark.parametrize("asked", [(), EVERYBODY])
def test_the_last_resort_may_act_and_lift_what_keeps_out_everybody(asked):
    first = conflict(1, *EVERYBODY, withhold_contacts=("te-1", "ct-1"))
    back = release(3, "te", "child_superior", "tinh", "bvte", "committee", released_contacts=("te-1",), spared=2, **TE)
    said = declared([first, back, Said("CLOSED", 4, spared=2, **TE)], asked)

    assert said.late == frozenset()
    assert (said.withhold_from, said.withhold_contacts) == (frozenset(asked), {"ct-1"})


def test_but_what_is_said_after_its_grant_counts_against_it():
    by_name = [conflict(1, *EVERYBODY), conflict(3, withhold_contacts=("te-1",)), Said("CLOSED", 4, spared=2, **TE)]
    by_agency = [conflict(1, *EVERYBODY), conflict(3, "te"), Said("CLOSED", 4, spared=2, **TE)]
    added_later = [conflict(1, *EVERYBODY), added(3, "te"), Said("CLOSED", 4, spared=2, **TE)]

    for told in (by_name, by_agency, added_later):
        assert declared(told).late == {"CLOSED-4"}
    assert declared([conflict(1, *EVERYBODY), Said("CLOSED", 2, **TE)]).late == {"CLOSED-2"}, "a grant of before"


def test_a_partner_keeps_out_no_person_and_nobody_whom_staff_let_back_in():
    again = conflict(3, "bvte", "ca", by_staff=False, withhold_contacts=("ct-1",))
    said = declared([conflict(1, "bvte", by_staff=False), release(2, "bvte"), again])
    assert (said.withhold_from, said.withhold_contacts) == ({"ca"}, frozenset())

    by_staff = conflict(4, "bvte")
    assert declared([conflict(1, "bvte"), release(2, "bvte"), again, by_staff]).withhold_from == {"bvte", "ca"}


def test_one_person_is_one_account_or_one_contact():
    plan = Said("PLAN_SUBMITTED", 1, by="a", contact="bvte-1")

    assert one_person(plan, Said("PLAN_APPROVED", 2, by="a"))
    assert one_person(plan, Said("PLAN_APPROVED", 2, by="b", contact="ct-1", contacts=("ct-1", "bvte-1")))
    assert not one_person(plan, Said("PLAN_APPROVED", 2, by="b", contact="ct-1"))
    assert not one_person(replace(plan, by_staff=False, contact=None), Said("PLAN_APPROVED", 2, by="a"))


def test_nobody_approves_their_own_plan_however_it_is_dated():
    plan, approval = Said("PLAN_SUBMITTED", 1, by="a"), Said("PLAN_APPROVED", 2, by="a")
    others, again = Said("PLAN_SUBMITTED", 3, by="b"), Said("PLAN_APPROVED", 4, by="a")

    assert own_approvals([plan, approval]) == own_approvals([approval, plan]) == {approval.id}
    assert own_approvals([plan, approval, others, again]) == {approval.id}, "the plan in force is another's"
    assert own_approvals([approval]) == frozenset()
    assert planless_approvals([approval, plan, again]) == {approval.id}
    assert planless_approvals([replace(plan, case_id="c-2"), approval]) == {approval.id}, "of another child"
    assert own_approvals([plan, replace(approval, case_id="c-2")]) == frozenset(), "of another child"
