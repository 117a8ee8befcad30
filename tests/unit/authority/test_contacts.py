"""Excluding an agency excludes its people, their numbers and their mailboxes everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.authority import Barrier, Contact, Listed, barred, hats, normal_mailbox, normal_phone, remaining


def contact(
    id_: str, agency: str, person: str | None = None, phones: tuple[str, ...] = (), mailboxes: tuple[str, ...] = ()
) -> Contact:
    return Contact(id=id_, agency=agency, person=person, phones=phones, mailboxes=mailboxes)


HEAD = contact("head", "school", "p1", ("+84000000121",), ("head@th.example.invalid",))


@pytest.mark.parametrize(
    "other",
    [
        contact("x", "school", "p9"),
        contact("x", "committee", "p1", ("+84000000199",)),
        contact("x", "committee", "p2", ("0000 000 121",)),
        contact("x", "committee", "p2", ("84000000121",)),
        contact("x", "committee", None, ("+84000000199", "+84 (0) 000.000.121")),
        contact("x", "committee", "p2", (), (" Head@TH.example.INVALID ",)),
    ],
)
def test_who_shares_a_person_number_or_mailbox_is_barred(other: Contact) -> None:
    assert barred(other, {"school"}, [HEAD, other])


@pytest.mark.parametrize(
    "other",
    [
        contact("x", "committee", "p2", ("+84000000122",), ("head@bvte.example.invalid",)),
        contact("x", "committee", None),
        contact("x", "committee", "", ("",), ("",)),
    ],
)
def test_who_shares_nothing_is_not(other: Contact) -> None:
    nameless = contact("nameless", "school", "", ("",), (" ",))
    assert not barred(other, {"school"}, [HEAD, nameless, other])


def test_the_private_number_of_an_excluded_person_is_theirs_in_every_list() -> None:
    on_the_committee = contact("member", "committee", "p1", ("+84000000555",))
    same_number = contact("desk", "police", "p7", ("+84000000555",))
    assert [one.id for one in remaining([HEAD, on_the_committee, same_number], {"school"})] == []


def test_whoever_reads_a_number_of_theirs_is_barred_in_every_place_and_there_it_ends() -> None:
    """They may be one person under two ids; a further number of such a reader makes nobody else the same person."""
    desk = contact("desk", "committee", "p2", ("+84000000121",))
    elsewhere = contact("elsewhere", "police", "p2", ("+84000000777",))
    beside = contact("beside", "police", "p3", ("+84000000777",))
    assert [one.id for one in remaining([HEAD, desk, elsewhere, beside], {"school"})] == ["beside"]


def test_with_nobody_excluded_everybody_remains_in_order() -> None:
    some = [HEAD, contact("b", "police"), contact("a", "committee")]
    assert remaining(some, frozenset()) == some


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("0912345678", "+84912345678"),
        ("0912 345 678", "+84912345678"),
        ("0912.345.678", "+84912345678"),
        ("+84912345678", "+84912345678"),
        ("+84 (0) 912 345 678", "+84912345678"),
        ("84912345678", "+84912345678"),
        ("0084 912345678", "+84912345678"),
        ("０９１２３４５６７８", "+84912345678"),
        ("+84000000121", "+84000000121"),
        ("0000000121", "+84000000121"),
        ("02373123456", "+842373123456"),
        ("+1 202 555 0123", "+12025550123"),
        ("113", "113"),
        ("111", "111"),
        ("", ""),
        ("gọi chị Hoa", ""),
    ],
)
def test_one_number_has_one_form(written: str, normal: str) -> None:
    assert normal_phone(written) == normal


@settings(max_examples=50, deadline=None, database=None)
@given(st.text(max_size=20))
def test_normal_forms_are_stable(text: str) -> None:
    assert normal_phone(normal_phone(text)) == normal_phone(text)
    assert normal_mailbox(normal_mailbox(text)) == normal_mailbox(text)


AGENCIES = ("committee", "police", "school", "superior")
CONTACTS = st.lists(
    st.builds(
        Contact,
        id=st.uuids().map(str),
        agency=st.sampled_from(AGENCIES),
        person=st.sampled_from([None, "", "p1", "p2", "p3", "p4"]),
        phones=st.lists(st.sampled_from(["0912345678", "+84912345678", "+84000000002", "84000000003", ""]),
                        max_size=2).map(tuple),
        mailboxes=st.lists(st.sampled_from(["a@x.invalid", "A@X.INVALID", "b@x.invalid"]), max_size=1).map(tuple),
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=100, deadline=None, database=None)
@given(CONTACTS, st.frozensets(st.sampled_from(AGENCIES)))
def test_nobody_who_remains_can_be_somebody_of_an_excluded_agency(
    everyone: list[Contact], excluded: frozenset[str]
) -> None:
    kept = remaining(everyone, excluded)
    shut_out = [one for one in everyone if one.agency in excluded]
    theirs = {normal_phone(phone) for one in shut_out for phone in one.phones} | {
        normal_mailbox(mailbox) for one in shut_out for mailbox in one.mailboxes
    }
    for one in kept:
        assert one.agency not in excluded
        assert not one.person or one.person not in {other.person for other in shut_out}
        assert not ({normal_phone(phone) for phone in one.phones} - {""}) & theirs
        assert not ({normal_mailbox(mailbox) for mailbox in one.mailboxes} - {""}) & theirs


@settings(max_examples=60, deadline=None, database=None)
@given(CONTACTS, st.frozensets(st.sampled_from(AGENCIES)), st.sampled_from(AGENCIES))
def test_excluding_more_never_lets_anybody_in(everyone: list[Contact], excluded: frozenset[str], more: str) -> None:
    before = {one.id for one in remaining(everyone, excluded)}
    after = {one.id for one in remaining(everyone, excluded | {more})}
    assert after <= before


def test_a_barrier_shows_no_number_in_its_repr() -> None:
    assert "121" not in repr(Barrier.around({"school"}, [HEAD]))


def test_a_withheld_contact_is_barred_with_its_person_and_numbers_but_not_its_agency() -> None:
    chief = contact("chief", "police", "p5", ("+84000000501",))
    at_home = contact("at-home", "committee", "p5", ("+84000000502",))
    same_number = contact("same", "committee", "p6", (), ("x@example.invalid",))
    also_there = contact("wife", "school", "p8", ("+84000000502",))
    colleague = contact("colleague", "police", "p7", ("+84000000503",))
    everyone = [chief, at_home, same_number, also_there, colleague]
    barrier = Barrier.around((), everyone, {"chief"})
    assert [one.id for one in everyone if not barrier.bars(one)] == ["same", "colleague"]


@pytest.mark.parametrize("listed", [True, False])
def test_a_withheld_contact_without_person_or_number_is_barred_by_its_id_alone(listed: bool) -> None:
    bare = contact("bare", "police")
    barrier = Barrier.around((), [bare] if listed else [], {"bare"})
    assert barrier.bars(bare)
    assert not barrier.bars(contact("other", "police"))


def test_hashed_addresses_bar_as_numbers_do_and_are_never_read_as_numbers() -> None:
    head = Listed("head", "school", "p1", ("00aa11", "bb22"))
    same = Listed("same", "committee", "p2", ("bb22",))
    # The same digits in another hash: read as a telephone number it would be the same.
    digits = Listed("digits", "committee", "p3", ("0a0a11",))
    assert [one.id for one in remaining([head, same, digits], {"school"})] == ["digits"]


def test_a_persons_hats_are_those_by_which_a_barrier_would_stop_them():
    """Held against the barrier itself: withholding from any of the hats, and from no other contact, bars this one."""
    people = [
        contact("bvte-3", "bvte", "p-1", ("+84000000001",)),
        contact("th-1", "th", "p-1", ("+84000000002",)),
        contact("mn-1", "mn", "p-2", ("+84000000002",)),
        contact("mn-2", "mn", "p-2", ("+84000000003",)),
        contact("ca-1", "ca", "p-3", (), ("truc@example.invalid",)),
        contact("ca-2", "ca", None, (), ("TRUC@example.invalid",)),
        contact("ct-1", "ct"),
    ]
    for one in people:
        barring = {other.id for other in people if Barrier.around((), people, [other.id]).bars(one)}
        assert {hat.id for hat in hats(one, people)} == barring
