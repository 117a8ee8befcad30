"""The shipped directory and its invented contacts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.authority import Contact
from shared.directory import Directory, load

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
SHIPPED = DEPLOY / "directory" / "binh-luong"
SEED = DEPLOY / "contacts" / "binh-luong" / "contacts.seed.yaml"


def shipped_contacts() -> list[Contact]:
    rows: list[dict[str, Any]] = yaml.safe_load(SEED.read_text("utf-8"))["contacts"]
    return [
        Contact(
            id=row["id"],
            agency=row["agency"],
            person=row["person"],
            name=row["name"],
            phones=tuple(row["phones"]),
            mailboxes=tuple(row["mailboxes"]),
            order=row["order"],
            langs=tuple(row["langs"]),
        )
        for row in rows
    ]


@pytest.fixture(scope="session")
def directory() -> Directory:
    return load(SHIPPED)


@pytest.fixture(scope="session")
def contacts() -> list[Contact]:
    return shipped_contacts()
