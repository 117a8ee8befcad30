"""For looking on: says in the log that something would be sent, and sends nothing."""

from __future__ import annotations

from services.notify.channels.base import Parcel, Result, Sent
from shared import logs

log = logs.get(__name__)


class Console:
    def __init__(self, kind: str) -> None:
        self._kind = kind

    @property
    def repeats_safely(self) -> bool:
        return True

    def send(self, parcel: Parcel) -> Result:
        log.info("would be sent", channel=self._kind, delivery=parcel.id)
        return Sent()

    def close(self) -> None:
        return None
