"""What staff type is read as they mean it; what cannot be read is said, and nothing is dropped."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.intake.steps import form_fields, rules
from shared.calendar import LOCAL


def read(directory, now, **fields):
    sent = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    return form_fields.read(sent, directory, now)


def test_a_whole_form(directory, now):
    told = read(
        directory,
        now,
        step="INITIAL_ASSESSED",
        at="2023-06-01T07:30",
        risk="HIGH",
        note=" Đã gặp cháu.\r\nCháu an toàn. ",
        grant="g",
        csrf="c",
        form_key="k",
    ).told

    assert (told.step, told.risk) == ("INITIAL_ASSESSED", "HIGH")
    assert told.at == datetime(2023, 6, 1, 7, 30, tzinfo=LOCAL)
    assert told.note == "Đã gặp cháu.\nCháu an toàn."
    assert told.fields == {}


def test_no_time_means_just_now(directory, now):
    assert read(directory, now, step="CLOSED", at=" ").told.at == now


def test_a_time_may_be_typed_as_people_write_it(directory, now):
    for typed in ("01/06/2023 07:30", "07:30 01/06/2023", "2023-06-01 07:30", "2023-06-01T00:30:00+00:00"):
        assert read(directory, now, at=typed).told.at == datetime(2023, 6, 1, 0, 30, tzinfo=UTC), typed


def test_a_time_that_cannot_be_read_has_a_sentence(directory, now):
    reading = read(directory, now, step="CLOSED", at="hôm qua", until="tuần sau")

    assert {one.field for one in reading.findings} == {"at", "until"}


def test_who_must_not_know_is_known_by_name_or_code(directory, now):
    told = read(directory, now, withhold_from=["Trường Tiểu học Bình Lương", " CA-binh-luong ", "school", ""]).told

    assert told.withhold_from == ("th-binh-luong", "ca-binh-luong", "school")


def test_a_field_that_nobody_knows_is_kept_and_sealed_with_the_note(directory, now):
    told = read(directory, now, step="CLOSED", next_visit="thứ Hai", empty="").told

    assert told.fields == {"next_visit": "thứ Hai"}


def test_the_same_words_with_a_newer_right_are_the_same(directory, now):
    first = {"note": ["x"], "grant": ["g1"], "csrf": ["c1"], "form_key": ["k"]}

    assert form_fields.told_in(first) == form_fields.told_in({**first, "grant": ["g2"], "csrf": ["c2"]})
    assert form_fields.told_in(first) != form_fields.told_in({**first, "note": ["y"]})


names = st.sampled_from([*form_fields.KNOWN, *form_fields.PROOFS, "next_visit"])


@given(fields=st.dictionaries(names, st.lists(st.text(max_size=30), max_size=3)))
def test_nothing_that_is_typed_breaks_the_form(directory, fields):
    now = datetime(2023, 6, 1, 8, tzinfo=LOCAL)
    reading = form_fields.read(fields, directory, now)

    rules.findings(reading.told, directory, now, own=("a", "b"), strict=False)
