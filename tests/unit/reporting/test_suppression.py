"""What a reader can find out who knows the total, the open cells and the rule itself."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.suppression import THRESHOLD, hidden, small

tables = st.lists(st.integers(0, 30), max_size=12)


@given(tables)
def test_no_small_number_is_shown(numbers):
    out = hidden(numbers)
    assert all(position in out for position, number in enumerate(numbers) if small(number))


@given(tables)
def test_nothing_is_hidden_without_a_small_number(numbers):
    assert bool(hidden(numbers)) == any(map(small, numbers))


@given(tables)
def test_a_hidden_number_is_never_alone(numbers):
    assert len(numbers) < 2 or len(hidden(numbers)) != 1


@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_decide(numbers, random):
    order = list(range(len(numbers)))
    random.shuffle(order)
    shuffled = hidden([numbers[position] for position in order])
    assert {order[position] for position in shuffled} == hidden(numbers)


def view(numbers):
    out = hidden(numbers)
    return sum(numbers), tuple(None if position in out else number for position, number in enumerate(numbers))


@pytest.mark.parametrize("rows", [2, 3, 4])
def test_every_hidden_cell_could_have_another_value(rows):
    """All tables that look the same to the reader are compared: no hidden cell has one value in all of them."""
    alike = {}
    for numbers in product(range(2 * THRESHOLD + 1), repeat=rows):
        alike.setdefault(view(numbers), []).append(numbers)
    largest = 2 * THRESHOLD
    for (total, cells), found in alike.items():
        if total > largest:
            continue  # its look-alikes may hold numbers beyond those tried here
        for position, cell in enumerate(cells):
            if cell is None:
                assert len({numbers[position] for numbers in found}) > 1, (total, cells, found)
