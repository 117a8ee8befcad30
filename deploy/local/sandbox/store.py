"""What arrived: messages, gateway calls, and which faults are on. Kept in memory and in one file of lines."""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SMS_FAULTS = ("ok", "timeout", "reject", "error500", "accept_then_timeout", "no_balance", "accepted_never_delivered")
EMAIL_FAULTS = ("ok", "refuse", "tempfail")
KEPT = 50_000
LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


@dataclass(frozen=True)
class Message:
    """One message on one phone or in one mailbox. `at` is RFC 3339 in UTC; `agency` is the first of `agencies`."""

    id: str
    channel: str
    to: str
    agency: str | None
    agency_kind: str | None
    agencies: list[str]
    person: str | None
    text: str
    subject: str | None
    at: str
    links: list[str]


@dataclass
class Faults:
    sms: str = "ok"
    email: str = "ok"


class Store:
    """Thread-safe. `file` keeps the messages from one start to the next; None keeps them in memory only."""

    def __init__(self, file: Path | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._lock = threading.Lock()
        self._messages: deque[Message] = deque(maxlen=KEPT)
        self._calls: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._known: dict[str, str] = {}
        self._clock, self._file = clock, file
        self._version = 0
        self.faults = Faults()
        if file and file.exists():
            self._load(file)

    def now(self) -> str:
        return self._clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def add(self, message: Message) -> None:
        with self._lock:
            self._messages.append(message)
            self._version += 1
            if self._file:
                with self._file.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(message), ensure_ascii=False) + "\n")

    def seen(self, request_id: str, provider_id: str) -> str | None:
        """The provider's id under which this request was taken before; else remembers it and returns None."""
        with self._lock:
            before = self._known.get(request_id)
            if before is None and request_id:
                self._known[request_id] = provider_id
            return before

    def called(self, call: dict[str, Any]) -> None:
        with self._lock:
            self._calls.append(call)

    def messages(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(message) for message in self._messages]

    def calls(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._calls)

    @property
    def version(self) -> int:
        """Changes whenever the page would look different."""
        return self._version

    def clear(self) -> None:
        """Forgets messages and calls, not the request ids: a repeat after this is still a repeat."""
        with self._lock:
            self._messages.clear()
            self._calls.clear()
            self._version += 1
            if self._file:
                self._file.write_text("")

    def set_faults(self, wanted: dict[str, Any]) -> Faults:
        """Only what is named changes. Raises ValueError on anything unknown."""
        allowed = {"sms": SMS_FAULTS, "email": EMAIL_FAULTS}
        for channel, fault in wanted.items():
            if fault not in allowed.get(channel, ()):
                raise ValueError(f"{channel}: {fault}")
        with self._lock:
            for channel, fault in wanted.items():
                setattr(self.faults, channel, fault)
            self._version += 1
        return self.faults

    def _load(self, file: Path) -> None:
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                self._messages.append(Message(**json.loads(line)))
            except (ValueError, TypeError):
                continue  # half a line: the last run was killed while it wrote


def links_in(text: str) -> list[str]:
    return LINK.findall(text)
