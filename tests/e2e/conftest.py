"""The whole stack, seen as people and partners see it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.e2e.newcomers import Newcomer, activated, invited
from tests.harness.browser import chromium
from tests.harness.staff import Staff
from tests.harness.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.harness.stack import Stack

FULL = json.loads((Path(__file__).parents[1] / "contract" / "incident-full.json").read_text())


class People:
    """The clients of a running stack: a partner, an operator, a district, and the sandbox's phones."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.ready = stack, stack.ready
        self.http = httpx.Client(timeout=15)

    def report(self, *, intake: str | None = None, **changes: Any) -> dict[str, Any]:
        """Post the full body with an id of its own and these changes; the answer of the 202."""
        body = {**FULL, "external_id": f"e2e-{uuid.uuid4()}", **changes}
        answer = self.http.post(
            f"{intake or self.ready['intake']}/v1/incidents",
            json=body,
            headers={"Authorization": f"Bearer {self.ready['partner_key']}"},
        )
        assert answer.status_code == 202, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def messages(self, code: str) -> list[dict[str, Any]]:
        """Everything the sandbox's phones and mailboxes got about an incident, newest last."""
        everything = self.http.get(f"{self.ready['sandbox']}/messages").json()
        return [one for one in everything if code in one["text"] or code in (one["subject"] or "")]

    def alerts(self, incident_id: str) -> list[dict[str, Any]]:
        answer = self.http.get(
            f"{self.ready['notify']}/v1/alerts",
            params={"incident": incident_id},
            headers={"Authorization": f"Bearer {self.ready['operator_token']}"},
        )
        assert answer.status_code == 200, answer.text
        alerts: list[dict[str, Any]] = answer.json()["alerts"]
        return alerts

    def sent(self, incident_id: str) -> list[dict[str, Any]]:
        """The alerts of an incident, once every one of its deliveries has been accepted."""

        def settled() -> list[dict[str, Any]]:
            alerts = self.alerts(incident_id)
            states = {delivery["state"] for alert in alerts for delivery in alert["deliveries"]}
            return alerts if states and states <= {"accepted", "delivered"} else []

        return until(settled, timeout=15, what="every delivery accepted")

    def indicator(self, token: str = "district_token", **params: Any) -> httpx.Response:
        query = {"unit": "binh-luong", "calendar": "statistical", "period": "2023-06", **params}
        return self.http.get(
            f"{self.ready['reporting']}/v1/indicators/REPORTED_CHILDREN",
            params=query,
            headers={"Authorization": f"Bearer {self.ready[token]}"},
        )

    def total(self, **params: Any) -> int:
        answer = self.indicator(**params)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["total"])

    def total_becomes(self, expected: int, **params: Any) -> None:
        """Wait for a number, and fail where it is ever above it."""

        def there() -> bool:
            total = self.total(**params)
            if total > expected:
                pytest.fail(f"counted {total}, more than {expected}")
            return total == expected

        until(there, timeout=15, what=f"{expected} children counted")

    def stored(self, incident_id: str) -> None:
        """Wait until reporting has the incident and its cases."""

        def there() -> bool:
            answer = self.http.get(
                f"{self.ready['reporting']}/v1/trace/{incident_id}",
                headers={"Authorization": f"Bearer {self.ready['operator_token']}"},
            )
            return answer.status_code == 200 and answer.json()["stored"] and answer.json()["cases"] > 0

        until(there, timeout=15, what="projected")


@pytest.fixture(scope="session")
def people(stack: Stack) -> Iterator[People]:
    people = People(stack)
    yield people
    people.http.close()


@pytest.fixture(scope="session")
def staff(stack: Stack) -> Iterator[Staff]:
    staff = Staff(stack.ready)
    yield staff
    staff.close()


@pytest.fixture(scope="session")
def newcomer(staff: Staff) -> Newcomer:
    """Invited by the administrator and set up by itself. One for all: numbers are given out slowly to one place."""
    user = f"thu.{uuid.uuid4().hex[:8]}"
    return activated(staff, user, invited(staff, user))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running
