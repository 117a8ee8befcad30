"""Why somebody is told later (pure): a message that climbed must not read like the one that nobody heard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.notify.sms_text import NOBODY_ACTED, NOBODY_ANSWERED

_NO_STEP = "no_step"


@dataclass(frozen=True)
class Louder:
    """`sms`: the first words of the text message. `sentence`: what a mail and the page say."""

    sms: str
    sentence: str


def of_delivery(alert: Mapping[str, Any], row: Mapping[str, Any]) -> Louder | None:
    """None for a message to those who are told first.

    Of a delivery it is the same however often it is sent: only what had happened when it was made counts.
    """
    if not row.get("level"):
        return None
    lapses = [lapse for lapse in alert.get("lapses") or () if lapse["at"] <= row["created_at"]]
    acted = bool(lapses) and lapses[-1]["why"] == _NO_STEP
    whose = row.get("agency") or alert["agency"]
    if whose == alert["agency"]:
        who = "người đã xác nhận của cơ quan" if acted else "chưa ai của cơ quan"
    else:
        who = alert.get("agency_name") or alert["agency"]
    if acted:
        return Louder(NOBODY_ACTED, f"Bạn nhận tin này vì {who} chưa ghi bước xử lý nào.")
    verb = "xác nhận" if whose == alert["agency"] else "chưa xác nhận"
    return Louder(NOBODY_ANSWERED, f"Bạn nhận tin này vì {who} {verb}.")


def of_contact(alert: Mapping[str, Any], contact: str) -> Louder | None:
    """What this contact was told first, for the page behind the link."""
    rows = [row for row in alert.get("deliveries") or () if row["contact"] == contact]
    return of_delivery(alert, min(rows, key=lambda row: row.get("level") or 0)) if rows else None
