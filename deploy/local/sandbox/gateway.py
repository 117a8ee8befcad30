"""The SMS provider of the sandbox: takes a call, misbehaves as told, and lays the message on the phone."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from typing import Any

from deploy.local.sandbox.people import People
from deploy.local.sandbox.store import Message, Store, links_in

HANG_SECONDS = 30.0
REFUSALS: dict[str, tuple[dict[str, Any], int]] = {
    "timeout": ({"status": "timeout"}, 504),
    "reject": ({"status": "rejected", "error": "refused by the operator of the number"}, 200),
    "error500": ({"status": "error", "error": "internal error"}, 500),
    "no_balance": ({"status": "no_balance", "error": "the account has no money left"}, 200),
}


@dataclass(frozen=True)
class Gateway:
    """`hang` is how long a call is left without an answer under the time-out faults; `stopping` ends that early."""

    store: Store
    people: People
    stopping: threading.Event
    hang: float = HANG_SECONDS

    def send(self, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """(answer, HTTP status) for {"to", "text", "request_id"}."""
        fault = self.store.faults.sms
        to, text, request_id = (str(body.get(name) or "") for name in ("to", "text", "request_id"))
        answer, status = self._judge(fault, to, text, request_id)
        self.store.called({"to": to, "text": text, "request_id": request_id, "at": self.store.now(), "fault": fault,
                           "status": answer.get("status"), "http": status})  # fmt: skip
        if fault in {"timeout", "accept_then_timeout"}:
            self.stopping.wait(self.hang)
        return answer, status

    def _judge(self, fault: str, to: str, text: str, request_id: str) -> tuple[dict[str, Any], int]:
        if not to or not text:
            return {"status": "rejected", "error": "to and text are required"}, 400
        if fault in REFUSALS:
            return REFUSALS[fault]
        provider_id = f"sms-{secrets.token_hex(6)}"
        before = self.store.seen(request_id, provider_id)
        if before:
            return {"status": "duplicate", "id": before}, 200
        if fault != "accepted_never_delivered":
            self._deliver(provider_id, to, text)
        return {"status": "accepted", "id": provider_id}, 200

    def _deliver(self, provider_id: str, to: str, text: str) -> None:
        owners = self.people.of(to)
        first = owners[0] if owners else None
        self.store.add(
            Message(
                id=provider_id,
                channel="sms",
                to=to,
                agency=first.agency if first else None,
                agency_kind=first.agency_kind if first else None,
                agencies=list(dict.fromkeys(owner.agency for owner in owners)),
                person=first.name if first else None,
                text=text,
                subject=None,
                at=self.store.now(),
                links=links_in(text),
            )
        )
