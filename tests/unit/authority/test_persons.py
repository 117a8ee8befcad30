"""A conflict of single persons buries no case: whom somebody may name, and that somebody above is always left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.notify.escalation import FIRST, targets
from services.notify.routing import route
from shared.authority import CaseFacts, Clear, Listed, Viewer, may, may_be_named, withheld_persons
from tests.unit.authority.worlds import TIMES

AT = TIMES[0]
PUPIL = Clear(
    commune="binh-luong",
    kinds=("VIOLENCE",),
    environment="FAMILY",
    danger=True,
    schools=("th-binh-luong",),
    relations=("PARENT",),
)
LAST = "te-tinh-1"


@pytest.fixture
def nameable(directory, contacts):
    """Ids of those whom an account of an agency may name."""

    def found(agency, *, own_alone=False):
        return {one.id for one in contacts if may_be_named(one, agency, directory, AT, own_alone=own_alone)}

    return found


def test_nobody_names_a_person_above_them(nameable, contacts):
    unit = {"bvte-binh-luong", "ca-binh-luong", "th-binh-luong", "mn-binh-luong", "thcs-binh-luong"}
    commune = {one.id for one in contacts if one.agency in unit}
    above = {"te-ke-nhiem-1", "ca-ke-nhiem-1", "gd-ke-nhiem-1", LAST, "ca-tinh-1", "gd-tinh-1"}

    assert commune <= nameable("bvte-binh-luong")
    assert nameable("bvte-binh-luong").isdisjoint(above)
    assert nameable("ca-binh-luong") == nameable("bvte-binh-luong")
    assert nameable("te-ke-nhiem-nhu-xuan") & above == above - {LAST, "ca-tinh-1", "gd-tinh-1"}
    assert commune | above <= nameable("te-thanh-hoa")


def test_who_speaks_for_their_own_agency_names_its_people_alone(nameable):
    assert nameable("th-binh-luong", own_alone=True) == {"th-1", "th-2", "th-3"}


def test_nobody_is_named_of_or_by_an_agency_that_nobody_knows(nameable, directory):
    assert nameable("a-new-agency") == nameable(None) == set()
    assert not may_be_named(Listed("x-1", "a-new-agency", None), "te-thanh-hoa", directory, AT)


def everybody_but(contacts, *spared):
    return PUPIL.withholding((), [one.id for one in contacts if one.id not in spared])


def sees(directory, contacts, clear, role, unit, agency, contact):
    case = CaseFacts(clear, frozenset({agency}))
    return may(Viewer("a", role, unit, agency, contact), "case.show", case, directory, contacts, AT)


def test_whoever_names_everybody_leaves_the_last_resort(directory, contacts):
    clear = everybody_but(contacts, "th-2")
    routed = route(clear, directory, contacts, at=AT, received_at=AT)

    assert {duty.agency for duty in routed.duties if duty.agency == "te-thanh-hoa"}
    assert [one.contact.id for one in targets(contacts, "te-thanh-hoa", FIRST, routed.barrier, ())][:1] == [LAST]
    assert sees(directory, contacts, clear, "province", "thanh-hoa", "te-thanh-hoa", LAST)
    assert not sees(directory, contacts, clear, "committee", "binh-luong", "bvte-binh-luong", "bvte-1")


def test_one_of_the_last_resort_is_kept_out_as_long_as_another_is_left(directory, contacts):
    second = replace(next(one for one in contacts if one.id == LAST), id="te-tinh-2", person="p-79", phones=())
    second = replace(second, mailboxes=("mau79@te-tinh.example.invalid",))
    everyone = [*contacts, second]

    assert withheld_persons(PUPIL.withholding((), [LAST]), (), everyone, directory, AT) == {LAST}
    both = PUPIL.withholding((), [LAST, "te-tinh-2", "ca-1"])
    assert withheld_persons(both, (), everyone, directory, AT) == {"ca-1"}


def test_the_other_place_of_the_last_resort_buries_no_case_either(directory, contacts):
    last = next(one for one in contacts if one.id == LAST)
    same_person = replace(last, id="bvte-9", agency="bvte-binh-luong", phones=(), mailboxes=())
    same_number = replace(last, id="ca-9", agency="ca-binh-luong", person="p-98", mailboxes=())

    for other in (same_person, same_number):
        clear = PUPIL.withholding((), [other.id])
        assert withheld_persons(clear, (), [*contacts, other], directory, AT) == frozenset()


def test_where_the_agency_itself_must_not_know_its_people_are_no_last_resort(directory, contacts):
    clear = PUPIL.withholding(["te-thanh-hoa"], [LAST])
    assert withheld_persons(clear, {"te-thanh-hoa"}, contacts, directory, AT) == {LAST}
