"""The table of guards is true of the source: `make guards` takes minutes, so a row that rots must be seen before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.guards.table import GUARDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name.replace(" ", "-"))
def test_a_guard_stands_where_the_table_says_once_and_its_tests_are_there(guard):
    assert (ROOT / guard.file).read_text(encoding="utf-8").count(guard.old) == 1
    assert guard.old != guard.new
    assert [test for test in guard.tests if not (ROOT / test.partition("::")[0]).exists()] == []


def test_no_two_guards_have_one_name():
    names = [guard.name for guard in GUARDS]

    assert sorted(names) == sorted(set(names))
