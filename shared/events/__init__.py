"""The events that the services tell each other, and their form on the wire."""

from shared.events.catalogue import validate
from shared.events.cloudevents import decode, encode
from shared.events.event import Event
from shared.events.message import Message

__all__ = ["Event", "Message", "decode", "encode", "validate"]
