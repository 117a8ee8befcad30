"""The mail server of the sandbox: takes every mail, or refuses as told, and lays it into the mailbox."""

from __future__ import annotations

import secrets
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.sandbox.people import People
from deploy.local.sandbox.store import Message, Store, links_in

ANSWERS = {"refuse": "550 5.1.1 No such mailbox", "tempfail": "451 4.3.0 Try again later"}


class Mailboxes:
    """aiosmtpd's handler. One message per recipient, as each mailbox sees it."""

    def __init__(self, store: Store, people: People) -> None:
        self._store, self._people = store, people

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        fault = self._store.faults.email
        if fault != "ok":
            return ANSWERS[fault]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content or "").encode()
        mail = message_from_bytes(content, _class=EmailMessage, policy=policy.default)
        text = _text_of(mail)
        for address in envelope.rcpt_tos:
            owners = self._people.of(address)
            first = owners[0] if owners else None
            self._store.add(
                Message(
                    id=f"mail-{secrets.token_hex(6)}",
                    channel="email",
                    to=address,
                    agency=first.agency if first else None,
                    agency_kind=first.agency_kind if first else None,
                    agencies=list(dict.fromkeys(owner.agency for owner in owners)),
                    person=first.name if first else None,
                    text=text,
                    subject=str(mail.get("Subject", "")),
                    at=self._store.now(),
                    links=links_in(text),
                )
            )
        return "250 OK"


def _text_of(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    content = part.get_content()
    return content if isinstance(content, str) else ""


def controller(store: Store, people: People, host: str, port: int) -> Controller:
    """Not started. Runs in a thread of its own."""
    return Controller(Mailboxes(store, people), hostname=host, port=port, enable_SMTPUTF8=True)
