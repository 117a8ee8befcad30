from __future__ import annotations

from pathlib import Path

import pytest

from shared.directory import is_older, load, serial_of
from tests.unit.directory.conftest import Edit


def test_the_version_is_the_serial_and_eight_hex_digits_of_the_content(folder: Path, edit: Edit) -> None:
    before = load(folder).version
    assert before == load(folder).version
    edit("holidays.yaml", "days: []", "days: []\n# one more word")
    after = load(folder).version
    assert before.split("-")[0] == after.split("-")[0] == "1"
    assert before != after


@pytest.mark.parametrize(
    ("version", "than", "older"),
    [
        ("1-00000000", "2-00000000", True),
        ("9-00000000", "10-00000000", True),
        ("2-00000000", "2-ffffffff", False),
        ("3-00000000", "2-ffffffff", False),
        ("1-00000000", "nonsense", False),
    ],
)
def test_the_serial_orders_versions(version: str, than: str, older: bool) -> None:
    assert is_older(version, than) is older


@pytest.mark.parametrize("version", ["", "7", "7-xyz", "-7-00000000", "7-000000000", "٧-00000000"])
def test_what_is_no_version_has_serial_0(version: str) -> None:
    assert serial_of(version) == 0
