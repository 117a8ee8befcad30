"""Tells the other services who the contacts are, at the start and whenever they have changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from services.notify import rosters, telling
from services.notify.incident import stored_moment
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

    def once(self) -> int:
        """One round; how many agencies were told of. The first one tells of all, changed or not: whoever lost what was
        said, or was not there when it was, hears it again.
        """
        listed = rosters.listed(contacts.everyone(), self._key)
        before = {row["_id"]: row for row in kept.everyone()}
        count = 0
        # An agency that has nobody left is told of too: those who were listed may see nothing any more.
        for agency in sorted({*listed, *before}):
            count += self._tell(agency, listed.get(agency, []), before.get(agency))
        self._started = True
        if count:
            log.info("contacts told", rows=count)
            self._told()
        return count

    def _tell(self, agency: str, people: list[dict[str, Any]], before: Row | None) -> bool:
        if before is not None and before["contacts"] == people:
            if not self._started:
                roster = {"agency": agency, **{name: before[name] for name in ("version", "at", "contacts")}}
                kept.repeat(before, self._event(roster))
            return not self._started
        version = before["version"] + 1 if before is not None else 1
        roster = {"agency": agency, "version": version, "at": stored_moment(self._now()), "contacts": people}
        return kept.replace(before, roster, self._event(roster))

    def _event(self, roster: Row) -> dict[str, Any]:
        directory = self._directory()
        agency = directory.agency(roster["agency"])
        unit = agency.unit if agency is not None else None
        return telling.stored(telling.contacts_event(roster, unit=unit, directory=directory.version))
