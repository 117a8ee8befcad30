"""The one function through which every step enters: seal what was written, spool; then it may be answered with 202."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from services.intake import identity
from services.intake.door import LARGEST_EVENT, TooLarge
from services.intake.sealing_key import Seals
from services.intake.spool import Entry, Spool
from services.intake.steps.author import Author
from services.intake.steps.told import Told
from services.intake.steps.withholding import written_out
from shared import metrics
from shared.case_steps import CONFLICT
from shared.directory import Directory, DirectoryFolder
from shared.events import Event, encode

_recorded = metrics.counter("intake_steps_total", "Steps answered with 202 or 303", ("step", "again"))


class StepDoor:
    """Thread-safe. `node` names this replica in events."""

    def __init__(
        self, spool: Spool, sealer: Seals, directory: DirectoryFolder, *, node: str, clock: Callable[[], datetime]
    ) -> None:
        self._spool, self._sealer, self._directory = spool, sealer, directory
        self._source, self._clock = f"/intake/{node}", clock

    def record(self, told: Told, author: Author, *, key: str | None, digest: str) -> str:
        """The event's id, after the fsync. `digest` is that of the body as it came, without what proves a right.

        The step must be in force and the author allowed to tell it. Raises `SpoolUnavailable` (nothing was promised),
        `KeyTaken` (this key belongs to another body) or `TooLarge`.
        """
        event_id = identity.event_id(author.key_space, key, digest)
        directory = self._directory.current()
        event = Event(
            id=event_id,
            name="case.step_recorded",
            source=self._source,
            time=(now := self._clock()),
            subject=author.incident,
            commune=author.commune,
            directory=directory.version,
            drill=author.drill,
            data={**_clear(told, author, now, directory), "sealed": self._sealed(told, author)},
        )
        message = encode(event)
        if len(message.body) > LARGEST_EVENT:
            raise TooLarge
        client_key = identity.client_key(author.key_space, key) if key is not None else None
        # Until a declared conflict is known to the others, somebody sees what they must not: it must not wait unseen.
        kept = self._spool.append(Entry(message, told.step == CONFLICT and not author.drill, client_key, digest))
        _recorded.labels(told.step, str(kept.again).lower()).inc()
        return event_id

    def _sealed(self, told: Told, author: Author) -> dict[str, Any] | None:
        if not told.note and not told.fields:
            return None
        return self._sealer.seal(author.incident, {"step": {"note": told.note, "fields": dict(told.fields)}})


def _clear(told: Told, author: Author, now: datetime, directory: Directory) -> dict[str, Any]:
    """The data of `case.step_recorded` without `sealed`: codes, ids and times only."""
    return {
        "incident_id": author.incident,
        "case_id": author.case,
        "step": told.step,
        "at": told.at.isoformat(),
        "recorded_at": now.isoformat(),
        "by": author.by,
        "code": author.code,
        "commune": author.commune,
        "role": author.role,
        "agency": author.agency,
        "contact": author.contact,
        "hats": list(author.hats),
        "contacts": list(author.contacts),
        "spared_at": author.spared_at.isoformat() if author.spared_at else None,
        "client": author.client,
        "risk": told.risk,
        "until": told.until.isoformat() if told.until else None,
        "withhold_from": written_out(told.withhold_from, author.commune, directory),
        "withhold_contacts": list(told.withhold_contacts),
        "released": written_out(told.released, author.commune, directory),
        "released_contacts": list(told.released_contacts),
        "merged_into": told.merged_into,
    }
