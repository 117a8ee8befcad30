"""The form takes whatever a person types; only an empty report is refused."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from services.intake import lenient
from shared.calendar import LOCAL


def read(directory, now, **fields):
    sent = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    return lenient.read(sent, directory, "binh-luong", now)


def test_an_empty_form_gets_a_sentence_beside_the_field(directory, now):
    reading = read(directory, now, description="  ", village="thon-3", form_key="k")

    assert reading.report is None
    assert reading.errors["description"].startswith("Xin cho biết")


def test_one_sentence_is_enough(directory, now):
    report = read(directory, now, description="Trẻ bị đánh").report

    assert report.description == "Trẻ bị đánh"
    assert report.channel == "WEB"
    assert report.received_at == now
    assert report.immediate_danger is None


def test_what_is_no_code_is_kept_as_text(directory, now):
    reading = read(directory, now, description="x", kinds=["VIOLENCE", "NONSENSE"], village="thon-99", child_age="chín")

    assert reading.report.kinds == ("VIOLENCE",)
    assert reading.report.village is None
    assert sorted(reading.report.extra.split("\n")) == ["child_age: chín", "kinds: NONSENSE", "village: thon-99"]
    assert "KEPT_AS_TEXT" in reading.warnings


def test_noughts_before_a_number_do_not_change_it(directory, now):
    assert read(directory, now, child_age="0000012").report.children[0]["age"] == 12
    assert read(directory, now, child_age="0000000").report.children[0]["age"] == 0
    assert read(directory, now, child_age="0000026").report.extra == "child_age: 0000026"
    assert read(directory, now, child_age="1" * 5000).report.extra == "child_age: " + "1" * 5000


def test_two_megabytes_of_text_are_kept(directory, now):
    story = "Chuyện dài. " * 170_000

    assert read(directory, now, description=story).report.description == story.strip()


def test_a_time_without_a_zone_is_the_wall_clock_of_the_commune(directory, now):
    report = read(directory, now, description="x", occurred_at="2023-05-31T19:30").report

    assert report.occurred_at == datetime(2023, 5, 31, 19, 30, tzinfo=LOCAL)


def test_a_time_ahead_of_the_clock_is_kept_as_text(directory, now):
    reading = read(directory, now, description="x", occurred_at="2031-01-01T00:00")

    assert reading.report.occurred_at is None
    assert "2031-01-01T00:00" in reading.report.extra
    assert "FUTURE_TIME" in reading.warnings


def test_a_time_of_long_ago_is_kept_as_text(directory, now):
    reading = read(directory, now, description="x", occurred_at="0001-01-01T00:00+14:00")

    assert reading.report.occurred_at is None
    assert "BAD_TIME" in reading.warnings


def test_a_workplace_in_words_is_kept_and_said_to_be_unknown(directory, now):
    reading = read(directory, now, description="x", suspect_works_at="Quán cà phê")

    assert reading.report.suspects == ({"works_at": "Quán cà phê"},)
    assert "WORKPLACE_UNKNOWN" in reading.warnings


def test_the_number_of_children_makes_as_many_cases(directory, now):
    report = read(directory, now, child_name="Bé", children_count="3").report

    assert len(report.children) == 3
    assert report.children[0] == {"full_name": "Bé"}


def test_who_should_not_know_is_taken_over(directory, now):
    reading = read(
        directory,
        now,
        description="x",
        withhold_from=[" TH-binh-luong ", "new-agency", "cô giáo!"],
        suspect_works_at="Công an xã  Bình Lương",
    )

    assert reading.report.withhold_from == ("th-binh-luong", "new-agency")
    assert reading.report.extra == "withhold_from: new-agency\nwithhold_from: cô giáo!"
    assert reading.report.suspects == ({"works_at": "ca-binh-luong"},)


names = st.sampled_from(
    ["description", "kinds", "village", "child_age", "children_count", "occurred_at", "immediate_danger", "child_sex",
     "withhold_from", "suspect_relation", "suspect_works_at", "child_school", "place", "reporter_phone", "environment"]
)  # fmt: skip


@given(fields=st.dictionaries(names, st.lists(st.text(max_size=30), max_size=3)))
def test_nothing_that_is_typed_breaks_the_form(directory, fields):
    now = datetime(2023, 6, 1, 8, tzinfo=LOCAL)
    reading = lenient.read(fields, directory, "binh-luong", now)

    assert (reading.report is None) == bool(reading.errors)
