"""One drill report through the whole chain, followed from the outside as an operator would, and told with times."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

REPORT = {
    "channel": "OTHER",
    "commune": "binh-luong",
    "village": "thon-3",
    "kinds": ["VIOLENCE"],
    "environment": "FAMILY",
    "immediate_danger": True,
    "description": "Báo thử khi khởi động; không có vụ việc thật. (A drill at start-up; nothing happened.)",
    "suspects": [{"relation": "PARENT"}],
    "drill": True,
}
ENOUGH = {"accepted", "delivered"}


class DrillFailed(Exception):
    """The report was not accepted; the text says what intake answered."""


@dataclass(frozen=True)
class Seen:
    """One thing that happened, `after` seconds from the moment the report was sent."""

    after: float
    what: str
    detail: str = ""


@dataclass
class Trace:
    incident: str = ""
    code: str = ""
    seen: list[Seen] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Chain:
    """Where to ask. `agencies` are the names to show, by code; `get` answers the JSON of a URL or None."""

    intake: str
    notify: str
    reporting: str
    sandbox: str
    partner_key: str
    operator_token: str
    agencies: Mapping[str, str]


def run(chain: Chain, patience: float = 45, alive: Callable[[], None] = lambda: None) -> Trace:
    """Sends the report and follows it until it is everywhere or `patience` seconds are over.

    `alive` is called all the time and may raise. Raises DrillFailed where intake does not accept the report; what does
    not arrive is in `missing`, and `seen` is in the order in which things happened.
    """
    import httpx

    trace = Trace()
    with httpx.Client(timeout=10, trust_env=False) as client:
        before = _messages(client, chain.sandbox)
        started, clock = time.time(), time.monotonic()
        accepted = client.post(f"{chain.intake}/v1/incidents", json=REPORT, headers=_bearer(chain.partner_key))
        if accepted.status_code != 202:
            raise DrillFailed(f"{accepted.status_code} {accepted.text[:400]}")
        answer = accepted.json()
        trace.incident, trace.code = answer["incident_id"], answer["code"]

        trace.seen.append(Seen(time.monotonic() - clock, "đã nhận, đã ghi xuống đĩa", f"mã vụ {trace.code}"))
        follow = _Follow(client, chain, trace, started, before)
        deadline = clock + patience
        while time.monotonic() < deadline and not follow.look():
            alive()
            time.sleep(0.05)
        trace.missing = follow.missing()
        trace.seen += follow.seen()
        trace.seen.sort(key=lambda seen: seen.after)
    return trace


class _Follow:
    def __init__(self, client: Any, chain: Chain, trace: Trace, started: float, before: int) -> None:
        self._client, self._chain, self._trace = client, chain, trace
        self._started, self._before = started, before
        self._alerts: dict[str, dict[str, Any]] = {}
        self._alerted: dict[str, float] = {}
        self._messages: list[dict[str, Any]] = []
        self._projected: Seen | None = None

    def seen(self) -> list[Seen]:
        """One line per agency and channel: when the first arrived, and how many."""
        lines = [Seen(after, "cảnh báo", self._name(agency)) for agency, after in self._alerted.items()]
        arrived: dict[tuple[str, str], list[float]] = {}
        for message in self._messages:
            key = (message["channel"], message.get("agency") or "")
            arrived.setdefault(key, []).append(self._after(message["at"]))
        for (channel, agency), times in arrived.items():
            what, unit = ("SMS đến", "máy") if channel == "sms" else ("thư đến", "hộp")
            lines.append(Seen(min(times), what, f"{self._name(agency)}, {len(times)} {unit}"))
        return lines + ([self._projected] if self._projected else [])

    def look(self) -> bool:
        """Whether there is nothing left to wait for."""
        self._look_for_alerts()
        self._look_for_messages()
        self._look_for_projection()
        return not self.missing()

    def missing(self) -> list[str]:
        waiting = []
        if not self._alerts:
            waiting.append("cảnh báo (notify)")
        elif not self._messages or not all(self._sent(alert) for alert in self._alerts.values()):
            waiting.append("tin đến máy người nhận (notify → hộp thử)")
        if not self._projected:
            waiting.append("hồ sơ (reporting)")
        return waiting

    @staticmethod
    def _sent(alert: dict[str, Any]) -> bool:
        return any(delivery.get("state") in ENOUGH for delivery in alert.get("deliveries", []))

    def _look_for_alerts(self) -> None:
        url = f"{self._chain.notify}/v1/alerts?incident={self._trace.incident}"
        body = _get(self._client, url, self._chain.operator_token) or {}
        for alert in body.get("alerts", []):
            self._alerts[alert["alert_id"]] = alert
            self._alerted.setdefault(alert["agency"], self._after(alert.get("raised_at")))

    def _look_for_messages(self) -> None:
        messages = _get(self._client, f"{self._chain.sandbox}/messages") or []
        self._messages = [message for message in messages[self._before :] if self._is_ours(message)]

    def _is_ours(self, message: dict[str, Any]) -> bool:
        return self._trace.code in f"{message.get('subject')} {message.get('text')}".replace("-", "").replace(" ", "")

    def _look_for_projection(self) -> None:
        if self._projected:
            return
        body = _get(
            self._client, f"{self._chain.reporting}/v1/trace/{self._trace.incident}", self._chain.operator_token
        )
        if body and body.get("stored") and body.get("cases"):
            self._projected = Seen(self._after(body.get("at")), "đã vào hồ sơ", f"{body['cases']} trẻ")

    def _after(self, at: str | None) -> float:
        """By the clock of whoever wrote it down, which is this machine's; a time to the second only is no use: now."""
        moment = datetime.fromisoformat(at).timestamp() if at else 0.0
        return (moment if moment % 1 else time.time()) - self._started

    def _name(self, agency: str) -> str:
        return self._chain.agencies.get(agency, agency or "số lạ")


def _messages(client: Any, sandbox: str) -> int:
    return len(_get(client, f"{sandbox}/messages") or [])


def _get(client: Any, url: str, token: str | None = None) -> Any:
    import httpx

    try:
        answer = client.get(url, headers=_bearer(token) if token else {})
        return answer.json() if answer.status_code == 200 else None
    except (httpx.HTTPError, ValueError):
        return None


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
