"""What goes which way: codes and flags in the clear, everything personal sealed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from services.intake import split
from services.intake.report import Report
from shared.events.incident import ReportedSchema

RECEIVED = datetime(2023, 6, 1, 0, 55, tzinfo=UTC)


def clear(report, directory):
    return split.clear_part(report, directory, incident_id="i-1", code="ABC", accepted_at=RECEIVED, client="public")


def test_a_marker_in_any_free_field_stays_out_of_the_clear_part(directory):
    marker = "DẤU-VẾT-Nguyễn"
    child = dict.fromkeys(
        ["full_name", "address", "condition", "likely_consequence", "carer", "prior_actions", "where_now"], marker
    )
    report = Report(
        commune="binh-luong",
        received_at=RECEIVED,
        place=marker,
        description=marker,
        external_id=marker,
        extra=marker,
        children=({**child, "father": {"full_name": marker}, "school": "th-binh-luong"},),
        suspects=({"relation": "PARENT", "works_at": marker, "description": marker},),
        reporter={"full_name": marker, "phone": marker},
    )

    assert marker not in json.dumps(clear(report, directory), ensure_ascii=False)
    sealed = split.sealed_parts(report, incident_id="i-1")
    assert marker not in json.dumps(sealed["counting"], ensure_ascii=False)
    assert all(marker in json.dumps(sealed[part], ensure_ascii=False) for part in ("child", "suspect", "reporter"))


def test_a_report_without_children_is_one_case_of_an_unknown_child(directory):
    report = Report(commune="binh-luong", received_at=RECEIVED)

    (case,) = clear(report, directory)["cases"]
    (counted,) = split.sealed_parts(report, incident_id="i-1")["counting"]["cases"]
    assert case == {"case_id": counted["case_id"], "number": 1, "school": None, "residence_commune": None}
    assert counted["sex"] == "UNKNOWN"
    assert counted["age_received"] is None


def test_three_children_are_three_cases_with_ids_of_their_own(directory):
    report = Report(commune="binh-luong", received_at=RECEIVED, children=({"age": 1}, {"age": 2}, {"age": 3}))

    ids = split.case_ids(report, "i-1")

    assert len(set(ids)) == 3
    assert [case["number"] for case in clear(report, directory)["cases"]] == [1, 2, 3]
    assert ids == split.case_ids(report, "i-1") != split.case_ids(report, "i-2")


@pytest.mark.parametrize(
    ("child", "occurred", "at_reception", "at_occurrence"),
    [
        ({"birth_date": "2014-06-01"}, None, 9, 9),
        ({"birth_date": "2014-06-01"}, datetime(2023, 5, 31, 12, tzinfo=UTC), 9, 8),
        # 17:30 UTC on 31 May is the morning of 1 June in Vietnam: the birthday.
        ({"birth_date": "2014-06-01"}, datetime(2023, 5, 31, 17, 30, tzinfo=UTC), 9, 9),
        ({"birth_date": "2024-01-01"}, None, None, None),
        ({"age": 9}, datetime(2021, 5, 1, tzinfo=UTC), 9, 7),
        ({"age": 1}, datetime(2010, 5, 1, tzinfo=UTC), 1, 0),
        ({}, None, None, None),
    ],
)
def test_an_age_is_in_completed_years_on_the_local_day(child, occurred, at_reception, at_occurrence):
    report = Report(commune="binh-luong", received_at=RECEIVED, occurred_at=occurred, children=(child,))

    (counted,) = split.sealed_parts(report, incident_id="i-1")["counting"]["cases"]

    assert (counted["age_received"], counted["age_occurred"]) == (at_reception, at_occurrence)


def test_where_the_suspect_works_is_withheld_from_when_it_is_an_agency(directory):
    report = Report(
        commune="binh-luong",
        received_at=RECEIVED,
        withhold_from=("ca-binh-luong",),
        suspects=({"works_at": "th-binh-luong"}, {"works_at": "Quán cà phê"}, {"works_at": "ca-binh-luong"}),
    )

    assert clear(report, directory)["withhold_from"] == ["ca-binh-luong", "th-binh-luong"]


def test_the_clear_part_is_what_the_event_schema_says(directory):
    report = Report(commune="binh-luong", received_at=RECEIVED, children=({"age": 5},), kinds=("VIOLENCE",))
    data = {
        **clear(report, directory),
        "warnings": [],
        "sealed": {"schema": 1, "key_id": "k", "wrapped": "", "parts": {}},
    }

    assert ReportedSchema().validate(data) == {}
    assert set(data) == set(ReportedSchema().fields)
    assert data["young_child"] is True


def test_a_workplace_is_known_by_code_or_name_however_it_is_typed(directory):
    for typed in ("th-binh-luong", " TH-Binh-Luong ", "trường tiểu học  Bình Lương", "Trường Tiểu học Bình Lương"):
        report = Report(commune="binh-luong", received_at=RECEIVED, suspects=({"works_at": typed},))
        assert clear(report, directory)["withhold_from"] == ["th-binh-luong"], typed


def test_a_suspect_of_whom_nothing_is_said_is_of_unknown_relation(directory):
    report = Report(commune="binh-luong", received_at=RECEIVED, suspects=({"relation": "PUPIL"}, {"description": "x"}))

    assert clear(report, directory)["suspect_relations"] == ["PUPIL", "UNKNOWN"]
