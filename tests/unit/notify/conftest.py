from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from shared.authority import Contact
from shared.directory import Directory, load

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def directory() -> Directory:
    return load(ROOT / "deploy/directory/binh-luong")


@pytest.fixture(scope="session")
def contacts() -> tuple[Contact, ...]:
    rows = yaml.safe_load((ROOT / "deploy/contacts/binh-luong/contacts.seed.yaml").read_text())["contacts"]
    return tuple(
        Contact(**{**row, "phones": tuple(row["phones"]), "mailboxes": tuple(row["mailboxes"])})
        for row in ({**one, "langs": tuple(one["langs"])} for one in rows)
    )
