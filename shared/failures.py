"""The two words for failure: temporary and permanent.

Whoever has the knowledge (the transport, the store, the decoder) decides which of the two it is; one place per
process acts on it. Nothing else may be raised across a seam on purpose.
"""

from __future__ import annotations


class Temporary(Exception):
    """It may work later. Nothing is lost by trying again."""


class DependencyDown(Temporary):
    """An engine or provider does not answer at all: hold what you have, burn no attempt, try again in place."""

    def __init__(self, dependency: str, reason: str = "") -> None:
        super().__init__(f"{dependency} is not available{': ' + reason if reason else ''}")
        self.dependency = dependency


class Permanent(Exception):
    """Trying again cannot help. `reason` is a short code that may be stored and shown; it holds no personal data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class InvalidEvent(Permanent):
    """The message is not the event that it claims to be. `reason` names fields, never values."""


class UnknownEvent(Permanent):
    """A type or major version that this build does not know."""
