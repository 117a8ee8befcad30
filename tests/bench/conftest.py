"""How fast, always as a ratio to a floor measured in the same run: nothing here fails for being slow.

A bench fails when something breaks or its ledger does not add up. `BENCH_FULL=1` measures longer.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.board import Board, load_average
from tests.bench.site import Site

FULL = os.environ.get("BENCH_FULL") == "1"
_BOARD = Board()


@pytest.fixture(scope="session")
def board() -> Iterator[Board]:
    _BOARD.note(f"at the start: {load_average()}")
    yield _BOARD
    _BOARD.note(f"at the end: {load_average()}")


@pytest.fixture
def full() -> bool:
    return FULL


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    try:
        yield made
    finally:
        made.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _BOARD.lines:
        terminalreporter.write_sep("=", "ratios to a floor of the same run")
        terminalreporter.write_line(_BOARD.render())
