"""What every channel can do and how it says what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True)
class Parcel:
    """One message to one target. `id` is the delivery's: the same on every repeat, and so is all the rest.

    `text` is for channels of one line; `subject`, `body` (plain) and `html` are for mail. `at` (aware) is when the
    alert was raised: the date that the mail bears.
    """

    id: str
    to: str
    text: str
    subject: str
    body: str
    at: datetime
    html: str | None = None


@dataclass(frozen=True)
class Sent:
    """Taken over by the provider. `repeated`: it knew the request already, so an earlier try had arrived."""

    provider_id: str | None = None
    repeated: bool = False


@dataclass(frozen=True)
class Failed:
    """Certainly not taken over. `reason` is a short code without addresses or content."""

    reason: str
    kind: Literal["temporary", "permanent"]


@dataclass(frozen=True)
class Unknown:
    """It may have been taken over: nobody can tell."""

    reason: str


Result = Sent | Failed | Unknown


class Channel(Protocol):
    """`repeats_safely`: a provider that knows request ids takes the identical parcel once, however often it comes."""

    @property
    def repeats_safely(self) -> bool: ...

    def send(self, parcel: Parcel) -> Result:
        """One try, bounded in time. Anything raised counts as `Unknown`."""
        ...

    def close(self) -> None: ...
