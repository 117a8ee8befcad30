"""The one function through which every report enters: split, seal, spool; then it may be answered with 202."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake import identity, split
from services.intake.receipts import receipt
from services.intake.report import Report
from services.intake.sealing_key import Seals
from services.intake.spool import Entry, Kept, Spool
from shared import case_tokens, metrics
from shared.case_tokens import CaseToken
from shared.directory import Directory, DirectoryFolder
from shared.events import Event, encode

_accepted = metrics.counter("intake_accepted_total", "Reports answered with 202", ("channel", "again"))


# MongoDB stores documents of 16 MB, and RabbitMQ 4 takes messages of 16 MiB.
LARGEST_EVENT = 12 * 1024 * 1024


class TooLarge(Exception):
    """Sealed, this report would be more than the engines behind can hold."""


class StillRunning(Exception):
    """The first request with this key has not been answered yet."""


@dataclass(frozen=True)
class Accepted:
    """What the sender is told. The same for the same client, key and body on every replica."""

    incident_id: str
    code: str
    case_ids: tuple[str, ...]
    receipt: str
    follow_up_url: str
    warnings: tuple[str, ...]
    again: bool
    case_token: str | None = None


@dataclass(frozen=True)
class Keys:
    """Secrets that all replicas share."""

    receipt: bytes
    check: bytes
    case_token: bytes


class Door:
    """Thread-safe. `node` names this replica in events; `staff_url` is where reporting answers."""

    def __init__(
        self,
        spool: Spool,
        sealer: Seals,
        directory: DirectoryFolder,
        keys: Keys,
        *,
        node: str,
        staff_url: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._spool, self._sealer, self._directory, self._keys = spool, sealer, directory, keys
        self._source, self._staff_url, self._clock = f"/intake/{node}", staff_url, clock
        self._running: set[str] = set()
        self._lock = threading.Lock()

    def accept(
        self,
        report: Report,
        *,
        client: str,
        key: str | None,
        digest: str,
        warnings: Sequence[str] = (),
        one_at_a_time: bool = True,
    ) -> Accepted:
        """Returns after the fsync.

        `digest` is that of the body as it came. Raises `SpoolUnavailable` (nothing was promised), `KeyTaken` (this key
        belongs to another body), `TooLarge` or, with `one_at_a_time`, `StillRunning`.
        """
        incident_id = identity.event_id(client, key, digest)
        client_key = identity.client_key(client, key) if key is not None else None
        running = client_key if one_at_a_time else None
        self._enter(running)
        try:
            kept = self._spool.append(self._entry(report, incident_id, client, client_key, digest, warnings))
        finally:
            self._leave(running)
        return self._answer(report, incident_id, kept, warnings, client)

    def preview(self, report: Report, client: str) -> tuple[dict[str, object], dict[str, list[str]]]:
        """What would be readable on the way, and which fields would be sealed in which part; stores nothing."""
        directory, now = self._directory.current(), self._clock()
        clear = split.clear_part(report, directory, incident_id="-", code="-", accepted_at=now, client=client)
        parts = split.sealed_parts(report, incident_id="-")
        return clear, {name: sorted(_filled(part)) for name, part in parts.items()}

    def _entry(
        self,
        report: Report,
        incident_id: str,
        client: str,
        client_key: str | None,
        digest: str,
        warnings: Sequence[str],
    ) -> Entry:
        directory, now = self._directory.current(), self._clock()
        code = identity.incident_code(incident_id, self._keys.receipt)
        clear = split.clear_part(report, directory, incident_id=incident_id, code=code, accepted_at=now, client=client)
        sealed = self._sealer.seal(incident_id, split.sealed_parts(report, incident_id=incident_id))
        event = Event(
            id=incident_id,
            name="incident.reported",
            source=self._source,
            time=now,
            subject=incident_id,
            commune=report.commune,
            directory=directory.version,
            drill=report.drill,
            data={**clear, "warnings": list(warnings), "sealed": sealed},
        )
        message = encode(event)
        if len(message.body) > LARGEST_EVENT:
            raise TooLarge
        return Entry(message, _urgent(report, directory), client_key, digest)

    def _answer(self, report: Report, incident_id: str, kept: Kept, warnings: Sequence[str], client: str) -> Accepted:
        _accepted.labels(report.channel, str(kept.again).lower()).inc()
        code = identity.incident_code(incident_id, self._keys.receipt)
        case_ids = tuple(split.case_ids(report, incident_id))
        token = CaseToken(incident_id, client, report.commune, code, len(case_ids), report.drill)
        return Accepted(
            incident_id=incident_id,
            code=code,
            case_ids=case_ids,
            case_token=case_tokens.make(self._keys.case_token, token),
            receipt=receipt(incident_id, self._keys.receipt, self._keys.check),
            follow_up_url=f"{self._staff_url}/v1/incidents/{incident_id}/state",
            warnings=tuple(warnings),
            again=kept.again,
        )

    def _enter(self, client_key: str | None) -> None:
        if client_key is None:
            return
        with self._lock:
            if client_key in self._running:
                raise StillRunning
            self._running.add(client_key)

    def _leave(self, client_key: str | None) -> None:
        with self._lock:
            self._running.discard(client_key or "")


def _urgent(report: Report, directory: Directory) -> bool:
    """Whether it must not wait unseen: a drill and an old report entered later may."""
    return not report.drill and not report.backfill and directory.urgent(report.kinds, report.immediate_danger)


def _filled(part: object) -> set[str]:
    if isinstance(part, dict):
        return {str(name) for name, value in part.items() if value not in (None, [], {})}
    return set()
