"""What a delivery says (pure but for the templates): made anew for each try, and the same each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notify import links, louder, sms_text
from services.notify.channels.base import Parcel
from services.notify.clocks import MISSED, WARNED
from services.notify.states import ACCOUNT, EMAIL
from services.notify.store.claims import Held
from shared.calendar import in_words

_URGENCY = {"NOW": "KHẨN", "UNKNOWN": "CHƯA RÕ, coi như KHẨN", "NOT_NOW": "THƯỜNG"}
_CLOCK_STATES = {WARNED: "SẮP HẾT HẠN", MISSED: "QUÁ HẠN"}
_SUBJECTS = {ACCOUNT: "Lên Tiếng: tài khoản của bạn vừa được thay đổi"}
_TEMPLATES = Path(__file__).parent / "templates"


class AlertComposer:
    """`link_key` derives each contact's link; nothing of a message is stored."""

    def __init__(self, link_key: bytes, link_base_url: str) -> None:
        self._key, self._base = link_key, link_base_url
        self._letters = _Letters()

    def parcel(self, alert: Mapping[str, Any], held: Held) -> Parcel:
        link = links.address(self._base, links.token(self._key, alert["_id"], held.contact))
        code, drill = alert["code"], bool(alert.get("drill"))
        row: Mapping[str, Any] = next((one for one in alert.get("deliveries") or () if one["id"] == held.id), {})
        why = louder.of_delivery(alert, row)
        facts = sms_text.SmsFacts(
            code=code,
            urgency=alert["urgency"],
            drill=drill,
            commune=alert.get("commune_name") or "",
            village=alert.get("village_name") or "",
            due_at=alert["due_at"],
            link=link,
            agency=alert.get("agency_name") or "",
            louder=why.sms if why is not None else "",
        )
        urgency = _URGENCY.get(alert["urgency"], "KHẨN")
        # A subject stands on lock screens: code and urgency, nothing else.
        subject = f"{'DIỄN TẬP - ' if drill else ''}{urgency}: {code}"
        parcel = Parcel(held.id, held.to, sms_text.alert_text(facts), subject, "", alert["raised_at"])
        if held.channel != EMAIL:
            return parcel
        shown = {**shown_of(alert), "link": link, "why": why.sentence if why is not None else ""}
        return self._letters.of(parcel, "alert", shown)


class ClockComposer:
    """`staff_url`: where staff see the case; who opens it signs in there."""

    def __init__(self, staff_url: str) -> None:
        self._staff_url = staff_url
        self._letters = _Letters()

    def parcel(self, incident: Mapping[str, Any], row: Mapping[str, Any], held: Held) -> Parcel:
        """`row` is the delivery; what it is about was written into it when the clock moved."""
        about, drill = row["about"], bool(incident.get("drill"))
        code = f"{incident['code']}-{about['number']}"
        link = f"{self._staff_url}/staff/truong-hop/{code}"
        facts = sms_text.SmsFacts(
            code=code,
            urgency=about["state"].upper(),
            drill=drill,
            commune=about.get("commune_name") or "",
            village=about.get("village_name") or "",
            due_at=about["due_at"],
            link=link,
        )
        urgency = _CLOCK_STATES.get(about["state"], "QUÁ HẠN")
        shown = {
            "code": code,
            "drill": drill,
            "missed": about["state"] == MISSED,
            "urgency": urgency,
            "clock": about["clock_name"],
            "basis": about["basis"],
            "village": about.get("village_name") or "",
            "commune": about.get("commune_name") or "",
            "due": in_words(about["due_at"]),
            "link": link,
        }
        subject = f"{'DIỄN TẬP - ' if drill else ''}{urgency}: {code}"
        parcel = Parcel(held.id, held.to, sms_text.clock_text(facts), subject, "", row["created_at"])
        return self._letters.of(parcel, "clock", shown) if held.channel == EMAIL else parcel


class NoticeComposer:
    """Messages to the operator, and to the owner of an account: one sentence without content."""

    def parcel(self, notice: Mapping[str, Any], held: Held) -> Parcel:
        text = notice["text"]
        return Parcel(
            id=held.id,
            to=held.to,
            text=sms_text.notice_text(f"Len Tieng: {text}"),
            subject=_SUBJECTS.get(notice["kind"], "Lên Tiếng: cần người vận hành xem"),
            body=f"{text}\n\nThư tự động của hệ thống Lên Tiếng.\n",
            at=notice["created_at"],
        )


class _Letters:
    """The two forms of a mail, rendered for mail alone: a text message needs neither."""

    def __init__(self) -> None:
        loader = FileSystemLoader(_TEMPLATES / "mail")
        # Without auto_reload: the files belong to this release, and each letter would ask the disk for their age.
        settings: dict[str, Any] = {"undefined": StrictUndefined, "trim_blocks": True, "auto_reload": False}
        self._mail = Environment(loader=loader, autoescape=True, **settings)
        # Plain text has no markup to escape.
        self._plain = Environment(loader=loader, autoescape=False, **settings)  # noqa: S701

    def of(self, parcel: Parcel, template: str, shown: Mapping[str, Any]) -> Parcel:
        body = self._plain.get_template(f"{template}.txt").render(shown)
        return replace(parcel, body=body, html=self._mail.get_template(f"{template}.html").render(shown))


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
        "due": in_words(alert["due_at"]),
        "raised": in_words(alert["raised_at"]),
    }
