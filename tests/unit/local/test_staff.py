"""The accounts of a sandbox are people of its contacts, one for each role."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pyotp
import pytest
import yaml

from deploy.local import staff
from deploy.local.place import SAMPLE_CONTACTS, SAMPLE_DIRECTORY, SEED
from deploy.local.vault import Vault
from shared.directory import load

PEOPLE = {
    one["id"]: one
    for one in yaml.safe_load((SAMPLE_CONTACTS / SEED).read_text(encoding="utf-8"))["contacts"]
}  # fmt: skip
WITHOUT_CASES = {"village", "member", "auditor", "administrator"}


def test_there_is_one_account_for_each_role_of_the_directory():
    roles = {code.code for code in load(SAMPLE_DIRECTORY).codes_in_force("roles", datetime.now(UTC))}

    assert sorted(account.role for account in staff.ACCOUNTS) == sorted(roles)
    assert len({account.user for account in staff.ACCOUNTS}) == len(staff.ACCOUNTS)


@pytest.mark.parametrize("account", staff.ACCOUNTS, ids=lambda account: account.role)
def test_whoever_sees_cases_is_a_contact_of_the_agency_and_nobody_else_is(account):
    if account.role in WITHOUT_CASES:
        assert (account.agency, account.contact) == (None, None)
        return
    contact = PEOPLE[account.contact]
    assert (contact["agency"], contact["name"]) == (account.agency, account.name)


def test_the_head_of_the_primary_school_sits_on_the_committee_too():
    (head,) = [account for account in staff.ACCOUNTS if account.role == "school"]
    person = PEOPLE[head.contact]["person"]

    assert {one["agency"] for one in PEOPLE.values() if one["person"] == person} == {head.agency, staff.COMMITTEE}


def test_passwords_and_second_factors_are_made_once_and_are_good_ones(tmp_path):
    first = staff.ready(Vault(tmp_path))

    assert staff.ready(Vault(tmp_path)) == first
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    for entry in first.values():
        assert re.fullmatch(r"([a-z]{4}-){3}[a-z]{4}", entry["password"]), "short enough for a telephone"
        assert len(pyotp.TOTP(entry["totp_secret"]).now()) == 6
    assert len({entry["password"] for entry in first.values()}) == len(staff.ACCOUNTS)
    assert len({entry["totp_secret"] for entry in first.values()}) == len(staff.ACCOUNTS)


def test_what_is_imported_is_what_ready_json_says(tmp_path):
    vault = Vault(tmp_path)
    imported = {one["role"]: one for one in json.loads(staff.listed(vault))}

    for role, entry in staff.ready(vault).items():
        assert entry.items() <= imported[role].items()


def test_no_secret_is_on_the_command_line(tmp_path):
    secrets = {value for entry in staff.ready(Vault(tmp_path)).values() for value in entry.values()}

    assert not secrets & set(staff.COMMAND)
