"""An account's contact is one of its agency's: chosen from the roster on the page, warned of on the command line."""

from __future__ import annotations

import re

import pytest

from services.reporting.documents import accounts
from tests.integration.reporting.account_forms import FIELDS, LIST, NEW
from tests.integration.reporting.case_files import rosters

MADE = ("account", "new", "nguyen.mau", "--name", "Nguyễn Mẫu", "--role", "police", "--unit", "binh-luong")
SAID = "Cơ quan đã chọn không có mã này trong danh bạ trực."


@pytest.fixture
def listed(service):
    service.project(*rosters())


def groups_on(page):
    """Agency -> the contact ids under it, as the select shows them."""
    select = re.search(r'<select name="contact".*?</select>', page.text, re.DOTALL).group()
    found = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', select, re.DOTALL)
    return {label: re.findall(r"<option[^>]*>([^<]+)<", options) for label, options in found}


def test_contacts_are_chosen_from_the_rosters_of_the_agencies_that_may_be_chosen(office, listed, admin):
    groups = groups_on(admin.get(NEW))
    police = office.folder.current().agency("ca-binh-luong").vi
    assert {"ca-1", "ca-2"} <= set(groups[police])
    assert not any(contact.startswith("te-") for ids in groups.values() for contact in ids)  # of the district


@pytest.mark.parametrize("wrong", [{"contact": "ca-22"}, {"contact": "th-2"}, {"agency": "th-binh-luong"}])
def test_a_contact_that_is_not_of_the_agency_is_refused_beside_its_field(office, listed, admin, wrong):
    answer = admin.send(NEW, **{**FIELDS, **wrong})
    assert (answer.status_code, SAID in answer.text, 'aria-describedby="contact-error"' in answer.text) == (
        422,
        True,
        True,
    )
    assert office.rows() == []
    assert accounts.by_user(office.store.accounts, "nguyen.mau") is None


def test_the_contact_is_shown_with_the_code_that_is_handed_over(listed, admin):
    shown = admin.send(NEW, **FIELDS).text
    assert "<dt>Mã liên hệ</dt><dd>ca-2</dd>" in shown
    assert "Công an" in shown


def test_a_contact_that_has_left_is_shown_and_has_to_be_chosen_anew(office, service, admin):
    office.account("ha.truc", "police", agency="ca-binh-luong", contact="ca-1")
    service.project(*rosters(without="ca-1"))
    page = f"{LIST}/acc-ha.truc/sua"
    assert "ca-1 (không còn trong danh bạ)" in admin.get(page).text
    assert SAID in admin.send(page).text
    assert admin.send(page, contact="ca-2").status_code == 303


def test_while_no_roster_has_come_the_contact_is_typed_and_the_page_says_so(admin):
    assert "Danh bạ trực chưa đến đây" in admin.get(NEW).text
    assert admin.send(NEW, **{**FIELDS, "contact": "ca-22"}).status_code == 200


def test_a_name_that_is_taken_leaves_no_row_of_an_account_made(office, admin, command):
    assert admin.send(NEW, **{**FIELDS, "user": "mac.quantri"}).status_code == 422
    again = ("account", "new", "mac.quantri", "--name", "M", "--role", "administrator", "--unit", "binh-luong")
    assert command(*again).exit_code == 1
    assert office.rows() == []


@pytest.mark.parametrize(("contact", "warned"), [("ca-2", False), ("ca-22", True)])
def test_the_command_line_warns_and_does_as_it_is_told(office, listed, command, contact, warned):
    done = command(*MADE, "--agency", "ca-binh-luong", "--contact", contact)
    assert done.exit_code == 0
    assert ("ca-binh-luong has no contact ca-22" in done.stderr) is warned
    assert "warning" not in done.stdout
    assert accounts.by_user(office.store.accounts, "nguyen.mau")["contact"] == contact


HELD = "Mã liên hệ này đã có tài khoản đang dùng"


def test_a_contact_has_one_account_in_use(office, admin):
    """Who has two accounts is the second person of himself."""
    office.account("ha.truc", "police", agency="ca-binh-luong", contact="ca-2")
    office.account("la.truc", "police", agency="ca-binh-luong", contact="ca-1")
    assert HELD in admin.send(NEW, **FIELDS).text
    assert HELD in admin.send(f"{LIST}/acc-la.truc/sua", contact="ca-2").text
    assert admin.send(f"{LIST}/acc-ha.truc/sua", name="Người Bịa Khác").status_code == 303  # its own is no other
    admin.send(f"{LIST}/acc-ha.truc", f"{LIST}/acc-ha.truc/khoa")
    assert admin.send(NEW, **FIELDS).status_code == 200


def test_the_command_line_gives_no_contact_twice(office, command):
    office.account("ha.truc", "police", agency="ca-binh-luong", contact="ca-2")
    done = command(*MADE, "--agency", "ca-binh-luong", "--contact", "ca-2")
    assert (done.exit_code, "another account in use has this contact" in done.stderr) == (1, True)
    assert office.rows() == []
    assert command("account", "disable", " Ha.Truc").exit_code == 0  # as it is typed when signing in
    assert command(*MADE, "--agency", "ca-binh-luong", "--contact", "ca-2").exit_code == 0


@pytest.mark.parametrize("user", ["console", "operator"])
def test_nobody_is_called_as_the_log_calls_the_machine(office, admin, user):
    assert "dành cho lệnh trên máy chủ" in admin.send(NEW, **{**FIELDS, "user": user}).text
