"""Makes a version of a report: the numbers of now, or nothing new when they are those of the newest version.

The newest version is read before the numbers. Whoever is overtaken in between finds its version number taken and
starts again, so an older number never gets a newer version.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.reporting import access_log
from services.reporting.documents import Store, snapshots, translated
from services.reporting.documents.segments import place_of
from services.reporting.reports import states, telling
from services.reporting.reports.audiences import AUDIENCES, FULL
from services.reporting.reports.canonical import canonical, digest
from services.reporting.reports.content import changes, data_of, labels_of
from services.reporting.reports.numbers import Tables, basis_of, exact, indicator_of, same
from services.reporting.reports.withholding import Earlier, shown
from services.reporting.rollups import Rollups
from services.reporting.telling import stored
from services.reporting.units import Units
from shared import crashpoints
from shared.calendar import Period, whole_milliseconds
from shared.directory import Directory, Indicator, Report
from shared.failures import Temporary

_TRIES = 10


@dataclass(frozen=True)
class Made:
    """The newest version as stored; `new` says whether this call made it."""

    document: dict[str, Any]
    new: bool


class Maker:
    """`between` is called after the numbers were read and before a version is written; tests come in there."""

    def __init__(
        self,
        store: Store,
        rollups: Rollups,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        between: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._rollups = rollups
        self._now = now
        self._between = between

    def make(self, report: Report, unit: str, period: Period, directory: Directory, by: str) -> Made:
        """`by` is who asked: a partner's id, or "automatic". Raises `DependencyDown`."""
        indicator = indicator_of(report, directory)
        assert indicator is not None
        key = snapshots.report_of(report.code, period.calendar, period.code, unit)
        for _ in range(_TRIES):
            with translated():
                newest = snapshots.newest(self._store.snapshots, key)
            as_of = whole_milliseconds(self._now())
            read = self._rollups.read(unit, period.segments, directory)
            made_from = {rollup["segment"]: rollup["wanted"] for rollup in read}
            total, tables = exact(read, report, indicator, unit, period, directory)
            self._between()
            if newest is not None and same(newest, report, total, tables):
                with translated():
                    basis = basis_of(report, directory)
                    snapshots.still_good(self._store.snapshots, newest["_id"], made_from, basis)
                return Made(newest, new=False)
            document = self._document(report, indicator, unit, period, directory, total, tables, newest)
            document |= {
                "as_of": as_of,
                "made_from": made_from,
                "basis": basis_of(report, directory),
                "places": [place_of((unit, segment)) for segment in period.segments],
                "access_log_head": str(access_log.head(self._store)),
            }
            _publish(document, by, as_of)
            with translated():
                if snapshots.insert(self._store.snapshots, document):
                    crashpoints.reach("reporting.snapshot_written")
                    return Made(document, new=True)
        raise Temporary("versions of a report are made faster than they can be compared")

    def _document(
        self,
        report: Report,
        indicator: Indicator,
        unit: str,
        period: Period,
        directory: Directory,
        total: int,
        tables: Tables,
        newest: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        key = snapshots.report_of(report.code, period.calendar, period.code, unit)
        version = newest["version"] + 1 if newest is not None else 1
        with translated():
            before = snapshots.earlier(self._store.snapshots, key)
        audiences, withheld = {}, {}
        for audience in AUDIENCES:
            if audience == FULL and not Units(directory).is_commune(unit):
                continue
            seen = shown(total, tables, audience, [_earlier(one, audience) for one in before])
            data = data_of(report, indicator, unit, period, audience, seen)
            content = canonical(data)
            old = newest["audiences"].get(audience) if newest is not None else None
            audiences[audience] = {
                "data": content.decode(),
                "sha256": digest(content),
                "changes": changes(_data(old), data),
            }
            withheld[audience] = sorted(seen.withheld)
        return {
            "_id": snapshots.id_of(key, version),
            "report": key,
            "definition": report.code,
            "calendar": period.calendar,
            "period": period.code,
            "unit": unit,
            "version": version,
            "definition_version": report.version,
            "directory": directory.version,
            # Rows as lists: a row's code may hold a dot, which no key of MongoDB should.
            "figures": {"total": total, "tables": {name: list(table.items()) for name, table in tables.items()}},
            "audiences": audiences,
            "withheld": withheld,
            "labels": canonical(labels_of(report, indicator, unit, tables, directory)).decode(),
            "pulled": [],
        }


def _earlier(snapshot: Mapping[str, Any], audience: str) -> Earlier:
    figures = snapshot["figures"]
    tables = {name: dict(rows) for name, rows in figures["tables"].items()}
    return Earlier(figures["total"], tables, frozenset(snapshot["withheld"].get(audience, ())))


def _data(copy: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return json.loads(copy["data"]) if copy is not None else None


def _publish(document: dict[str, Any], by: str, at: datetime) -> None:
    """Draft, approved at once, and the event that says so: all in the document that is written once."""
    drafted = states.stepped([], states.DRAFT, by, at)
    document["states"] = states.stepped(drafted, states.APPROVED, states.AUTOMATIC, at)
    document["state"] = states.APPROVED
    document["outgoing"] = [stored(telling.event_of("published", document, at))]
