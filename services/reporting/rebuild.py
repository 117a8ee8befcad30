"""Everything anew from the facts: cases, then rollups. The numbers come out the same, or the ones before were wrong."""

from __future__ import annotations

from collections.abc import Callable

from services.reporting.documents import Store, facts, segments, translated
from services.reporting.projector import Projector
from services.reporting.rollups import Rollups
from services.reporting.units import Units
from shared.directory import Directory

_CHUNK = 500


def _silent(_: str, __: int) -> None: ...


def rebuild(
    store: Store,
    projector: Projector,
    rollups: Rollups,
    directory: Directory,
    tell: Callable[[str, int], None] = _silent,
) -> list[str]:
    """Fold every incident again, then compute every marked half-month, communes first. May run beside the worker.

    Touches facts, people's own documents and marks of the past not at all. Returns the incidents that cannot be folded:
    their cases, if they have any, are as they were. Raises `DependencyDown`.
    """
    after, folded = "", 0
    unfolded: list[str] = []
    while incidents := _next(store, after):
        failed = projector.refold(incidents)
        unfolded += failed
        after, folded = incidents[-1], folded + len(incidents) - len(failed)
    tell("incidents folded", folded)
    units = Units(directory)
    with translated():
        pairs = sorted(segments.every(store.segments), key=lambda pair: (not units.is_commune(pair[0]), pair))
    for start in range(0, len(pairs), _CHUNK):
        rollups.compute(pairs[start : start + _CHUNK], directory, force=True)
    tell("half-months computed", len(pairs))
    return unfolded


def _next(store: Store, after: str) -> list[str]:
    with translated():
        return facts.reported(store.facts, after, _CHUNK)
