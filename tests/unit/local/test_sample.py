from __future__ import annotations

import pytest

from deploy.local.sample import copy


@pytest.fixture
def folders(tmp_path):
    source, target = tmp_path / "sample", tmp_path / "local" / "directory"
    source.mkdir()
    (source / "codes.yaml").write_text("old")
    assert copy(source, target) == []
    return source, target


def test_a_changed_sample_reaches_a_copy_that_nobody_edited(folders):
    source, target = folders
    (source / "codes.yaml").write_text("new")
    assert copy(source, target) == []
    assert (target / "codes.yaml").read_text() == "new"


def test_an_edited_copy_stays_and_is_named_when_the_sample_changes(folders):
    source, target = folders
    (target / "codes.yaml").write_text("mine")
    assert copy(source, target) == []
    (source / "codes.yaml").write_text("new")
    assert copy(source, target) == ["codes.yaml"]
    assert (target / "codes.yaml").read_text() == "mine"


def test_a_file_to_be_copied_once_is_never_touched_again(folders):
    source, target = folders
    (source / "codes.yaml").write_text("new")
    assert copy(source, target, once=("codes.yaml",)) == []
    assert (target / "codes.yaml").read_text() == "old"
