"""The page of the sandbox that shows how to sign in."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pyotp
import pytest

from deploy.local import staff
from deploy.local.place import SAMPLE_DIRECTORY
from deploy.local.sandbox import accounts
from deploy.local.sandbox.app import create_app
from deploy.local.sandbox.gateway import Gateway
from deploy.local.sandbox.people import People
from deploy.local.sandbox.store import Store
from deploy.local.vault import Vault


@pytest.fixture
def listed(tmp_path):
    file = tmp_path / "accounts.json"
    file.write_text(staff.listed(Vault(tmp_path / "secrets")), encoding="utf-8")
    return accounts.read(file, SAMPLE_DIRECTORY)


def page(known):
    store, people = Store(None), People()
    http = create_app(store, people, Gateway(store, people, threading.Event()), {}, known).test_client()
    return http.get("/tai-khoan").text, http.get("/").text


def test_each_account_is_shown_with_role_and_place_in_vietnamese(listed):
    shown, front = page(listed)

    assert len(listed) == len(staff.ACCOUNTS)
    for account in listed:
        assert account.name in shown
        assert account.password in shown
    assert "Công an xã" in shown
    assert "Trường Tiểu học Bình Lương" in shown
    assert "/tai-khoan" in front


def test_the_code_is_the_one_that_a_telephone_would_show(listed):
    at = datetime(2023, 6, 1, 1, 0, 17, tzinfo=UTC)

    assert listed[0].code(at) == pyotp.TOTP(listed[0].totp_secret).at(at)
    assert accounts.left(at) == 13


def test_without_accounts_there_is_no_way_to_the_page(tmp_path):
    shown, front = page(accounts.read(tmp_path / "none.json", SAMPLE_DIRECTORY))

    assert "Chưa có tài khoản" in shown
    assert "/tai-khoan" not in front


def test_only_the_codes_are_fetched_again_so_that_a_selection_stays(listed):
    shown, _ = page(listed)

    assert shown.count('http-equiv="refresh"') == shown.count('<noscript><meta http-equiv="refresh"') == 1
    assert '<script src="/static/accounts.js" defer></script>' in shown
    assert shown.count('class="totp"') == len(listed)
