"""What no single file can be asked: that everything named exists, and that always somebody owes and is above."""

from __future__ import annotations

from shared.directory.checks import codes, coverage, others, tree
from shared.directory.directory import Directory


def check(directory: Directory) -> None:
    """Raises DirectoryError for the first thing wrong; returns nothing when the folder can be worked with."""
    codes.check_tables(directory)
    tree.check(directory)
    codes.check(directory)
    coverage.check(directory)
    others.check(directory)
