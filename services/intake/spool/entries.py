"""What goes into the spool, what comes out of it, and how it says no."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from shared.events import Message


class SpoolUnavailable(Exception):
    """Nothing was promised: the file cannot be written now. `retry_after` in whole seconds."""

    def __init__(self, reason: str, retry_after: int = 5) -> None:
        super().__init__(reason)
        self.reason, self.retry_after = reason, retry_after


class KeyTaken(Exception):
    """The same client used this key for another body, which is on record here."""


@dataclass(frozen=True)
class Entry:
    """A message to keep. `client_key` and `digest` are hashes, or None where the client sent no key."""

    message: Message
    urgent: bool
    client_key: str | None = None
    digest: str | None = None


@dataclass(frozen=True)
class Kept:
    """Where an entry is: `again` when the same event had been kept before."""

    spool: str
    seq: int
    again: bool


@dataclass(frozen=True)
class Status:
    """Times are seconds since 1970 UTC, None when there is no such row.

    `set_aside`: earlier files of which something could not be read. They may hold reports, so their volume stays.
    """

    spool: str
    last_seq: int
    last_stored_at: float | None
    waiting: int
    oldest_waiting_at: float | None
    oldest_urgent_waiting_at: float | None
    sealed: int
    set_aside: int


@dataclass(frozen=True)
class Row:
    """A waiting row. `message` carries its id, spool and number."""

    message: Message


def row_of(values: tuple[Any, ...]) -> Row:
    """A row as `SpoolFile.waiting` gives it."""
    spool, seq, event_id, name, _, stored_at, headers, body = values
    numbered = {**json.loads(headers), "ce-spool": spool, "ce-seq": str(seq)}
    message = Message(
        routing_key=name,
        body=body,
        message_id=event_id,
        type=str(numbered["ce-type"]),
        headers=numbered,
        timestamp=int(stored_at),
    )
    return Row(message)
