"""Tells the other services who the contacts are, at the start and whenever they have changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from services.notify import rosters, telling
from services.notify.moments import stored_moment
from services.notify.store import contacts
from services.notify.store import rosters as kept
from services.notify.store.collections import Row
from shared import logs
from shared.directory import Directory

EVERY = 5.0

log = logs.get(__name__)


class RosterTeller:
    """Raises `DependencyDown` from `once`. `told` says that an event waits."""

    def __init__(
        self,
        directory: Callable[[], Directory],
        link_key: bytes,
        told: Callable[[], None],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._directory, self._key, self._told, self._now = directory, rosters.key_of(link_key), told, now
        self._started = False
        self._newest = 0

    def once(self) -> int:
        """One round; how many agencies were told of. The first one tells of all, changed or not: whoever lost what was
        said, or was not there when it was, hears it again.

        So does one that finds an older version than it has told: the database was put back to what it once was.
        """
        # What was told is read first: whoever told of newer contacts meanwhile is not overwritten.
        before = {row["_id"]: row for row in kept.everyone()}
        listed = rosters.listed(contacts.everyone(), self._key)
        known = max((row["version"] for row in before.values()), default=0)
        everything = not self._started or known < self._newest
        # An agency that has nobody is told of too: those who were listed, be it in a database that is lost, may see
        # nothing any more.
        agencies = sorted({*listed, *before, *self._directory().all_agencies})
        changed = [one for one in agencies if everything or _people(before.get(one)) != listed.get(one, [])]
        # One version for the whole round, above all others: of two lists the newer one knows the newer agencies.
        version = rosters.next_version(max(known, self._newest), self._now())
        count = sum(self._tell(one, listed, before.get(one), version) for one in changed)
        self._started, self._newest = True, version if changed else max(known, self._newest)
        if count:
            log.info("contacts told", rows=count)
            self._told()
        return count

    def _tell(self, agency: str, listed: Mapping[str, list[dict[str, Any]]], before: Row | None, version: int) -> bool:
        people = listed.get(agency, [])
        roster = {"agency": agency, "version": version, "at": stored_moment(self._now()), "contacts": people}
        directory = self._directory()
        known = directory.agency(agency)
        event = telling.contacts_event(
            roster, agencies=listed, unit=known.unit if known is not None else None, directory=directory.version
        )
        return kept.replace(before, roster, telling.stored(event))


def _people(row: Row | None) -> Sequence[Mapping[str, Any]] | None:
    """None: never told of."""
    return row["contacts"] if row is not None else None
