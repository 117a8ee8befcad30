"""JSON: canonical, so that `data` is the very text that the hash is of."""

from __future__ import annotations

from services.reporting.exports.copy import Copy
from services.reporting.reports.canonical import canonical
from shared.calendar import LOCAL


def render(copy: Copy) -> bytes:
    return canonical(
        {
            "version": copy.version,
            "as_of": copy.as_of.astimezone(LOCAL).isoformat(timespec="seconds"),
            "directory": copy.directory,
            "sha256": copy.sha256,
            "data": copy.data,
            "changes": copy.changes,
            "labels": copy.labels,
        }
    )
