"""A clerk's slip is named by file and place, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from shared.directory import DirectoryError, load
from tests.unit.directory.conftest import Edit

LAST_ROW = "  - name: Mọi tin báo\n    kinds: [any]"
PARTNER = """partners:
  - id: app
    name: App
    unit: binh-luong
    scopes: [incident:write]
    expires: 2027-12-31
    token_sha256: ["{}"]
"""
HASH = "ab" * 32


@pytest.mark.parametrize(
    ("file", "old", "new", "path", "what"),
    [
        ("directory.yaml", "version: 1", "version: one", "version", "whole number"),
        ("directory.yaml", "version: 1", "version: 0", "version", "greater than or equal to 1"),
        ("directory.yaml", "version: 1\n", "", "version", "is missing; add it"),
        ("directory.yaml", "home: binh-luong", "home: thon-1", "home", "is not a commune"),
        ("directory.yaml", "home: binh-luong", "home: binh-luong\nnmae: x", "nmae", "typing slip"),
        ("directory.yaml", "version: 1", "version: 1\nversion: 2", "line", "is there twice"),
        ("directory.yaml", "version: 1", "version: [1", "line", "is not readable YAML"),
        (
            "agencies.yaml",
            "agency: ca-thanh-hoa",
            "agency: ca-thanh-hoà",
            "agencies[6].superior[0].agency",
            '"ca-thanh-hoà" is not an agency',
        ),
        (
            "agencies.yaml",
            "agency: pldtbxh-nhu-xuan",
            "agency: nobody",
            "agencies[0].superior[0].agency",
            '"nobody" is not an agency',
        ),
        ("agencies.yaml", "kind: police\n", "kind: polise\n", "agencies[1].kind", '"polise" is not in the table'),
        ("agencies.yaml", "unit: nhu-xuan", "unit: nhu", "agencies[5].unit", '"nhu" is not a unit'),
        (
            "agencies.yaml",
            "ca-ke-nhiem-nhu-xuan, valid_from: 2025-07-01",
            "ca-ke-nhiem-nhu-xuan, valid_from: 2025-08-01",
            "agencies[1].superior",
            "nobody is above from 2025-07-01",
        ),
        (
            "agencies.yaml",
            "ca-ke-nhiem-nhu-xuan, valid_from: 2025-07-01",
            "ca-ke-nhiem-nhu-xuan, valid_from: 2025-06-01",
            "agencies[1].superior[1]",
            "reaches beyond the dates",
        ),
        ("agencies.yaml", "agency: te-thanh-hoa", "agency: pldtbxh-nhu-xuan", "agencies[5]", "is above itself"),
        ("agencies.yaml", "code: ca-binh-luong", "code: bvte-binh-luong", "agencies[1].code", "is there twice"),
        ("agencies.yaml", "code: ca-binh-luong", "code: CA_BL", "agencies[1].code", "is not a code"),
        (
            "agencies.yaml",
            "    valid_to: 2025-06-30\n    superior: [{agency: te-thanh-hoa}]",
            "    valid_to: 2025-12-31\n    superior: [{agency: te-thanh-hoa}]",
            "agencies[5]",
            "outlives its unit",
        ),
        ("units.yaml", "valid_to: 2025-06-30}", "valid_to: 30/6/2025}", "units[1].parents[0].valid_to", "is not a day"),
        ("units.yaml", "level: DISTRICT", "level: COUNTY", "units[1].level", '"COUNTY" is not in'),
        (
            "units.yaml",
            "{unit: nhu-xuan, valid_to: 2025-06-30}",
            "{unit: nhu-xuan, valid_to: 2025-05-31}",
            "units[3].parents",
            "nobody is above from 2025-06-01",
        ),
        (
            "units.yaml",
            "- {unit: ke-nhiem-nhu-xuan, valid_from: 2025-07-01}",
            "- {unit: thanh-hoa}",
            "units[3].parents",
            "two at once",
        ),
        (
            "units.yaml",
            "    valid_to: 2025-06-30\n",
            "    valid_from: 2025-07-01\n    valid_to: 2025-06-30\n",
            "units[1].valid_to",
            "before valid_from",
        ),
        ("duties.yaml", LAST_ROW, LAST_ROW.replace("any", "abuse"), "rows", "nobody tells the committee"),
        ("duties.yaml", "kinds: [AT_RISK,", "kinds: [AT_RSK,", "rows[3].kinds", '"AT_RSK" is not a kind'),
        ("duties.yaml", "danger: [now, unknown]", "danger: [now, maybe]", "rows[0].danger[1]", "must be any, now"),
        ("duties.yaml", "environment: [SCHOOL]", "environment: [SCOOL]", "rows[1].environment", "SCOOL"),
        ("duties.yaml", "school: SUPPORT_PUPIL", "schol: SUPPORT_PUPIL", "rows[6].tell", '"schol" is not in'),
        ("duties.yaml", "school: SUPPORT_PUPIL", "school: SUPORT", "rows[6].tell.school", '"SUPORT" is not in'),
        ("clocks.yaml", "limit: {minutes: 30}", "limit: {minutes: soon}", "clocks[0].limit", "not a length of time"),
        ("clocks.yaml", "limit: {hours: 12}", "limit: PT0H", "clocks[2].limit", "longer than nothing"),
        ("clocks.yaml", "code: PLAN_APPROVED", "code: PLAN_OK", "clocks", '"PLAN_APPROVED" is missing'),
        ("clocks.yaml", "code: STEP_AFTER_ACKNOWLEDGED", "code: STEP_AFTER", "clocks", "STEP_AFTER_ACKNOWLEDGED"),
        (
            "clocks.yaml",
            "limit: {minutes: 30}",
            "limit: {working_days: 1}",
            "clocks[0].limit",
            "can't be working days",
        ),
        (
            "clocks.yaml",
            "urgent_limit: {minutes: 30}",
            "urgent_limit: {working_days: 1}",
            "clocks[2].urgent_limit",
            "can't be working days",
        ),
        ("clocks.yaml", "limit: {hours: 12}", "limit: {days: 99999999999}", "clocks[2].limit", "at most 10000 days"),
        ("codes.yaml", 'code: "drill:write"', 'code: "drill:wriet"', "tables.scopes.codes", "these and no others"),
        ("clocks.yaml", "    verified: true", "    verified: perhaps", "clocks[3].verified", "true or false"),
        ("codes.yaml", "  urgencies:", "  urgent:", "tables.urgencies", "is missing; add this table"),
        ("codes.yaml", "group: SEXUAL", "group: SEX", "tables.kinds.codes[2].group", '"SEX"'),
        (
            "codes.yaml",
            "abuse: true, group: VIOLENCE_GROUP",
            "group: VIOLENCE_GROUP",
            "tables.kinds.codes[0].abuse",
            "is missing",
        ),
        (
            "codes.yaml",
            "en: Teacher, bars: [school]",
            "en: Teacher, bars: [shool]",
            "tables.relations.codes[8].bars",
            '"shool" is not in agency_kinds',
        ),
        ("indicators.yaml", "groupings: [kind, sex", "groupings: [kind, sx", "indicators[0].groupings", '"sx"'),
        ("indicators.yaml", "from_age: 3,", "from_age: 2,", "age_bands.bands", "age 2 lies in 0-2 and 3-5"),
        ("partners.yaml", "partners: []", PARTNER.format("short"), "partners[0].token_sha256[0]", "is not a SHA-256"),
        (
            "partners.yaml",
            "partners: []",
            PARTNER.format(HASH).replace("unit: binh-luong", "unit: moon"),
            "partners[0].unit",
            '"moon" is not a unit',
        ),
        (
            "partners.yaml",
            "partners: []",
            PARTNER.format(HASH).replace("incident:write", "incident:all"),
            "partners[0].scopes[0]",
            "is not a scope",
        ),
        (
            "partners.yaml",
            "partners: []",
            PARTNER.format(f'{HASH}", "{HASH}'),
            "partners[0].token_sha256[1]",
            "is also of",
        ),
        (
            "holidays.yaml",
            "days: []",
            "days: [{date: 2027-02-30, working: false, name: x}]",
            "days[0].date",
            "is not a day",
        ),
    ],
)
def test_a_slip_is_named_by_file_and_place(
    folder: Path, edit: Edit, file: str, old: str, new: str, path: str, what: str
) -> None:
    edit(file, old, new)
    with pytest.raises(DirectoryError) as caught:
        load(folder)
    assert caught.value.file == file
    assert caught.value.path.startswith(path) if path == "line" else caught.value.path == path
    assert what in caught.value.what
    assert str(caught.value) == f"{file}: {caught.value.path}: {caught.value.what}"


@pytest.mark.parametrize("table", ["steps", "roles", "risk_levels", "open_reasons"])
def test_a_table_that_pages_cannot_do_without_is_asked_for(folder: Path, table: str) -> None:
    tables = yaml.safe_load((folder / "codes.yaml").read_text("utf-8"))["tables"]
    del tables[table]
    (folder / "codes.yaml").write_text(yaml.safe_dump({"tables": tables}, allow_unicode=True), "utf-8")
    with pytest.raises(DirectoryError, match=rf"tables\.{table}: is missing"):
        load(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "clocks.yaml").unlink()
    with pytest.raises(DirectoryError, match=r"^clocks\.yaml: is missing"):
        load(folder)


def test_a_file_that_is_not_utf_8_is_named(folder: Path) -> None:
    (folder / "units.yaml").write_bytes(b"units: [\xff]")
    with pytest.raises(DirectoryError, match=r"^units\.yaml: is not UTF-8"):
        load(folder)


@pytest.mark.parametrize("text", ["", "[]", "just words", "tables: {}", "tables: []", "tables: {kinds: 3}"])
@pytest.mark.parametrize("file", ["units.yaml", "codes.yaml", "directory.yaml"])
def test_a_file_of_another_shape_is_an_error_and_no_crash(folder: Path, file: str, text: str) -> None:
    (folder / file).write_text(text, "utf-8")
    with pytest.raises(DirectoryError, match=file.replace(".", r"\.")):
        load(folder)
