"""A copy of the shipped folder that a test may spoil."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.directory import Directory, load

SHIPPED = Path(__file__).resolve().parents[3] / "deploy" / "directory" / "binh-luong"

Edit = Callable[[str, str, str], None]


@pytest.fixture(scope="session")
def directory() -> Directory:
    return load(SHIPPED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Whatever the shipped folder's version is, the copy's is 1."""
    copied = Path(shutil.copytree(SHIPPED, tmp_path / "directory"))
    head = copied / "directory.yaml"
    head.write_text(re.sub(r"^version: \d+$", "version: 1", head.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    return copied


@pytest.fixture
def edit(folder: Path) -> Edit:
    """edit(file, old, new): replace the first occurrence, which must be there."""

    def replace(file: str, old: str, new: str) -> None:
        path = folder / file
        text = path.read_text("utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1), "utf-8")

    return replace
