"""From deliveries to sealed parts, facts, cases and marks, in this order; each is durable before the next begins.

A crash between two steps costs nothing, because the messages come again and every step is made again: that a fact is
there already may mean that its marks are not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from services.reporting.cases import REPORTED, Fact, fold, incident_of
from services.reporting.documents import Store, cases, facts, gaps, rosters, segments, translated, unfolded
from services.reporting.documents.writes import in_calls
from services.reporting.keys.rewrap import Rewrap, cases_in, is_sealed
from services.reporting.marking import mark, mark_everything_if_moved
from services.reporting.opening import values_of
from services.reporting.units import Units
from shared import crashpoints, logs, metrics
from shared.directory import Directory, serial_of
from shared.events import Event, decode
from shared.failures import Permanent, Temporary
from shared.messaging.outcomes import Dead, Delivery, Done, Outcome

_TRIES = 50
_CHUNK = 500
_REWRAPPED = "originals are sealed under keys of cases"

_Read = tuple[Event, facts.Stored]
_Fresh = Mapping[str, facts.Kept]

log = logs.get(__name__)


def _told_of(event: Event) -> bool:
    """Told by notify of what it did: it changes a case's alerts and clocks, and nothing that is counted."""
    return event.name.startswith(("alert.", "deadline."))


def _event_of(stored: facts.Stored, fresh: _Fresh) -> Event:
    """What was written a moment ago need not be read from its bytes again, unless another copy has displaced it."""
    one = fresh.get(stored.message.message_id)
    return one.event if one is not None and facts.is_same(one, stored) else decode(stored.message)


