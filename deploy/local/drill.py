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
    """One thing that happened `after` seconds from the moment the report was sent."""

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


def run(
    chain: Chain, tell: Callable[[Seen], None], patience: float = 45, alive: Callable[[], None] = lambda: None
) -> Trace:
    """Sends the report and follows it until it is everywhere or `patience` seconds are over.

    `tell` is called for each thing in the order it is seen; `alive` is called all the time and may raise. Raises
    DrillFailed where intake does not accept it; what does not arrive is in `missing`.
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

        def note(after: float, what: str, detail: str = "") -> None:
            seen = Seen(max(0.0, after), what, detail)
            trace.seen.append(seen)
            tell(seen)

        note(time.monotonic() - clock, "đã nhận, đã ghi xuống đĩa", f"mã {trace.code}")
        follow = _Follow(client, chain, trace, note, started, before)
        deadline = clock + patience
        while time.monotonic() < deadline and not follow.look():
            alive()
            time.sleep(0.05)
        trace.missing = follow.missing()
    return trace


class _Follow:
    def __init__(self, client: Any, chain: Chain, trace: Trace, note: Callable[..., None], started: float, before: int) -> None:  # fmt: skip # noqa: E501
        self._client, self._chain, self._trace, self._note = client, chain, trace, note
        self._started, self._before = started, before
        self._alerts: dict[str, dict[str, Any]] = {}
        self._arrived: set[int] = set()
        self._channels: set[str] = set()
        self._projected = False

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
        elif not self._arrived or not all(self._sent(alert) for alert in self._alerts.values()):
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
            if alert["alert_id"] not in self._alerts:
                agency = self._chain.agencies.get(alert["agency"], alert["agency"])
                self._note(self._after(alert.get("raised_at")), "cảnh báo", agency)
            self._alerts[alert["alert_id"]] = alert

    def _look_for_messages(self) -> None:
        messages = _get(self._client, f"{self._chain.sandbox}/messages") or []
        for number, message in enumerate(messages):
            if number < self._before or number in self._arrived or not self._is_ours(message):
                continue
            self._arrived.add(number)
            what = "SMS đến máy" if message["channel"] == "sms" else "thư đến hộp"
            who = message.get("person") or self._chain.agencies.get(message.get("agency") or "", "")
            self._note(self._after(message["at"]), what, f"{who} {message['to']}".strip())

    def _is_ours(self, message: dict[str, Any]) -> bool:
        return self._trace.code in f"{message.get('subject')} {message.get('text')}".replace("-", "").replace(" ", "")

    def _look_for_projection(self) -> None:
        if self._projected:
            return
        body = _get(
            self._client, f"{self._chain.reporting}/v1/trace/{self._trace.incident}", self._chain.operator_token
        )
        if body and body.get("stored") and body.get("cases"):
            self._projected = True
            self._note(self._after(body.get("at")), "đã vào hồ sơ", f"{body['cases']} trẻ")

    def _after(self, at: str | None) -> float:
        """By the clock of whoever wrote it down: it is this machine's too. What has no time is dated now."""
        moment = datetime.fromisoformat(at).timestamp() if at else time.time()
        return moment - self._started


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
