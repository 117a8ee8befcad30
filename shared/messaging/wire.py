"""Between our `Message` and pika's properties, and the headers that are ours or the broker's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pika  # type: ignore[import-untyped]

from shared.events.message import Header, Message

ATTEMPT, REASON, DEAD_AT = "x-attempt", "x-reason", "x-dead-at"
_MAX_REASON = 300
# 3.x reads x-death of a client's publish as history, and drops what looks like a cycle: it is never sent on.
_BROKERS = frozenset({"x-death", "x-delivery-count", "x-acquired-count"})
_BROKERS_PREFIXES = ("x-first-death-", "x-last-death-")


def properties_of(message: Message) -> pika.BasicProperties:
    return pika.BasicProperties(
        content_type=message.content_type,
        delivery_mode=message.delivery_mode,
        message_id=message.message_id,
        type=message.type,
        timestamp=message.timestamp,
        headers=message.headers,
    )


def message_of(routing_key: str, properties: pika.BasicProperties, body: bytes) -> Message:
    """What was received, without the broker's own headers and without header values that no sender of ours makes."""
    timestamp = properties.timestamp
    return Message(
        routing_key=routing_key,
        body=body,
        message_id=properties.message_id or "",
        type=properties.type or "",
        headers=without_brokers(properties.headers or {}),
        content_type=properties.content_type or "application/octet-stream",
        delivery_mode=2,
        timestamp=timestamp if isinstance(timestamp, int) else None,
    )


def without_brokers(headers: Mapping[str, object]) -> dict[str, Header]:
    return {
        name: value
        for name, value in headers.items()
        if isinstance(value, str | int) and name not in _BROKERS and not name.startswith(_BROKERS_PREFIXES)
    }


def delivery_count_of(headers: Mapping[str, object]) -> int:
    """How often the broker had to take the message back; absent on the first delivery."""
    return _whole(headers.get("x-delivery-count"))


def attempt_of(message: Message) -> int:
    """The number of this attempt, from 1, by our own count."""
    return _whole(message.headers.get(ATTEMPT)) + 1


def for_retry(message: Message, queue: str) -> Message:
    headers: dict[str, Header] = {**message.headers, ATTEMPT: attempt_of(message)}
    return replace(message, routing_key=queue, headers=headers)


def for_dead(message: Message, queue: str, reason: str, at: datetime) -> Message:
    headers: dict[str, Header] = {
        **message.headers,
        REASON: reason[:_MAX_REASON],
        DEAD_AT: at.astimezone(UTC).isoformat(),
    }
    return replace(message, routing_key=queue, headers=headers)


def for_replay(message: Message, queue: str) -> Message:
    """As first received: no attempts counted, no reason, the same id."""
    headers = {
        name: value
        for name, value in without_brokers(message.headers).items()
        if name not in {ATTEMPT, REASON, DEAD_AT}
    }
    return replace(message, routing_key=queue, headers=headers)


def _whole(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
