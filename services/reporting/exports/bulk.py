"""The state of a report for many units in one file. No time of writing in it: unchanged states are the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from services.reporting.exports import csv_file
from services.reporting.exports.copy import Copy
from services.reporting.reports.audiences import copy_for
from services.reporting.reports.canonical import canonical
from services.reporting.reports.jointly import NOTHING
from services.reporting.reports.listing import Line
from shared.calendar import LOCAL, Period
from shared.directory import Report

STATE = "state"


def as_json(report: Report, period: Period, under: str, lines: Sequence[Line]) -> bytes:
    return canonical(
        {
            "definition": report.code,
            "calendar": period.calendar,
            "period": period.code,
            "from": period.first.isoformat(),
            "to": period.last.isoformat(),
            "under": under,
            "units": [_state(line) for line in lines],
        }
    )


def as_csv(report: Report, period: Period, under: str, lines: Sequence[Line]) -> bytes:
    """The columns of one report and the state in front; a unit without a version is one line without numbers."""
    rows: list[tuple[str, ...]] = [(STATE, *csv_file.COLUMNS)]
    for line in lines:
        if line.snapshot is None:
            known = (report.code, line.unit.code, line.unit.vi, period.calendar, period.code)
            dates = (period.first.isoformat(), period.last.isoformat())
            empty = ("",) * (len(csv_file.COLUMNS) - len(known) - len(dates))
            rows.append((line.state, *known, *dates, *empty))
        else:
            copy = Copy.of(line.snapshot, copy_for(line.snapshot["audiences"], line.audience))
            copy = replace(copy, data=line.data)
            rows += [(line.state, *row) for row in csv_file.lines(copy, total_small=not line.withheld.total)]
    return csv_file.written(rows)


def _state(line: Line) -> dict[str, object]:
    snapshot, copy = line.snapshot, line.copy
    published = snapshot is not None and copy is not None
    return {
        "unit": line.unit.code,
        "vi": line.unit.vi,
        "en": line.unit.en,
        "level": line.unit.level,
        "state": line.state,
        "version": snapshot["version"] if published and snapshot else None,
        "as_of": snapshot["as_of"].astimezone(LOCAL).isoformat(timespec="seconds") if published and snapshot else None,
        # The hash of a number that is withheld would tell it to whoever tries a few.
        "sha256": copy["sha256"] if published and line.withheld == NOTHING else None,
        "total": line.total,
    }


RENDERERS: dict[str, Callable[[Report, Period, str, Sequence[Line]], bytes]] = {"json": as_json, "csv": as_csv}
