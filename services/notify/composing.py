"""What a delivery says (pure but for the templates): made anew for each try, and the same each time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notify import links, sms_text
from services.notify.channels.base import Parcel
from services.notify.store.claims import Held
from shared.calendar import LOCAL

_URGENCY = {"NOW": "KHẨN", "UNKNOWN": "CHƯA RÕ, coi như KHẨN", "NOT_NOW": "THƯỜNG"}
_TEMPLATES = Path(__file__).parent / "templates"


class AlertComposer:
    """`link_key` derives each contact's link; nothing of a message is stored."""

    def __init__(self, link_key: bytes, link_base_url: str) -> None:
        self._key, self._base = link_key, link_base_url
        loader = FileSystemLoader(_TEMPLATES / "mail")
        self._mail = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        # Plain text has no markup to escape.
        self._plain = Environment(loader=loader, autoescape=False, undefined=StrictUndefined, trim_blocks=True)  # noqa: S701

    def parcel(self, alert: Mapping[str, Any], held: Held) -> Parcel:
        link = links.address(self._base, links.token(self._key, alert["_id"], held.contact))
        code, drill = alert["code"], bool(alert.get("drill"))
        facts = sms_text.SmsFacts(
            code=code,
            urgency=alert["urgency"],
            drill=drill,
            commune=alert.get("commune_name") or "",
            village=alert.get("village_name") or "",
            due_at=alert["due_at"],
            link=link,
        )
        shown = {**shown_of(alert), "link": link}
        urgency = _URGENCY.get(alert["urgency"], "KHẨN")
        return Parcel(
            id=held.id,
            to=held.to,
            text=sms_text.alert_text(facts),
            # A subject stands on lock screens: code and urgency, nothing else.
            subject=f"{'DIỄN TẬP - ' if drill else ''}{urgency}: {code}",
            body=self._plain.get_template("alert.txt").render(shown),
            at=alert["raised_at"],
            html=self._mail.get_template("alert.html").render(shown),
        )


class NoticeComposer:
    """Messages to the operator: one sentence without content."""

    def parcel(self, notice: Mapping[str, Any], held: Held) -> Parcel:
        text = notice["text"]
        return Parcel(
            id=held.id,
            to=held.to,
            text=sms_text.notice_text(f"Len Tieng: {text}"),
            subject="Lên Tiếng: cần người vận hành xem",
            body=f"{text}\n\nThư tự động của hệ thống Lên Tiếng.\n",
            at=notice["created_at"],
        )


def shown_of(alert: Mapping[str, Any]) -> dict[str, Any]:
    """What a page or a mail may show of an alert: within the content ceiling, names of places and agencies only."""
    return {
        "code": alert["code"],
        "drill": bool(alert.get("drill")),
        "urgent": alert["urgency"] != "NOT_NOW",
        "urgency": _URGENCY.get(alert["urgency"], "KHẨN"),
        "groups": list(alert.get("kind_groups") or ()) or ["Chưa rõ"],
        "village": alert.get("village_name") or "",
        "commune": alert.get("commune_name") or "",
        "agency": alert.get("agency_name") or alert["agency"],
        "duty": alert.get("duty_name") or alert["duty"],
        "due": alert["due_at"].astimezone(LOCAL).strftime("%H:%M ngày %d/%m/%Y"),
        "raised": alert["raised_at"].astimezone(LOCAL).strftime("%H:%M ngày %d/%m/%Y"),
    }
