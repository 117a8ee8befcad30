"""What changed between two versions, as one audience may know it."""

from __future__ import annotations

from services.reporting.reports.content import changes


def data(total, **tables):
    return {
        "total": total,
        "tables": [
            {"by": by, "rows": [{"code": code, "value": value} for code, value in rows.items()]}
            for by, rows in tables.items()
        ],
    }


def test_a_first_version_changes_nothing():
    assert changes(None, data(3, sex={"M": 3})) == []


def test_equal_numbers_change_nothing_and_a_new_row_of_zero_neither():
    assert changes(data(3, sex={"M": 3}), data(3, sex={"M": 3, "U": 0})) == []


def test_every_number_that_differs_is_named_once():
    old, new = data(3, sex={"M": 3, "F": 0}, village={"1": 3}), data(4, sex={"M": None, "F": None}, village={"2": 4})
    assert changes(old, new) == [
        {"table": None, "row": None, "old": 3, "new": 4},
        {"table": "sex", "row": "M", "old": 3, "new": None},
        {"table": "sex", "row": "F", "old": 0, "new": None},
        {"table": "village", "row": "2", "old": 0, "new": 4},
        {"table": "village", "row": "1", "old": 3, "new": 0},
    ]
