"""What a reader can find out who has every version and knows the rule."""

from __future__ import annotations

from itertools import chain, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.reports.audiences import FULL, UPWARD, WIDER
from services.reporting.reports.withholding import Earlier, shown
from services.reporting.suppression import THRESHOLD, small

SEXES, BANDS, VILLAGES, KINDS = ("M", "F", "U"), ("0-5", "6-10", "11-17", "U"), ("1", "2", "3"), ("V", "N", "U")
child = st.fixed_dictionaries(
    {
        "sex": st.sampled_from(SEXES),
        "age_band": st.sampled_from(BANDS),
        "village": st.sampled_from(VILLAGES),
        "kind": st.sets(st.sampled_from(KINDS), min_size=1, max_size=2),
    }
)
ROWS = {"kind": KINDS, "sex": SEXES, "age_band": BANDS, "village": VILLAGES}
PARTITIONS = ("sex", "age_band", "village")


def counted(children):
    tables = {name: dict.fromkeys(rows, 0) for name, rows in ROWS.items()}
    for one in children:
        for name, table in tables.items():
            for row in one[name] if name == "kind" else [one[name]]:
                table[row] += 1
    return len(children), tables


def published(versions, audience):
    """Every version as this audience gets it, each knowing those before."""
    before, found = [], []
    for total, tables in versions:
        seen = shown(total, tables, audience, before)
        before.append(Earlier(total, tables, seen.withheld))
        found.append(seen)
    return found


@given(st.lists(child, max_size=20), st.sampled_from([UPWARD, WIDER]))
def test_no_small_number_is_shown_in_any_of_the_four_tables_nor_can_be_computed(children, audience):
    total, tables = counted(children)
    seen = shown(total, tables, audience)
    for name, table in seen.tables.items():
        assert not any(value is not None and small(value) for value in table.values())
        assert all(value in (None, tables[name][row]) for row, value in table.items())
        hidden = [row for row, value in table.items() if value is None]
        assert len(hidden) != 1
        if hidden and seen.total is not None and name in PARTITIONS:
            # What the total leaves for the hidden rows is never a single row's number.
            left = seen.total - sum(value for value in table.values() if value is not None)
            assert left == sum(tables[name][row] for row in hidden)
            assert len(hidden) >= 2


@given(st.lists(child, max_size=12))
def test_a_small_total_can_not_be_added_up_from_any_table(children):
    total, tables = counted(children)
    seen = shown(total, tables, WIDER)
    assert (seen.total is None) == small(total)
    if seen.total is None:
        assert all(value is None for table in seen.tables.values() for value in table.values())


@given(st.lists(child, max_size=20))
def test_the_unit_above_has_the_exact_total_and_the_commune_everything(children):
    total, tables = counted(children)
    assert shown(total, tables, UPWARD).total == total
    assert shown(total, tables, FULL).tables == tables


@settings(max_examples=300)
@given(st.lists(st.lists(child, max_size=9), min_size=2, max_size=5), st.sampled_from([UPWARD, WIDER]))
def test_no_difference_of_two_versions_is_a_small_number(additions, audience):
    """Each version adds children to the one before, as late reports do."""
    versions = [counted(list(chain(*additions[: number + 1]))) for number in range(len(additions))]
    found = published(versions, audience)
    for one in range(len(found)):
        for other in range(one):
            for name, rows in ROWS.items():
                for row in rows:
                    new, old = found[one].tables[name][row], found[other].tables[name][row]
                    assert new is None or old is None or not small(abs(new - old))


@given(st.lists(child, max_size=9), st.lists(child, max_size=3))
def test_a_table_that_did_not_change_is_shown_as_before(children, others):
    version = counted(children)
    first, second = published([version, version], UPWARD)
    assert first == second
    assert not second.withheld


def test_the_table_of_one_late_child_is_withheld_whole_until_enough_have_come():
    versions = [
        (7, {"sex": {"M": 3, "F": 4}}),
        (8, {"sex": {"M": 3, "F": 5}}),
        (10, {"sex": {"M": 3, "F": 7}}),
    ]
    first, second, third = published(versions, UPWARD)
    assert first.tables == {"sex": {"M": 3, "F": 4}}
    assert (second.total, second.tables, second.withheld) == (8, {"sex": {"M": None, "F": None}}, {"sex"})
    assert third.tables == {"sex": {"M": 3, "F": 7}}


def histories(rows, length, largest):
    """Every run of tables in which children are only added."""
    tables = [one for one in product(range(largest + 1), repeat=rows) if sum(one) <= largest]
    runs = [(one,) for one in tables]
    for _ in range(length - 1):
        runs = [(*run, one) for run in runs for one in tables if all(a <= b for a, b in zip(run[-1], one, strict=True))]
    return runs


@pytest.mark.parametrize(("rows", "length"), [(2, 2), (3, 2), (2, 3)])
def test_every_number_that_may_be_small_could_be_another_for_who_has_all_versions(rows, length):
    """All runs of versions are compared: those that look the same to the reader leave two values for each hidden number
    of which one is small. But where an open table has all its children in one row, whoever came first was in it too:
    that three or more are alike is what the table says.
    """
    alike: dict[object, list[object]] = {}
    for run in histories(rows, length, 2 * THRESHOLD):
        names = [str(row) for row in range(rows)]
        versions = [(sum(one), {"t": dict(zip(names, one, strict=True))}) for one in run]
        looks = tuple((seen.total, tuple(seen.tables["t"].values())) for seen in published(versions, UPWARD))
        alike.setdefault(looks, []).append(run)
    assert len(alike) > 20
    for looks, found in alike.items():
        if any(sum(map(bool, cells)) == 1 for _, cells in looks if None not in cells):
            continue
        for version, (_, cells) in enumerate(looks):
            for position, cell in enumerate(cells):
                values = {run[version][position] for run in found}
                if cell is None and any(map(small, values)):
                    assert len(values) > 1, (looks, found)


def test_states_follow_each_other():
    from datetime import UTC, datetime

    from services.reporting.reports import states

    now = datetime(2026, 11, 23, tzinfo=UTC)
    drafted = states.stepped([], states.DRAFT, "clerk", now)
    approved = states.stepped(drafted, states.APPROVED, states.AUTOMATIC, now)
    assert [one["state"] for one in states.stepped(approved, states.LOCKED, "x", now)] == [
        "draft",
        "approved",
        "locked",
    ]
    for so_far, to in ((drafted, "locked"), (approved, "draft"), ([], "approved")):
        with pytest.raises(states.WrongStep):
            states.stepped(so_far, to, "x", now)
