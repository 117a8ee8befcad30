"""One audience's copy of a version: all that a rendering may look at, and nothing that this audience may not see."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Copy:
    """`data`, `labels` and `changes` as content.py makes them; labels are [vi, en]. `as_of` is aware."""

    definition: str
    unit: str
    calendar: str
    period: str
    version: int
    as_of: datetime
    directory: str
    data: Mapping[str, Any]
    sha256: str
    changes: list[dict[str, Any]]
    labels: Mapping[str, Any]

    @classmethod
    def of(cls, snapshot: Mapping[str, Any], audience: str) -> Copy:
        mine = snapshot["audiences"][audience]
        return cls(
            **{name: snapshot[name] for name in ("definition", "unit", "calendar", "period", "version")},
            as_of=snapshot["as_of"],
            directory=snapshot["directory"],
            data=json.loads(mine["data"]),
            sha256=mine["sha256"],
            changes=mine["changes"],
            labels=json.loads(snapshot["labels"]),
        )

    def table_label(self, table: str | None, language: int = 0) -> str:
        """Of a table, or of the total."""
        if table is None:
            return ("Tổng số", "Total")[language]
        names: list[str] = self.labels["tables"].get(table) or [table, table]
        return names[language]

    def row_label(self, table: str | None, row: str | None, language: int = 0) -> str:
        if table is None or row is None:
            return self.table_label(None, language)
        names: list[str] = self.labels["rows"].get(table, {}).get(row) or [row, row]
        return names[language]
