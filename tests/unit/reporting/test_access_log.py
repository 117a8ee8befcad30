"""The chain of the access log: whatever is done to a row afterwards is seen, and the first such row is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.reporting.access_log import START, Broken, Head, checked, hash_of


@pytest.fixture
def rows():
    made, previous = [], START
    for number in range(1, 6):
        row = {
            "_id": number,
            "at": datetime(2026, 11, 23, 3, tzinfo=UTC) + timedelta(minutes=number),
            "account": "acc-1",
            "role": "police",
            "unit": "binh-luong",
            "action": "case.open",
            "incident": "incident-1",
            "case": "case-1",
            "part": "child",
            "reason": "HANDLE_CASE",
            "note": None,
            "previous": previous,
        }
        previous = row["hash"] = hash_of(row)
        made.append(row)
    return made


def rechained(rows, start):
    """What somebody does who has read this code: every hash from there on is made anew."""
    for number in range(start, len(rows)):
        rows[number]["previous"] = rows[number - 1]["hash"] if number else START
        rows[number]["hash"] = hash_of(rows[number])


def test_an_untouched_log_has_a_head(rows):
    assert checked(iter(rows), []) == Head(5, rows[-1]["hash"])
    assert checked(iter([]), []) == Head(0, START)


@pytest.mark.parametrize(
    "field", ["at", "account", "role", "unit", "action", "incident", "case", "part", "reason", "note"]
)
def test_a_changed_field_is_found_at_its_row(rows, field):
    rows[2][field] = rows[2]["at"] + timedelta(seconds=1) if field == "at" else "someone else"
    found = checked(iter(rows), [])
    assert isinstance(found, Broken)
    assert (found.number, "changed" in found.what) == (3, True)


def test_a_row_that_was_taken_out_is_found(rows):
    del rows[1]
    found = checked(iter(rows), [])
    assert isinstance(found, Broken)
    assert (found.number, "missing" in found.what) == (2, True)


def test_a_row_that_was_slipped_in_is_found(rows):
    rows.insert(2, {**rows[2], "_id": 3, "account": "other"})
    found = checked(iter(rows), [])
    assert isinstance(found, Broken)
    assert found.number == 3


def test_rows_that_changed_places_are_found(rows):
    rows[1], rows[2] = {**rows[2], "_id": 2}, {**rows[1], "_id": 3}
    found = checked(iter(rows), [])
    assert isinstance(found, Broken)
    assert found.number == 2


def test_a_log_written_anew_does_not_fit_the_head_that_was_sent_out(rows):
    sent = Head(3, rows[2]["hash"])
    rows[1]["account"] = "other"
    rechained(rows, 1)
    assert checked(iter(rows), []) == Head(5, rows[-1]["hash"])
    found = checked(iter(rows), [sent])
    assert isinstance(found, Broken)
    assert (found.number, "sent out" in found.what) == (3, True)


def test_a_log_whose_end_was_cut_off_does_not_fit_either(rows):
    sent = Head(5, rows[4]["hash"])
    found = checked(iter(rows[:3]), [sent])
    assert isinstance(found, Broken)
    assert (found.number, "missing" in found.what) == (4, True)


def test_heads_that_fit_are_no_trouble(rows):
    heads = [Head(0, START), Head(2, rows[1]["hash"]), Head(5, rows[4]["hash"])]
    assert checked(iter(rows), heads) == Head(5, rows[4]["hash"])


def test_a_head_is_read_as_it_was_sent(rows):
    head = Head(5, rows[-1]["hash"])
    assert Head.parse(str(head)) == head
    for text in ("", "5", "five " + "0" * 64, "5 xyz"):
        with pytest.raises(ValueError, match=r".+"):
            Head.parse(text)
