"""Telling the operator: stored first, so that a crash delays it and never swallows it; the same trouble once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.notify import states, telling
from services.notify.deliveries import waiting
from services.notify.store import notices
from shared import logs, metrics
from shared.authority import Contact, normal_mailbox, normal_phone

log = logs.get(__name__)
_NOTICES = metrics.counter("notify_notices_total", "Messages to the operator by kind", ("kind",))


@dataclass(frozen=True)
class Operator:
    """Whoever keeps the system running; both may be empty on a developer's machine."""

    phone: str
    mail: str


class Notices:
    """`wake` is told the id of each new notice, so that it goes out at once."""

    def __init__(
        self,
        operator: Operator,
        wake: Callable[[str], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._operator, self._wake, self._now = operator, wake, now

    def tell(
        self,
        kind: str,
        about: str,
        text: str,
        also: Sequence[Contact] = (),
        *,
        mail_only: bool = False,
        operator: bool = True,
    ) -> bool:
        """Tell the operator, and `also` these contacts; False if this was told before. Raises `DependencyDown`.

        `mail_only`: for the record, nobody's telephone rings for it. Without `operator` the contacts alone are told.

        `text` is one Vietnamese sentence without content: codes and counts, no names, no places.
        """
        now = self._now()
        identity = telling.identifier("notice", kind, about)
        to = self._operator if operator else Operator("", "")
        rows = [row for row in _deliveries(identity, to, also, now) if not mail_only or row["channel"] == states.EMAIL]
        fields: dict[str, Any] = {
            "kind": kind,
            "about": about,
            "text": text,
            "created_at": now,
            "deliveries": rows,
        }
        if not notices.keep(identity, fields):
            return False
        _NOTICES.labels(kind).inc()
        level = log.info if mail_only or not operator else log.error
        level("operator told" if operator else "owner told", kind=kind, rows=len(rows))
        self._wake(identity)
        return True


def _deliveries(identity: str, operator: Operator, also: Sequence[Contact], now: datetime) -> list[dict[str, Any]]:
    targets: dict[str, tuple[str, str]] = {}
    if operator.phone:
        targets[normal_phone(operator.phone)] = (states.SMS, "operator")
    if operator.mail:
        targets[normal_mailbox(operator.mail)] = (states.EMAIL, "operator")
    for contact in also:
        for phone in contact.phones:
            targets.setdefault(normal_phone(phone), (states.SMS, contact.id))
        for mailbox in contact.mailboxes:
            targets.setdefault(normal_mailbox(mailbox), (states.EMAIL, contact.id))
    return [
        waiting(telling.identifier("delivery", identity, channel, to), contact_id, channel, to, now)
        for to, (channel, contact_id) in targets.items()
    ]
