from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.directory import Directory, load
from tests.unit.directory.conftest import Edit

OLD, NEW, OTHER = (hashlib.sha256(word).hexdigest() for word in (b"old", b"new", b"other"))


@pytest.fixture
def with_partners(folder: Path, edit: Edit) -> Directory:
    edit(
        "partners.yaml",
        "partners: []",
        f"""partners:
  - {{id: app, name: App, unit: binh-luong, scopes: [incident:write, drill:write], expires: 2027-12-31,
     channels: [HOTLINE_111], token_sha256: ["{OLD}", "{NEW}"]}}
  - {{id: nhu-xuan, name: Nhu Xuan, unit: nhu-xuan, scopes: [report:read], expires: 2030-01-01,
     token_sha256: ["{OTHER}"]}}""",
    )
    return load(folder)


@pytest.mark.parametrize(("token", "partner"), [(OLD, "app"), (NEW, "app"), (OTHER, "nhu-xuan")])
def test_a_partner_is_found_by_any_of_its_tokens(with_partners: Directory, token: str, partner: str) -> None:
    found = with_partners.partner_by_token_hash(token)
    assert found is not None
    assert found.id == partner


@pytest.mark.parametrize("token", ["", OLD[:-1], OLD + "0", OLD.upper(), "0" * 64, "đ"])
def test_any_other_token_is_nobody(with_partners: Directory, token: str) -> None:
    assert with_partners.partner_by_token_hash(token) is None


def test_a_token_works_to_the_end_of_its_last_local_day(with_partners: Directory) -> None:
    last = datetime(2027, 12, 31, 16, 59, 59, tzinfo=UTC)
    after = datetime(2027, 12, 31, 17, 0, tzinfo=UTC)
    assert with_partners.partner_by_token_hash(OLD, last) is not None
    assert with_partners.partner_by_token_hash(OLD, after) is None


def test_scopes_and_channels_are_the_partner_s_own(with_partners: Directory) -> None:
    found = with_partners.partner_by_token_hash(OLD)
    assert found is not None
    assert found.may("incident:write")
    assert not found.may("incident:backfill")
    assert found.channels == ("HOTLINE_111",)


def test_no_hash_shows_in_a_repr(with_partners: Directory) -> None:
    assert OLD not in repr(with_partners.partners)
