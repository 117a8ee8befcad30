"""What a handler gets and what it says about each."""

from __future__ import annotations

from dataclasses import dataclass

from shared.events.event import Event
from shared.events.message import Message


@dataclass(frozen=True)
class Delivery:
    """`attempt` counts from 1, by our own header. `delivery_count` is how often the broker had to take it back."""

    event: Event
    message: Message
    delivery_count: int
    attempt: int


@dataclass(frozen=True)
class Done:
    """Everything that follows from it is durable."""


@dataclass(frozen=True)
class Later:
    """Not now: the retry queue, then the queue again. `reason` is a short code without personal data."""

    reason: str


@dataclass(frozen=True)
class Dead:
    """Never: the dead queue. `reason` is a short code without personal data."""

    reason: str


Outcome = Done | Later | Dead
