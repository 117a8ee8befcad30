"""What pages say of cases: facts without names, parts with labels, lists by what runs out, sums of what is seen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.reporting.staff.case_view import case_view
from services.reporting.staff.lists import entries
from services.reporting.staff.name_search import matches, words_of
from services.reporting.staff.own_figures import figures_of
from services.reporting.staff.part_view import sections_of
from services.reporting.staff.wording import length, local, until
from shared import case_codes
from tests.unit.reporting.staff.conftest import NOW, alerted, case, cases, reported, step

HOUR = timedelta(hours=1)


# --- one case -----------------------------------------------------------------------------------------------------


def test_yes_no_and_unknown_are_words_wherever_they_stand(directory):
    content = {"note": None, "fields": {"safe": True, "asked": [False, None]}}
    [section] = sections_of("step:e", content, directory)
    assert [line.value for line in section.lines] == ["Có", "Không; Không rõ"]


def test_a_case_in_words(directory):
    shown = case_view(case(), directory, NOW + HOUR, inner=True)
    facts = dict(shown.facts)
    assert (shown.code, shown.state, shown.urgent) == ("7K2F93QD0A-1", "Mới tiếp nhận", True)
    assert facts["Nơi xảy ra"] == "Thôn 3, Xã Bình Lương"
    assert facts["Tiếp nhận"] == "10:00 ngày 25/11/2026 (1 giờ trước)"
    assert facts["Người bị nghi là"] == "Cha hoặc mẹ"


def test_who_is_suspected_and_who_must_not_know_is_for_those_who_may_open_it(directory):
    found = case(step("CONFLICT_DECLARED", withhold_from=["ca-binh-luong"], withhold_contacts=["bvte-3"]))
    inner, outer = (case_view(found, directory, NOW, inner=may) for may in (True, False))
    assert dict(inner.facts)["Không được biết"] == "Công an xã Bình Lương"
    assert inner.steps[0].details == (
        "Không được biết: Công an xã Bình Lương",
        "Không được biết: 1 người trong danh bạ",
    )
    assert not {"Người bị nghi là", "Không được biết"} & dict(outer.facts).keys()
    assert outer.steps[0].details == ()


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        (["MEETING_HELD"], "Đã họp xác định nhu cầu"),
        (["PLAN_SUBMITTED"], "Đã trình kế hoạch"),
        (["EMERGENCY_APPLIED"], "Đã áp dụng biện pháp khẩn cấp"),
        (["CLOSED"], "Đã kết thúc"),
    ],
)
def test_a_state_says_where_a_case_is_and_not_what_is_to_be_done(directory, steps, state):
    assert case_view(case(*map(step, steps)), directory, NOW).state == state


def test_text_that_is_no_code_is_not_a_place(directory):
    assert dict(case_view(case(village="Nhà bà MARKER"), directory, NOW).facts)["Nơi xảy ra"] == "Xã Bình Lương"


def test_steps_are_told_newest_first_with_who_and_when(directory):
    found = case(step("INITIAL_ASSESSED", 1, risk="HIGH"), step("PLAN_SUBMITTED", 3, client="app", role=None))
    latest, first = case_view(found, directory, NOW).steps
    assert (latest.by, first.risk) == ("Đối tác gửi tin", "Nguy cơ: cao")
    assert first.at == "11:00 ngày 25/11/2026"
    assert first.by.endswith("Ban bảo vệ trẻ em xã Bình Lương")


def test_a_note_is_offered_only_where_this_viewer_may_open_it(directory):
    found = case(step("INITIAL_ASSESSED"))
    event = found["steps"][0]["event_id"]
    assert case_view(found, directory, NOW).steps[0].part == ""
    assert case_view(found, directory, NOW, {event}).steps[0].part == f"step:{event}"


def test_alerts_in_words(directory):
    found = case(alerted("ca-binh-luong"), alerted("bvte-binh-luong", "acknowledged", acknowledged=NOW))
    lines = {line.agency: line for line in case_view(found, directory, NOW).alerts}
    assert lines["Công an xã Bình Lương"].words == "đã gửi, chưa ai xác nhận"
    assert lines["Ban bảo vệ trẻ em xã Bình Lương"].when == "lúc 10:00 ngày 25/11/2026"


def test_an_alert_that_was_taken_back_is_shown_to_those_who_may_know_why(directory):
    found = case(alerted("ca-binh-luong", "withdrawn"), alerted("bvte-binh-luong"))
    inner, outer = (case_view(found, directory, NOW, inner=may).alerts for may in (True, False))
    assert (len(inner), [line.agency for line in outer]) == (2, ["Ban bảo vệ trẻ em xã Bình Lương"])


def test_the_school_of_another_child_is_not_among_those_who_were_told(directory):
    both = [alerted("th-binh-luong"), alerted("thcs-binh-luong"), alerted("ca-binh-luong")]
    found = cases(reported(schools=("th-binh-luong", "thcs-binh-luong")), *both)
    told = [{line["agency"] for line in one["alerts"]} for one in found]
    assert told == [{"th-binh-luong", "ca-binh-luong"}, {"thcs-binh-luong", "ca-binh-luong"}]


def test_an_approval_of_ones_own_plan_is_shown_as_one(directory):
    found = case(step("PLAN_SUBMITTED", 1, by="u"), step("PLAN_APPROVED", 2, by="u"))
    assert [line.own_plan for line in case_view(found, directory, NOW).steps] == [True, False]


# --- opened parts -------------------------------------------------------------------------------------------------

CHILD = {
    "child": {"full_name": "Lò Thị Bịa", "birth_date": "2014-03-02", "sex": "FEMALE", "school": "th-binh-luong",
              "father": {"full_name": "Lò Văn Bịa", "age": 38, "phone": "+84 000 000 007"},
              "mother": {"full_name": "Vi Thị Bịa", "phone": "+84000000008"}, "new_field": "giá trị mới"},
    "description": "Chuyện bịa ra",
    "place": "Cuối thôn",
    "external_id": None,
    "extra": None,
}  # fmt: skip


def lines_of(part, content, directory, suspected=()):
    sections = sections_of(part, content, directory, suspected)
    return {line.label: line for section in sections for line in section.lines}


def test_a_child_in_words(directory):
    lines = lines_of("child", CHILD, directory)
    assert lines["Họ và tên"].first
    assert (lines["Ngày sinh"].value, lines["Giới tính"].value) == ("02/03/2014", "Nữ")
    assert lines["Trường"].value == "Trường Tiểu học Bình Lương"
    assert (lines["Cha"].value, lines["Cha"].call) == ("Lò Văn Bịa, 38 tuổi, +84 000 000 007", "+84000000007")
    assert lines["Nội dung tin báo"].value == "Chuyện bịa ra"
    assert lines["new_field"].value == "giá trị mới"


def test_whoever_has_one_child_of_several_reads_nothing_of_all_of_them_together(directory):
    [section] = sections_of("child", CHILD, directory, whole=False)
    assert section.title == "Trẻ em"
    assert "Chuyện bịa ra" not in str(section)


@pytest.mark.parametrize(
    ("relation", "barred"), [("FATHER", {"Cha"}), ("MOTHER", {"Mẹ"}), ("PARENT", {"Cha", "Mẹ"}), ("NEIGHBOUR", set())]
)
def test_nobody_rings_a_suspected_parent_by_a_tap(directory, relation, barred):
    lines = lines_of("child", CHILD, directory, [relation])
    assert {label for label in ("Cha", "Mẹ") if not lines[label].call} == barred
    assert all(bool(lines[label].warning) == (label in barred) for label in ("Cha", "Mẹ"))


def test_a_reporter_who_does_not_want_to_be_rung_is_not_rung(directory):
    told = {"full_name": "Bịa", "phone": "+84000000003", "may_be_called": False, "safe_time_to_call": "Sau 20 giờ"}
    lines = lines_of("reporter", told, directory)
    assert lines["Điện thoại"].call == ""
    assert lines["Điện thoại"].warning
    assert lines_of("reporter", {**told, "may_be_called": True}, directory)["Điện thoại"].call == "+84000000003"
    labels = list(lines)
    assert labels.index("Giờ gọi an toàn") < labels.index("Điện thoại")


def test_several_suspects_are_several_headings(directory):
    sections = sections_of("suspect", {"suspects": [{"relation": "TEACHER"}, {"full_name": "Bịa"}]}, directory)
    assert [section.title for section in sections] == ["Người bị nghi 1", "Người bị nghi 2"]


def test_the_note_of_a_step_and_what_else_was_written(directory):
    lines = lines_of("step:e", {"note": "Đã đến nhà", "fields": {"muc": "điều khác"}}, directory)
    assert {label: line.value for label, line in lines.items()} == {"Ghi chú": "Đã đến nhà", "muc": "điều khác"}


@pytest.mark.parametrize(("part", "content"), [("child", {}), ("suspect", {}), ("reporter", None), ("step:e", None)])
def test_nothing_in_it_is_nothing_shown(directory, part, content):
    assert sections_of(part, content, directory) == []


# --- lists and sums -----------------------------------------------------------------------------------------------


def test_what_runs_out_first_stands_on_top_and_what_has_no_clock_last(directory):
    late = cases(reported(incident="a", received=NOW - 13 * HOUR))
    soon = cases(reported(incident="b", received=NOW - 2 * HOUR, children=3))
    none = cases(reported(incident="c", received=NOW - HOUR, backfill=True))
    found = entries([*none, *soon, *late], directory, None, NOW)
    assert [entry.received_at for entry in found] == [NOW - 13 * HOUR, NOW - 2 * HOUR, NOW - HOUR]
    assert [entry.late for entry in found] == [True, False, False]
    assert [child.number for child in found[1].children] == [1, 2, 3]


def test_an_alert_that_ones_own_agency_has_not_answered_is_said(directory):
    found = cases(reported(), alerted("ca-binh-luong"))
    assert entries(found, directory, "ca-binh-luong", NOW)[0].unanswered
    assert not entries(found, directory, "bvte-binh-luong", NOW)[0].unanswered
    answered = cases(reported(), alerted("ca-binh-luong", "acknowledged", acknowledged=NOW))
    assert not entries(answered, directory, "ca-binh-luong", NOW)[0].unanswered


def test_sums_of_what_is_seen(directory):
    seen = [
        *cases(reported(incident="a", received=NOW - 13 * HOUR, children=2), step("CLOSED", incident="a", child=2)),
        *cases(reported(incident="b", kinds=["NEGLECT", "VIOLENCE"], village=None)),
        *cases(reported(incident="c", received=NOW - timedelta(days=60))),
    ]
    found = figures_of(seen, directory, NOW)
    assert (found.open, found.late, found.this_month, found.this_year) == (3, 2, 3, 4)
    assert found.states == [("Mới tiếp nhận", 3), ("Đã kết thúc", 1)]
    assert dict(found.kinds) == {"Bạo lực trẻ em": 3, "Bỏ mặc trẻ em": 1}
    assert dict(found.villages) == {"Thôn 3": 2, "Chưa rõ thôn": 1}


def test_a_drill_is_in_no_sum(directory):
    drill = [{**one, "drill": True} for one in cases(reported())]
    assert figures_of(drill, directory, NOW).open == 0


# --- search and codes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["lo thi bia", "Thị LÒ", "bịa lò", "vi bia", "lò v"])
def test_a_name_is_found_without_tones_and_in_any_order(text):
    assert matches(words_of(text), CHILD)


@pytest.mark.parametrize("text", ["", "  ", "ho thi bia", "lo vi", "chuyện", "thôn"])
def test_another_name_or_a_word_of_the_story_is_not(text):
    assert not matches(words_of(text), CHILD)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("7K2F93QD0A", ("7K2F93QD0A", None)),
        ("7k2f93qdoa-1", ("7K2F93QD0A", 1)),
        (" 7K2F 93QD 0A - 12 ", ("7K2F93QD0A", 12)),
        ("7K2F-93QD-0A", ("7K2F93QD0A", None)),
        ("7K2F93QD0A–3", ("7K2F93QD0A", 3)),
        ("7K2F93QD0", None),
        ("7K2F93QD0A-0", None),
        ("7K2F93QDUA", None),
        ("Nguyễn Văn", None),
        ("", None),
    ],
)
def test_codes_as_people_type_them(text, read):
    assert case_codes.read(text) == read


def test_times_as_people_here_write_them():
    assert local(NOW) == "10:00 ngày 25/11/2026"
    assert until(NOW, NOW + 26 * HOUR) == "quá 1 ngày 2 giờ"
    assert until(NOW + timedelta(minutes=5), NOW) == "còn 5 phút"
    assert [length(timedelta(days=days)) for days in (3, 12)] == ["3 ngày", "12 ngày"]
