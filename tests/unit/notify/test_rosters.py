from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from services.notify.rosters import key_of, listed, next_version
from shared.authority import Barrier, Listed

KEY = key_of(bytes.fromhex("ab" * 32))


def test_equal_numbers_are_equal_strings_and_no_number_leaves(contacts):
    rows = listed(contacts, KEY)

    text = str(rows)
    for contact in contacts:
        assert contact.name not in text
        for address in (*contact.phones, *contact.mailboxes):
            assert address not in text
    head = [one["addresses"] for people in rows.values() for one in people if one["person"] == "p-21"]
    assert len(head) == 2
    assert head[0] == head[1]
    assert all(re.fullmatch("[0-9a-f]{32}", address) for address in head[0])


def test_however_a_number_is_written_it_is_the_same(contacts):
    one = replace(contacts[0], phones=("+84912345678",), mailboxes=("A@example.invalid",))
    other = replace(one, phones=("0912 345 678",), mailboxes=(" a@EXAMPLE.invalid ",))

    assert listed([one], KEY) == listed([other], KEY)
    assert listed([one], KEY) != listed([one], key_of(b"x" * 32)), "without the key nobody can try all numbers"


def test_a_barrier_around_the_hashed_ones_bars_the_same_people(contacts):
    hashed = [
        Listed(one["contact"], agency, one["person"], tuple(one["addresses"]))
        for agency, people in listed(contacts, KEY).items()
        for one in people
    ]
    for excluded in ({"th-binh-luong"}, {"ca-binh-luong", "bvte-binh-luong"}, set()):
        plain, keyed = Barrier.around(excluded, contacts), Barrier.around(excluded, hashed)
        assert {one.id for one in contacts if plain.bars(one)} == {one.id for one in hashed if keyed.bars(one)}


def test_a_version_is_above_the_last_and_above_what_a_lost_database_can_have_told():
    now = datetime(2026, 11, 26, tzinfo=UTC)

    assert next_version(0, now) == next_version(3, now) == int(now.timestamp())
    assert next_version(int(now.timestamp()) + 7, now) == int(now.timestamp()) + 8, "a clock that was put back"
