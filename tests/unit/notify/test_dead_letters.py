"""Each death of a message is told, also of one that was sent again and died again."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.notify import dead_letters
from services.notify.dead_letters import DeadLetters
from services.notify.gap_alarm import sentence
from services.notify.gaps import Gap
from services.notify.gsm7 import SEGMENT, septets
from services.notify.sms_text import notice_text
from shared.events import Event, Message
from shared.messaging.deadletters import DeadLetter
from tests.unit.notify.made import hours


class Notices:
    def __init__(self) -> None:
        self.about: list[tuple[str, str]] = []
        self.texts: list[str] = []

    def tell(self, kind: str, about: str, text: str, also=()) -> bool:
        if (kind, about) in self.about:
            return False
        self.about.append((kind, about))
        self.texts.append(text)
        return True


@pytest.fixture
def notices() -> Notices:
    return Notices()


@pytest.fixture
def letters(monkeypatch, directory, contacts, notices) -> DeadLetters:
    row = {"_id": "e-1-abc", "commune": "binh-luong", "drill": False}
    monkeypatch.setattr(dead_letters.dead, "keep", lambda letter, now: row)
    monkeypatch.setattr(dead_letters.contacts, "everyone", lambda: contacts)
    return DeadLetters(lambda: directory, notices, sandbox=True, now=lambda: hours(1))


def letter(name: str, at: datetime) -> DeadLetter:
    message = Message(routing_key="x", body=b"{", message_id="e-1", type="t", headers={})
    return DeadLetter("e-1", name, "notify.events", {}, b"{", "abc", False, "broken", at, message)


@pytest.mark.parametrize("name", ["incident.reported", "case.step_recorded"])
def test_a_message_that_was_sent_again_and_died_again_is_told_again(letters, notices, name):
    for at in (hours(1), hours(1), hours(2)):
        letters.take(letter(name, at))

    assert [about for _, about in notices.about] == [f"e-1-abc/{at.isoformat()}" for at in (hours(1), hours(2))]


@pytest.mark.parametrize("name", ["incident.reported", "alert.sent"])
def test_a_death_elsewhere_is_told_each_time_and_once(letters, notices, name):
    for at in (hours(1), hours(1), hours(2)):
        data = {"event_id": "e-1", "incident_id": "i", "name": name, "reason": "x", "commune": None}
        event = Event(id="f", name="projection.failed", source="/r", time=at, data={**data, "at": at.isoformat()})
        letters.elsewhere(event)

    assert len(notices.about) == 2


def test_who_may_be_kept_out_is_not_named_as_whom_to_call_and_nothing_is_cut(letters, notices):
    letters.take(letter("incident.reported", hours(1)))
    data = {"event_id": "e", "incident_id": "i", "name": "incident.reported", "reason": "x", "commune": "binh-luong"}
    at = hours(1).isoformat()
    letters.elsewhere(Event(id="f", name="projection.failed", source="/r", time=hours(1), data={**data, "at": at}))

    assert len(notices.texts) == 2
    for text in notices.texts:
        said = notice_text(f"Len Tieng: {text}")
        assert said.endswith("Hay goi ngay nguoi van hanh.")
        assert septets(said) <= SEGMENT
        assert "Ban bao ve" not in said


@pytest.mark.parametrize(("low", "high", "numbers"), [(12, 12, "(số 12)"), (3, 4, "(số 3 đến 4)")])
def test_a_gap_says_what_may_be_missing_and_what_to_do(low, high, numbers):
    text = sentence("0123456789ab", Gap(low, high, hours(1), told=False))

    assert f"{numbers} của 0123456789ab" in text
    said = notice_text(f"Len Tieng: {text}")
    assert said.endswith(f"spool replay --from {low} --to {high}.")
    assert septets(said) <= SEGMENT
