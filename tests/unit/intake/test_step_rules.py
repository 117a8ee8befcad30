"""A step means something, or a sentence says what is wrong with it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.intake.steps import rules
from services.intake.steps.told import Told, case_called
from shared.calendar import LOCAL

OWN = ("7f0c7f0a-7d7e-5d0f-9d0a-000000000003", "7K2F93QD0A-2")
OTHER = "7f0c7f0a-7d7e-5d0f-9d0a-000000000009"


@pytest.fixture
def found(directory, now):
    def found(step, *, strict=True, **told):
        told.setdefault("at", now)
        return {one.field for one in rules.findings(Told(step, **told), directory, now, own=OWN, strict=strict)}

    return found


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("EMERGENCY_APPLIED", {}),
        ("INITIAL_ASSESSED", {"risk": "HIGH"}),
        ("CLOSED", {"risk": "LOW", "note": "Đã ổn định, rà soát ba lần."}),
        ("EMERGENCY_NOT_NEEDED", {"note": "Cháu đã ở nhà bà ngoại."}),
        ("ISOLATED", {"until": datetime(2023, 6, 10, tzinfo=LOCAL)}),
        ("ISOLATED", {}),
        ("CONFLICT_DECLARED", {"withhold_from": ("th-binh-luong", "school", "thon-3")}),
        ("CONFLICT_DECLARED", {"withhold_contacts": ("bvte-2",)}),
        ("AGENCY_RELEASED", {"released": ("th-binh-luong", "school")}),
        ("AGENCY_RELEASED", {"released_contacts": ("bvte-2",)}),
        ("MERGED_INTO", {"merged_into": OTHER, "note": "Cùng một cháu."}),
        ("MERGED_INTO", {"merged_into": "7K2F93QD0A-1", "note": "Cùng một cháu."}),
        ("TRANSFERRED", {"note": "Chuyển xã bên, cháu đã về đó."}),
        ("QUESTION_TO_REPORTER", {"note": "Cháu đang ở đâu?"}),
    ],
)
def test_what_is_right_passes(found, step, told):
    assert found(step, **told) == set()


@pytest.mark.parametrize(
    ("step", "told", "field"),
    [
        ("", {}, "step"),
        ("EATEN", {}, "step"),
        ("EMERGENCY_APPLIED", {"at": datetime(2023, 6, 1, 8, 11, tzinfo=LOCAL)}, "at"),
        ("EMERGENCY_APPLIED", {"at": datetime(1023, 6, 1, tzinfo=LOCAL)}, "at"),
        ("INITIAL_ASSESSED", {}, "risk"),
        ("DETAILED_ASSESSED", {}, "risk"),
        ("REVIEWED", {"risk": "TERRIBLE"}, "risk"),
        ("ISOLATED", {"until": datetime(2023, 6, 1, 8, 0, tzinfo=LOCAL)}, "until"),
        ("ISOLATED", {"until": datetime(9999, 12, 31, tzinfo=LOCAL)}, "until"),
        ("REVIEWED", {"until": datetime(2023, 6, 10, tzinfo=LOCAL)}, "until"),
        ("REVIEWED", {"withhold_from": ("th-binh-luong",)}, "withhold_from"),
        ("REVIEWED", {"withhold_contacts": ("bvte-2",)}, "withhold_contacts"),
        ("REVIEWED", {"released": ("th-binh-luong",)}, "released"),
        ("REVIEWED", {"merged_into": OTHER}, "merged_into"),
        ("CONFLICT_DECLARED", {}, "withhold_from"),
        ("CONFLICT_DECLARED", {"withhold_from": ("nobody",)}, "withhold_from"),
        ("CONFLICT_DECLARED", {"withhold_contacts": ("Cô Mẫu",)}, "withhold_contacts"),
        ("AGENCY_RELEASED", {}, "released"),
        ("AGENCY_RELEASED", {"released": ("nobody",)}, "released"),
        ("AGENCY_RELEASED", {"released_contacts": ("No contact",)}, "released_contacts"),
        ("REVIEWED", {"released_contacts": ("bvte-2",)}, "released_contacts"),
        ("MERGED_INTO", {"note": "Cùng một cháu."}, "merged_into"),
        ("MERGED_INTO", {"merged_into": "vụ hôm qua", "note": "Cùng một cháu."}, "merged_into"),
        ("MERGED_INTO", {"merged_into": OWN[0], "note": "Cùng một cháu."}, "merged_into"),
        ("MERGED_INTO", {"merged_into": OWN[1], "note": "Cùng một cháu."}, "merged_into"),
        ("QUESTION_TO_REPORTER", {}, "note"),
        ("EMERGENCY_NOT_NEEDED", {}, "note"),
        ("CLOSED", {}, "note"),
        ("UNFOUNDED", {}, "note"),
        ("TRANSFERRED", {}, "note"),
        ("MERGED_INTO", {"merged_into": OTHER}, "note"),
    ],
)
def test_what_is_wrong_is_named(found, step, told, field):
    assert found(step, **told) == {field}


def test_sentences_are_vietnamese_and_english_and_quote_nothing(directory, now):
    told = Told(
        "CONFLICT_DECLARED", now + timedelta(days=1), risk="MARKER", withhold_from=("MARKER",), released=("MARKER",)
    )

    for one in rules.findings(told, directory, now, own=OWN, strict=True):
        assert one.vi
        assert one.en
        assert "MARKER" not in one.vi + one.en


def test_on_the_form_an_agency_that_this_directory_lacks_stays_withheld_from(found):
    """The page may come from a newer directory, and whoever is left out would be told."""
    assert found("CONFLICT_DECLARED", strict=False, withhold_from=("truong-moi",)) == set()
    assert found("CONFLICT_DECLARED", strict=False, withhold_from=("cô giáo!",)) == {"withhold_from"}


@pytest.mark.parametrize(
    ("typed", "case"),
    [
        ("7k2f93qdoa-2", "7K2F93QD0A-2"),
        (" 7K2F9 3QD0A ", "7K2F93QD0A-1"),
        ("7K2F-93QD-0A-2", "7K2F93QD0A-2"),
        ("7k2f.93qd.oa–3", "7K2F93QD0A-3"),
        ("7K2F93QDIL-12", "7K2F93QD11-12"),
        (OTHER.upper(), OTHER),
        ("7K2F93QD0A-0", None),
        ("7K2F93QD0U-1", None),
        ("", None),
    ],
)
def test_a_case_is_known_by_code_or_id_however_it_is_typed(typed, case):
    assert case_called(typed) == case
