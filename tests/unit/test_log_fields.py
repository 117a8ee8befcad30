"""What a log line is given is what it may have: a field that is not allowed is dropped, and missed when it is late."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from shared import logs

ROOT = Path(__file__).resolve().parents[2]
LEVELS = frozenset({"debug", "info", "warning", "error", "exception"})


def given(path: Path) -> Iterator[str]:
    """The fields of every call of a module's own logger."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
            whose = node.func.value
            if isinstance(whose, ast.Name) and whose.id in {"log", "log_"}:
                yield from (one.arg for one in node.keywords if one.arg is not None)


def test_no_field_of_a_log_line_is_dropped():
    modules = [path for folder in ("shared", "services") for path in sorted((ROOT / folder).rglob("*.py"))]
    dropped = {
        f"{path.relative_to(ROOT)}: {field}"
        for path in modules
        for field in given(path)
        if field not in logs.ALLOWED | {"exc_info"}
    }

    assert dropped == set()
