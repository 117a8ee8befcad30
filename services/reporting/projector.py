"""From deliveries to facts, cases and marks, in this order; each step is durable before the next begins.

A crash between two steps costs nothing, because the messages come again and every step is made again: that a fact is
there already may mean that its marks are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from services.reporting.cases import fold, incident_of
from services.reporting.documents import Store, cases, facts, gaps, segments, translated
from services.reporting.marking import mark, mark_everything_if_moved
from services.reporting.opening import Counting
from services.reporting.units import Units
from shared import crashpoints, logs, metrics
from shared.directory import Directory, serial_of
from shared.events import Event
from shared.failures import Temporary
from shared.messaging.outcomes import Delivery, Done, Outcome

_TRIES = 50
_CHUNK = 500

log = logs.get(__name__)


class Projector:
    """The handler of `reporting.events`. Raises `DependencyDown("mongodb")`; what was done by then may be done again.

    `directory` gives a directory at least as new as a version. `between` is called after the versions were read and
    before the cases are written, where another projector may come in; tests come in there too.
    """

    def __init__(
        self,
        store: Store,
        directory: Callable[[str], Directory],
        counting: Counting,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        marked: Callable[[], None] = lambda: None,
        between: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._directory = directory
        self._counting = counting
        self._now = now
        self._marked = marked
        self._between = between
        self._units: Units | None = None
        self._projected = metrics.counter("events_projected", "Events taken into facts and cases", ("name",))

    def __call__(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        events = [delivery.event for delivery in deliveries]
        with translated():
            units = self._units_for(events)
            kept = [(one.event, one.message) for one in deliveries if one.event.name != gaps.TALLY]
            facts.write(self._store.facts, kept, self._now())
            gaps.observe(self._store.gaps, events, self._now())
            crashpoints.reach("reporting.facts_written")
            incidents = {incident for event in events if (incident := incident_of(event)) is not None}
            self._project(incidents, units)
        for event in events:
            self._projected.labels(event.name).inc()
        return [Done()] * len(deliveries)

    def refold(self, incidents: Sequence[str]) -> None:
        """Fold these incidents again from their facts, and mark what they count in."""
        with translated():
            units = self._units_for([])
            for start in range(0, len(incidents), _CHUNK):
                self._project(incidents[start : start + _CHUNK], units)

    def refold_incomplete(self) -> int:
        """Fold again what a missing key or an unknown commune left incomplete. Returns how many incidents."""
        after, count = "", 0
        while True:
            with translated():
                found = cases.to_refold(self._store.cases, after, _CHUNK)
            if not found:
                return count
            self.refold(found)
            after, count = found[-1], count + len(found)

    def _project(self, incidents: Iterable[str], units: Units) -> None:
        ever = self._fold(set(incidents), units)
        crashpoints.reach("reporting.cases_written")
        mark(self._store.segments, [segments.pair_of(place) for place in ever], units)
        crashpoints.reach("reporting.segments_wanted")
        if ever:
            self._marked()

    def _fold(self, incidents: set[str], units: Units) -> set[str]:
        """Write the cases of these incidents; the places that they count in or ever counted in."""
        ever: set[str] = set()
        for _ in range(_TRIES):
            if not incidents:
                return ever
            # Versions first: facts read later than these can only be more.
            over = cases.versions(self._store.cases, incidents)
            by_incident: dict[str, list[Event]] = {}
            for event in facts.of_incidents(self._store.facts, incidents):
                by_incident.setdefault(incident_of(event) or "", []).append(event)
            self._between()
            folded = [
                case
                for events in by_incident.values()
                for case in fold(map(self._counting.fact, events), units.counted_in)
            ]
            crashpoints.reach("reporting.cases_folded")
            written = cases.write(self._store.cases, folded, over)
            ever |= written.ever
            incidents = set(written.lost)
        raise Temporary("cases change faster than they can be folded")

    def _units_for(self, events: Iterable[Event]) -> Units:
        directory = self._directory(max((event.directory for event in events), key=serial_of, default=""))
        if self._units is None or self._units.directory is not directory:
            units = Units(directory)
            if mark_everything_if_moved(self._store, units):
                log.info("tree changed, everything is computed again", version=directory.version)
                self._marked()
            self._units = units
        return self._units
