from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shared.directory import Directory, load
from tests.unit.directory.conftest import Edit


def rows(directory: Directory, table: str) -> dict[str, dict[str, Any]]:
    document: Any = directory.codes_document()
    return {row["code"]: row for row in document["tables"][table]["codes"]}


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("channels", "PHONE IN_PERSON WEB SMS OTHER_PERSON HOTLINE_111 SCHOOL VILLAGE POLICE APP"),
        (
            "kinds",
            "VIOLENCE EXPLOITATION SEXUAL_ABUSE TRAFFICKING ABANDONMENT NEGLECT OTHER_HARM INJURY_ACCIDENT DROWNING "
            "TRAFFIC_ACCIDENT CHILD_LABOUR EARLY_MARRIAGE SCHOOL_VIOLENCE ONLINE_ABUSE SPECIAL_CIRCUMSTANCE AT_RISK "
            "DISASTER",
        ),
        ("environments", "FAMILY SCHOOL COMMUNITY ONLINE FACILITY OTHER UNKNOWN"),
        ("sexes", "MALE FEMALE UNKNOWN"),
        ("ethnic_groups", "KINH TAY THAI MUONG HMONG THO OTHER UNKNOWN"),
        (
            "special_groups",
            "ORPHAN_BOTH ABANDONED NO_SUPPORT DISABLED HIV OFFENDER DRUG_ADDICT DROPOUT_WORKING "
            "VIOLENCE_SEVERE EXPLOITED SEXUALLY_ABUSED TRAFFICKED SERIOUS_ILLNESS_POOR "
            "MIGRANT_REFUGEE_UNACCOMPANIED",
        ),
        (
            "relations",
            "PARENT CARER RELATIVE TEACHER SCHOOL_STAFF SCHOOL_HEAD PUPIL PEER NEIGHBOUR ACQUAINTANCE STRANGER "
            "POLICE_OFFICER COMMITTEE_MEMBER OFFICIAL OTHER UNKNOWN",
        ),
        ("reporter_relations", "NEIGHBOUR PARENT CHILD TEACHER OTHER UNKNOWN"),
        ("age_bands", "0-2 3-5 6-10 11-15 16-17 UNKNOWN"),
        ("agency_kinds", "committee police school"),
        ("units", "binh-luong thon-3 nhu-xuan"),
        ("agencies", "th-binh-luong bvte-binh-luong"),
        ("clocks", "EMERGENCY_MEASURE"),
        ("indicators", "REPORTED_CHILDREN"),
    ],
)
def test_the_contract_has_its_codes_with_both_labels(directory: Directory, table: str, codes: str) -> None:
    found = rows(directory, table)
    assert set(codes.split()) <= set(found)
    assert all(row["vi"] and row["en"] for row in found.values())


def test_there_are_54_ethnic_groups_and_14_special_ones(directory: Directory) -> None:
    assert len(set(directory.codes("ethnic_groups")) - {"OTHER", "UNKNOWN"}) == 54
    groups = directory.codes("special_groups").values()
    assert [group.attrs["letter"] for group in groups] == list("abcdđeghiklmno")


def test_the_abuse_forms_of_the_law_are_marked(directory: Directory) -> None:
    named = {code for code, kind in directory.codes("kinds").items() if "article" in kind.attrs}
    assert named == set("VIOLENCE EXPLOITATION SEXUAL_ABUSE TRAFFICKING ABANDONMENT NEGLECT OTHER_HARM".split())
    assert all(directory.code("kinds", code).flag("abuse") for code in named)
    assert not any(
        directory.code("kinds", code).flag("abuse") for code in ("DROWNING", "DISASTER", "SPECIAL_CIRCUMSTANCE")
    )


def test_the_document_is_json_and_holds_no_partner(folder: Path, edit: Edit) -> None:
    plain = load(folder)
    edit(
        "partners.yaml",
        "partners: []",
        f"partners:\n  - {{id: app, name: Mau, unit: binh-luong, scopes: [operator], expires: 2030-01-01, "
        f'token_sha256: ["{"ab" * 32}"]}}',
    )
    with_partner = load(folder)
    text = json.dumps(with_partner.codes_document(), ensure_ascii=False)
    assert "abab" not in text
    assert "Mau" not in text
    assert with_partner.codes_version == plain.codes_version, "a new partner is no new code table"
    assert with_partner.version != plain.version
    assert "abab" not in repr(with_partner)


def test_a_new_label_is_a_new_version_of_the_codes(folder: Path, edit: Edit) -> None:
    before = load(folder).codes_version
    edit("codes.yaml", "vi: Đuối nước", "vi: Trẻ em đuối nước")
    assert load(folder).codes_version != before


def test_a_closed_code_stays_readable_and_is_no_longer_offered(folder: Path, edit: Edit) -> None:
    edit("codes.yaml", "code: SMS, vi: Tin nhắn,", "code: SMS, valid_to: 2025-12-31, vi: Tin nhắn,")
    directory = load(folder)
    assert directory.code("channels", "SMS").label() == "Tin nhắn"
    offered = {
        day: {code.code for code in directory.codes_in_force("channels", day)}
        for day in (date(2025, 12, 31), date(2026, 1, 1))
    }
    assert "SMS" in offered[date(2025, 12, 31)]
    assert "SMS" not in offered[date(2026, 1, 1)]
    assert rows(directory, "channels")["SMS"]["valid_to"] == "2025-12-31"


def test_text_that_looks_like_yaml_s_no_stays_text(folder: Path, edit: Edit) -> None:
    edit("codes.yaml", "code: SMS, vi: Tin nhắn, en: Text message", "code: NO, vi: No, en: Off")
    code = load(folder).code("channels", "NO")
    assert (code.known, code.vi, code.en) == (True, "No", "Off")
