"""What a person of the commune sees through the one door."""

from __future__ import annotations

from typing import Any

from tests.e2e.who import case_path
from tests.harness.forms import form
from tests.harness.staff import Staff


def name_seen_by(staff: Staff, told: dict[str, Any]) -> str:
    """The page that shows the child's name, opened with a reason; the session's cookie is good in every service."""
    client, path = staff.client("committee"), case_path(told)
    shown = form(client.get(path).text, action="/mo/child")
    return staff.send(client, shown, path, reason="HANDLE_CASE", follow=True).text
