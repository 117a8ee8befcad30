"""What a reader of several units at once can work out by subtraction: every small tree is tried."""

from __future__ import annotations

from itertools import product

import pytest

from services.reporting.reports.jointly import NOTHING, Node, Published, Withheld, withheld
from services.reporting.reports.withholding import shown
from services.reporting.suppression import THRESHOLD, small


def commune(name, table, audience):
    """As the reader's own copy of it is: `table` is row -> number."""
    seen = shown(sum(table.values()), {"sex": table}, audience)
    whole = frozenset(by for by, rows in seen.tables.items() if None not in rows.values())
    published = Published(sum(table.values()), {"sex": table}, seen.total is not None, whole)
    return Node(name, audience != "wider", published), seen


def district(tables, audience, below, name="district"):
    rows = list(dict.fromkeys(row for table in tables for row in table))
    whole = {row: sum(table.get(row, 0) for table in tables) for row in rows}
    node, seen = commune(name, whole, audience)
    return Node(name, node.exact, node.published, below), seen


def answer(node, seen, found):
    """What stands in the answer about a unit: (total or its mark, table with None for what is hidden)."""
    hidden = found.get(node.unit, NOTHING)
    total = "…" if hidden.total else "<3" if seen.total is None else seen.total
    table = seen.tables["sex"]
    if "sex" in hidden.tables or hidden.total:
        table = dict.fromkeys(table)
    return total, tuple(table.values())


def totals_seen(totals, reader_is):
    """What a reader two levels up sees of communes with these totals, and of the units above them."""
    tables = [{"a": total} for total in totals]
    communes = [commune(f"c{number}", table, "wider") for number, table in enumerate(tables)]
    node, seen = district(tables, reader_is, [one for one, _ in communes])
    found = withheld(node)
    return tuple(answer(one, copy, found)[0] for one, copy in (*communes, (node, seen)))


@pytest.mark.parametrize("reader_is", ["upward", "wider"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_no_hidden_total_can_be_worked_out(count, reader_is):
    alike = {}
    for totals in product(range(2 * THRESHOLD), repeat=count):
        alike.setdefault(totals_seen(totals, reader_is), []).append(totals)
    for view, found in alike.items():
        for place in range(count):
            if view[place] == "<3":
                assert len({totals[place] for totals in found}) > 1, (view, found)


def test_a_sum_of_two_hidden_totals_stays_where_it_tells_neither():
    assert totals_seen((1, 2, 5), "upward") == ("<3", "<3", 5, 8)
    assert totals_seen((1, 1, 5), "upward") == ("<3", "<3", 5, "…")
    assert totals_seen((1, 5, 5), "upward") == ("<3", 5, 5, "…")
    assert totals_seen((0, 5, 5), "upward") == (0, 5, 5, 10)


def test_no_hidden_total_can_be_worked_out_from_three_levels():
    """A province over two districts of two communes."""
    alike = {}
    for totals in product(range(5), repeat=4):
        parts = [commune(f"c{number}", {"a": total}, "wider") for number, total in enumerate(totals)]
        split = [parts[:2], parts[2:]]
        districts = [
            district([{"a": one} for one in half], "upward", [node for node, _ in below], f"d{number}")
            for number, (half, below) in enumerate(zip((totals[:2], totals[2:]), split, strict=True))
        ]
        top = district([{"a": one} for one in totals], "upward", [node for node, _ in districts], "p")
        found = withheld(top[0])
        view = tuple(answer(node, seen, found)[0] for node, seen in (*parts, *districts, top))
        alike.setdefault(view, []).append(totals)
    for view, found in alike.items():
        for place in range(4):
            if view[place] == "<3":
                assert len({totals[place] for totals in found}) > 1, (view, found)


@pytest.mark.parametrize(("count", "largest"), [(2, 5), (3, 3)])
def test_no_hidden_cell_of_a_commune_can_be_worked_out(count, largest):
    """The district reads two or three communes and itself, with exact totals."""
    alike = {}
    for cells in product(range(largest + 1), repeat=2 * count):
        tables = [{"a": cells[2 * place], "b": cells[2 * place + 1]} for place in range(count)]
        communes = [commune(f"c{number}", table, "upward") for number, table in enumerate(tables)]
        node, seen = district(tables, "upward", [one for one, _ in communes])
        found = withheld(node)
        view = tuple(answer(one, copy, found) for one, copy in (*communes, (node, seen)))
        alike.setdefault(view, []).append(cells)
    for view, found in alike.items():
        for place in range(count):
            total, table = view[place]
            # Beyond these totals a look-alike may hold numbers that were not tried here.
            for row in (0, 1) if total <= largest else ():
                if table[row] is None:
                    assert len({cells[2 * place + row] for cells in found}) > 1, (view, found)


def test_a_row_of_a_district_does_not_give_a_communes_row_away():
    tables = [{"MALE": 1, "FEMALE": 4}, {"MALE": 5, "FEMALE": 6}]
    below = [commune(name, table, "upward")[0] for name, table in zip("AB", tables, strict=True)]
    node, seen = district(tables, "upward", below)
    found = withheld(node)
    assert found == {"district": Withheld(False, frozenset({"sex"}))}
    assert answer(node, seen, found) == (16, (None, None))


def test_what_adds_up_of_open_tables_stays_open():
    tables = [{"MALE": 3, "FEMALE": 4}, {"MALE": 5, "FEMALE": 0}]
    node, seen = district(tables, "upward", [commune(n, t, "upward")[0] for n, t in zip("AB", tables, strict=True)])
    assert withheld(node) == {}
    assert answer(node, seen, {}) == (12, (8, 4))


@pytest.mark.parametrize("missing", [1, 2, 7])
def test_a_commune_that_published_nothing_or_less_is_not_the_difference(missing):
    one = {"MALE": 5, "FEMALE": 6}
    below = [commune("A", one, "upward")[0], Node("B", True, None)]
    node, _ = district([one, {"MALE": missing}], "upward", below)
    assert withheld(node)["district"] == Withheld(False, frozenset({"sex"}))
    wide = [commune("A", one, "wider")[0], Node("B", False, None)]
    node, _ = district([one, {"MALE": missing}], "upward", wide)
    assert withheld(node)["district"].total == small(missing)


def test_a_unit_whose_communes_published_nothing_shows_its_own():
    node, _ = district([{"MALE": 5, "FEMALE": 1}], "upward", [Node("A", True, None)])
    assert withheld(node) == {}


def test_what_a_province_shows_gives_no_hidden_district_away():
    below = [commune("A", {"a": 1}, "wider")[0], commune("B", {"a": 9}, "wider")[0]]
    first, _ = district([{"a": 1}, {"a": 9}], "upward", below, "first")
    second, _ = commune("second", {"a": 20}, "upward")
    top, _ = district([{"a": 10}, {"a": 20}], "upward", [first, second], "province")
    assert {unit for unit, one in withheld(top).items() if one.total} == {"first", "province"}
