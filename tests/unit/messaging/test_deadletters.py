"""What is known of a dead message, whoever sent it to the dead queue."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from shared.events.message import Message
from shared.messaging.deadletters import dead_letter

NOW = datetime(2026, 3, 1, 7, 0, tzinfo=UTC)


def test_ours_says_why_and_when() -> None:
    headers: dict[str, str | int] = {
        "ce-id": "e-1",
        "ce-type": "vn.lentieng.incident.reported.v1",
        "x-reason": "invalid fields: commune",
        "x-dead-at": "2026-02-28T23:00:00+00:00",
    }
    letter = dead_letter("notify.events", Message("k", b"{}", "e-1", "t", headers=headers), headers, NOW)
    assert (letter.event_id, letter.name, letter.queue) == ("e-1", "incident.reported", "notify.events")
    assert letter.reason == "invalid fields: commune"
    assert letter.at == datetime(2026, 2, 28, 23, 0, tzinfo=UTC)


def test_the_brokers_says_it_in_x_death() -> None:
    death = [{"reason": "delivery_limit", "time": datetime(2026, 2, 1, 1, 2, 3), "queue": "notify.events"}]
    message = Message("k", b"{}", "e-1", "vn.lentieng.intake.tally.v1")
    letter = dead_letter("notify.events", message, {"x-death": death}, NOW)
    assert (letter.reason, letter.name) == ("delivery_limit", "intake.tally")
    assert letter.at == datetime(2026, 2, 1, 1, 2, 3, tzinfo=UTC)


def test_a_strangers_rubbish_is_a_letter_too() -> None:
    body = b"\x00" * (1024 * 1024 + 1)
    headers: dict[str, object] = {"x-death": "soon", "x-dead-at": "never"}
    letter = dead_letter("notify.events", Message("k", body, "", "", headers={"x-dead-at": "never"}), headers, NOW)
    assert (letter.event_id, letter.name, letter.reason, letter.at) == (None, None, "unknown", NOW)
    assert letter.large
    assert letter.sha256 == hashlib.sha256(body).hexdigest()
    assert letter.body == body
