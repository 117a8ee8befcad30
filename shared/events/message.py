"""A message as it stands on the wire of AMQP 0-9-1, free of any client library."""

from __future__ import annotations

from dataclasses import dataclass, field

Header = str | int


@dataclass(frozen=True)
class Message:
    """`body` is the event's data as UTF-8 JSON; everything about the event itself is in the `ce-` headers.

    `timestamp` is in whole seconds since 1970 UTC, or None.
    """

    routing_key: str
    body: bytes
    message_id: str
    type: str
    headers: dict[str, Header] = field(default_factory=dict)
    content_type: str = "application/json"
    delivery_mode: int = 2
    timestamp: int | None = None
