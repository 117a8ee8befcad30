from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from shared.authority import ladder
from shared.directory import Directory

DISTRICT = date(2023, 6, 1)
SUCCESSOR = date(2025, 7, 1)


@pytest.mark.parametrize(
    ("agency", "day", "excluded", "rungs"),
    [
        ("bvte-binh-luong", DISTRICT, set(), ["pldtbxh-nhu-xuan", "te-thanh-hoa"]),
        ("bvte-binh-luong", SUCCESSOR, set(), ["te-ke-nhiem-nhu-xuan", "te-thanh-hoa"]),
        ("ca-binh-luong", DISTRICT, set(), ["ca-nhu-xuan", "ca-thanh-hoa", "pldtbxh-nhu-xuan", "te-thanh-hoa"]),
        ("th-binh-luong", DISTRICT, set(), ["pgd-nhu-xuan", "gd-thanh-hoa", "pldtbxh-nhu-xuan", "te-thanh-hoa"]),
        ("th-binh-luong", SUCCESSOR, {"gd-ke-nhiem-nhu-xuan"},
         ["gd-thanh-hoa", "te-ke-nhiem-nhu-xuan", "te-thanh-hoa"]),
        # Past an excluded rung the climb goes on.
        ("bvte-binh-luong", DISTRICT, {"pldtbxh-nhu-xuan"}, ["te-thanh-hoa"]),
        # Its whole line excluded: another agency at the top.
        ("bvte-binh-luong", DISTRICT, {"pldtbxh-nhu-xuan", "te-thanh-hoa"}, ["ca-thanh-hoa", "gd-thanh-hoa"]),
        # At the very top: the others there; alone there, itself again.
        ("te-thanh-hoa", DISTRICT, set(), ["ca-thanh-hoa", "gd-thanh-hoa"]),
        ("te-thanh-hoa", DISTRICT, {"ca-thanh-hoa", "gd-thanh-hoa"}, ["te-thanh-hoa"]),
        # A set that shuts out everybody up there is not obeyed at the last rung.
        ("bvte-binh-luong", DISTRICT, {"pldtbxh-nhu-xuan", "te-thanh-hoa", "ca-thanh-hoa", "gd-thanh-hoa"},
         ["te-thanh-hoa"]),
        # An agency that nobody knows: the committee and those above it. One that is closed: who is above today.
        ("new-agency", DISTRICT, set(), ["bvte-binh-luong", "pldtbxh-nhu-xuan", "te-thanh-hoa"]),
        ("pldtbxh-nhu-xuan", SUCCESSOR, set(), ["te-thanh-hoa", "te-ke-nhiem-nhu-xuan"]),
    ],
)  # fmt: skip
def test_the_way_up(directory: Directory, agency: str, day: date, excluded: set[str], rungs: list[str]) -> None:
    assert list(ladder(agency, directory, day, frozenset(excluded))) == rungs


def test_the_ladder_turns_at_local_midnight(directory: Directory) -> None:
    assert ladder("bvte-binh-luong", directory, datetime(2025, 6, 30, 16, 59, tzinfo=UTC))[0] == "pldtbxh-nhu-xuan"
    assert ladder("bvte-binh-luong", directory, datetime(2025, 6, 30, 17, 0, tzinfo=UTC))[0] == "te-ke-nhiem-nhu-xuan"
