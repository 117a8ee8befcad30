"""The shipped contacts: invented, complete, and with the one person who sits on two chairs."""

from __future__ import annotations

from collections import Counter
from datetime import date

from shared.authority import Clear, Contact, excluded_agencies, normal_phone, remaining
from shared.directory import Directory

DAY = date(2023, 6, 1)


def test_every_number_and_mailbox_is_one_that_nobody_can_have(contacts: list[Contact]) -> None:
    for contact in contacts:
        assert all(phone.startswith("+84000") and len(phone) == 12 for phone in contact.phones)
        assert all(normal_phone(phone) == phone for phone in contact.phones)
        assert all(mailbox.endswith(".example.invalid") for mailbox in contact.mailboxes)
        assert contact.phones
        assert contact.mailboxes


def test_every_agency_has_whom_to_tell(directory: Directory, contacts: list[Contact]) -> None:
    assert {contact.agency for contact in contacts} == set(directory.all_agencies)
    assert len({contact.id for contact in contacts}) == len(contacts)
    orders = Counter((contact.agency, contact.order) for contact in contacts)
    for agency in directory.all_agencies.values():
        needed = {"committee": (2, 1), "police": (2, 1), "school": (1, 1)}.get(agency.kind, (1, 0))
        assert (orders[agency.code, "first"] >= needed[0], orders[agency.code, "second"] >= needed[1]) == (True, True)


def test_the_head_teacher_on_the_committee_is_out_in_both_places(directory: Directory, contacts: list[Contact]) -> None:
    both = [contact for contact in contacts if contact.person == "p-21"]
    assert {contact.agency for contact in both} == {"th-binh-luong", "bvte-binh-luong"}
    assert both[0].phones == both[1].phones
    assert both[0].mailboxes == both[1].mailboxes

    facts = Clear(commune="binh-luong", kinds=("VIOLENCE",), environment="SCHOOL", relations=("TEACHER",))
    kept = remaining(contacts, excluded_agencies(facts, directory, DAY))
    assert "p-21" not in {contact.person for contact in kept}
    assert sum(contact.agency == "bvte-binh-luong" and contact.order == "first" for contact in kept) == 2
