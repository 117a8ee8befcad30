"""CloudEvents 1.0 in binary mode over AMQP 0-9-1, with the `ce-` headers of Knative's RabbitMQ binding.

https://github.com/knative-extensions/eventing-rabbitmq/blob/main/cloudevents-protocol-spec/spec.md
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.events.event import Event
from shared.events.message import Header, Message
from shared.failures import InvalidEvent, UnknownEvent

_TYPE = re.compile(r"^vn\.lentieng\.([a-z]+\.[a-z_]+)\.v(\d+)$")
_PREFIX = "ce-"
# MongoDB refuses documents nested deeper than 100, and a fact wraps the event in a few levels of its own.
_MAX_DEPTH = 40


def type_of(name: str, version: int) -> str:
    return f"vn.lentieng.{name}.v{version}"


def encode(event: Event) -> Message:
    """The message of an event. Attributes that are None are left out; all header values are strings."""
    headers: dict[str, Header] = {
        "ce-specversion": "1.0",
        "ce-id": event.id,
        "ce-source": event.source,
        "ce-type": type_of(event.name, event.version),
        "ce-time": _time(event.time),
        "ce-directory": event.directory,
    }
    optional = {
        "ce-subject": event.subject,
        "ce-commune": event.commune,
        "ce-spool": event.spool,
        "ce-seq": None if event.seq is None else str(event.seq),
        "ce-drill": "true" if event.drill else None,
        "ce-traceparent": event.traceparent,
    }
    headers.update({name: value for name, value in optional.items() if value is not None})
    return Message(
        routing_key=event.name,
        body=json.dumps(event.data, ensure_ascii=False, separators=(",", ":")).encode(),
        message_id=event.id,
        type=type_of(event.name, event.version),
        headers=headers,
        timestamp=int(event.time.timestamp()),
    )


def decode(message: Message) -> Event:
    """The event of a message, its data not yet checked against a schema.

    Raises `InvalidEvent` (not a CloudEvent, not JSON) or `UnknownEvent` (a type that is not of this system's form).
    """
    attributes = {
        name.lower()[len(_PREFIX) :]: str(value)
        for name, value in message.headers.items()
        if name.lower().startswith(_PREFIX)
    }
    for name in ("id", "source", "type", "time"):
        if not attributes.get(name):
            raise InvalidEvent(f"header ce-{name} is missing")
    known = _TYPE.match(attributes["type"])
    if known is None:
        raise UnknownEvent("type is not vn.lentieng.<name>.v<n>")
    return Event(
        id=attributes["id"],
        name=known[1],
        version=int(known[2]),
        source=attributes["source"],
        time=_parsed_time(attributes["time"]),
        data=_parsed_body(message.body),
        subject=attributes.get("subject"),
        commune=attributes.get("commune"),
        directory=attributes.get("directory", ""),
        spool=attributes.get("spool"),
        seq=_parsed_seq(attributes),
        drill=attributes.get("drill") == "true",
        traceparent=attributes.get("traceparent"),
    )


def _time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _parsed_time(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise InvalidEvent("header ce-time is not RFC 3339") from None
    if value.tzinfo is None:
        raise InvalidEvent("header ce-time has no zone")
    return value


def _parsed_seq(attributes: Mapping[str, str]) -> int | None:
    text = attributes.get("seq")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise InvalidEvent("header ce-seq is not a number")
    return int(text)


def _parsed_body(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise InvalidEvent("body is not JSON") from None
    except RecursionError:
        raise InvalidEvent("body is nested too deeply") from None
    if not isinstance(data, dict):
        raise InvalidEvent("body is not a JSON object")
    if _deeper_than(data, _MAX_DEPTH):
        raise InvalidEvent("body is nested too deeply")
    return data


def _deeper_than(value: object, depth: int) -> bool:
    if isinstance(value, dict):
        return depth == 0 or any(_deeper_than(child, depth - 1) for child in value.values())
    if isinstance(value, list):
        return depth == 0 or any(_deeper_than(child, depth - 1) for child in value)
    return False