class Projector:
    """The handler of `reporting.events`. Raises `DependencyDown("mongodb")`; what was done by then may be done again.

    `directory` gives a directory at least as new as a version. `between` is called after the versions were read and
    before the cases are written, where another projector may come in; tests come in there too.
    """

    def __init__(
        self,
        store: Store,
        directory: Callable[[str], Directory],
        rewrap: Rewrap,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        marked: Callable[[], None] = lambda: None,
        between: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._directory = directory
        self._rewrap = rewrap
        self._now = now
        self._marked = marked
        self._between = between
        # The consumer's thread and those that fold again: one that still has the tree of before would mark under it
        # what the other has just marked under the new one, and say so in the state.
        self._one_at_a_time = threading.RLock()
        self._units: Units | None = None
        self._projected = metrics.counter("events_projected", "Events taken into facts and cases", ("name",))
        self._unfolded = metrics.counter("incidents_unfolded", "Tries to fold an incident that failed")

    def __call__(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """A batch of long stories is taken in several goes, so that no more than one of them is open at a time."""
        outcomes: list[Outcome] = []
        for go in in_calls(deliveries, lambda one: len(one.message.body)):
            outcomes += self._take(go)
        return outcomes

    def _take(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        events = [delivery.event for delivery in deliveries]
        with self._one_at_a_time, translated():
            units = self._units_for(events)
            kept = [(one.event, one.message) for one in deliveries if one.event.name != gaps.TALLY]
            written = self._rewrap(kept)
            facts.write(self._store.facts, written, self._now())
            fresh = {one.event.id: one for one in written}
            gaps.observe(self._store.gaps, events, self._now())
            rosters.observe(self._store.rosters, events)
            crashpoints.reach("reporting.facts_written")
            told = {incident for event in events if not _told_of(event) and (incident := incident_of(event))}
            rest = {incident for event in events if (incident := incident_of(event))} - told
            reasons = self._project(told, units, fresh) | self._project(rest, units, fresh, marking=False)
        for event in events:
            self._projected.labels(event.name).inc()
        return [self._outcome(event, reasons) for event in events]

    @staticmethod
    def _outcome(event: Event, reasons: Mapping[str, str]) -> Outcome:
        """A report that gives no case dies, because a dead report alarms; its fact is kept and is folded again.

        What else belongs to such an incident would alarm of the same once more.
        """
        reason = reasons.get(incident_of(event) or "")
        return Done() if reason is None or event.name != REPORTED else Dead(f"cannot be folded: {reason}")

    def refold(self, incidents: Sequence[str]) -> list[str]:
        """Fold these incidents again from their facts, and mark what they count in. Returns those that cannot be."""
        failed: dict[str, str] = {}
        for start in range(0, len(incidents), _CHUNK):
            chunk = incidents[start : start + _CHUNK]
            try:
                failed |= self._refold(chunk)
            except Temporary:
                raise
            except Exception:
                # One that folds and cannot be written: the others must not wait for it.
                for incident in chunk:
                    failed |= self._refold_alone(incident)
        return sorted(failed)

    def _refold(self, incidents: Sequence[str]) -> dict[str, str]:
        with self._one_at_a_time, translated():
            return self._project(incidents, self._units_for([]))

    def _refold_alone(self, incident: str) -> dict[str, str]:
        try:
            return self._refold([incident])
        except Temporary:
            raise
        except Exception as error:
            reasons = {incident: self._failed(incident, error)}
            with translated():
                unfolded.note(self._store.unfolded, reasons, self._now())
            return reasons

    def refold_incomplete(self) -> int:
        """Fold again what a missing key or an unknown commune left incomplete. Returns how many incidents."""
        return (
            self._refold_all(lambda after: cases.to_refold(self._store.cases, after, _CHUNK))
            + self._refold_all(lambda after: facts.still_sealed(self._store.facts, after, _CHUNK))
            + self._refold_older()
        )

    def _refold_older(self) -> int:
        """Once for each database: facts that were kept before there were keys of cases still hold their originals."""
        with translated():
            if self._store.state.find_one({"_id": _REWRAPPED}):
                return 0
        count = self._refold_all(lambda after: facts.older_form(self._store.facts, after, _CHUNK))
        with translated():
            self._store.state.replace_one({"_id": _REWRAPPED}, {"value": str(count)}, upsert=True)
        return count

    def _refold_all(self, found_after: Callable[[str], list[str]]) -> int:
        after, count = "", 0
        while True:
            with translated():
                found = found_after(after)
            if not found:
                return count
            self.refold(found)
            after, count = found[-1], count + len(found)

    def _project(
        self, incidents: Iterable[str], units: Units, fresh: _Fresh | None = None, *, marking: bool = True
    ) -> dict[str, str]:
        """Returns the incidents that cannot be folded, with the reason. `fresh` are facts that were just written.

        Without `marking` for those of which only notify told something: no number depends on it, and a report makes
        some twenty such events. Whatever does count marks on its own delivery, however often that comes.
        """
        ever, reasons = self._fold(set(incidents), units, fresh or {})
        unfolded.note(self._store.unfolded, reasons, self._now())
        unfolded.settled(self._store.unfolded, set(incidents) - reasons.keys())
        crashpoints.reach("reporting.cases_written")
        ever = ever if marking else set()
        mark(self._store.segments, [segments.pair_of(place) for place in ever], units)
        crashpoints.reach("reporting.segments_wanted")
        if ever:
            self._marked()
        return reasons

    def _fold(self, incidents: set[str], units: Units, fresh: _Fresh) -> tuple[set[str], dict[str, str]]:
        """Write the cases of these incidents; the places that they count in or ever counted in, and who failed why."""
        ever: set[str] = set()
        reasons: dict[str, str] = {}
        for _ in range(_TRIES):
            if not incidents:
                return ever, reasons
            # Versions first: facts read later than these can only be more.
            over = cases.versions(self._store.cases, incidents)
            by_incident: dict[str, list[facts.Stored]] = {}
            for incident, stored in facts.of_incidents(self._store.facts, incidents):
                by_incident.setdefault(incident, []).append(stored)
            self._between()
            read: dict[str, list[_Read]] = {}
            folded: list[dict[str, Any]] = []
            for incident, found in by_incident.items():
                try:
                    read[incident] = [(_event_of(one, fresh), one) for one in found]
                except Exception as error:
                    # The cases there are stay as they are, and the other incidents of the batch get theirs.
                    reasons[incident] = self._failed(incident, error)
            self._rewrap_late(read)
            for incident, events in read.items():
                try:
                    folded += fold((Fact(event, values_of(one.counting)) for event, one in events), units.counted_in)
                except Exception as error:
                    reasons[incident] = self._failed(incident, error)
            crashpoints.reach("reporting.cases_folded")
            written = cases.write(self._store.cases, folded, over)
            ever |= written.ever
            incidents = set(written.lost)
        raise Temporary("cases change faster than they can be folded")

    def _rewrap_late(self, read: dict[str, list[_Read]]) -> None:
        """What came before its key or before its report: seal its parts now, and take the original out of the fact."""
        late = [(event, one) for events in read.values() for event, one in events if is_sealed(event)]
        if not late:
            return
        known = {
            incident: cases_in(event)
            for incident, events in read.items()
            for event, _ in events
            if event.name == REPORTED
        }
        kept = self._rewrap(((event, one.message) for event, one in late), known)
        pairs = list(zip(kept, late, strict=True))
        facts.strip(
            self._store.facts,
            [
                (new, old.order)
                for new, (_, old) in pairs
                if (new.sealed_under, new.counting) != (old.sealed_under, old.counting) or not old.sealed_under
            ],
        )
        crashpoints.reach("reporting.original_stripped")
        now = {id(event): (new.event, replace(old, counting=new.counting)) for new, (event, old) in pairs}
        for incident, events in read.items():
            read[incident] = [now.get(id(event), (event, one)) for event, one in events]

    def _failed(self, incident: str, error: Exception) -> str:
        self._unfolded.inc()
        log.error("incident cannot be folded", incident_id=incident, error=error)
        return error.reason if isinstance(error, Permanent) else type(error).__name__

    def _units_for(self, events: Iterable[Event]) -> Units:
        directory = self._directory(max((event.directory for event in events), key=serial_of, default=""))
        if self._units is None or self._units.directory is not directory:
            units = Units(directory)
            if mark_everything_if_moved(self._store, units):
                log.info("tree changed, everything is computed again", version=directory.version)
                self._marked()
            self._units = units
        return self._units
