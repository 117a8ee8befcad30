"""reports.yaml: what a clerk may write, and what is said to a slip."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from shared.directory import DirectoryError, load

SAMPLE = Path(__file__).resolve().parents[4] / "deploy/directory/binh-luong"


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(SAMPLE, tmp_path / "directory")
    return tmp_path / "directory"


def test_the_sample_has_the_first_report_with_four_tables():
    report = load(SAMPLE).reports["children-reported"]
    assert (report.indicator, report.version, report.verified) == ("REPORTED_CHILDREN", 1, False)
    assert report.tables == ("kind", "sex", "age_band", "village")


def test_a_folder_from_before_there_were_reports_is_valid_and_has_none(folder):
    before = load(folder).version
    (folder / "reports.yaml").unlink()
    assert load(folder).reports == {}
    assert load(folder).version != before


@pytest.mark.parametrize(
    ("old", "new", "path", "word"),
    [
        ("indicator: REPORTED_CHILDREN", "indicator: REPORTED", "reports[0].indicator", "indicators.yaml"),
        ("[kind, sex,", "[kind, sx,", "reports[0].tables", '"sx"'),
        ("version: 1\n", "version: x\n", "reports[0].version", "whole number"),
        ("    indicator:", "    indicatr:", "reports[0].indicator", "missing"),
        ("tables: [kind, sex, age_band, village]", "tables: []", "reports[0].tables", "empty"),
    ],
)
def test_a_slip_is_named_by_file_and_place(folder, old, new, path, word):
    file = folder / "reports.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DirectoryError) as caught:
        load(folder)
    assert caught.value.file == "reports.yaml"
    assert path in str(caught.value)
    assert word in str(caught.value)
