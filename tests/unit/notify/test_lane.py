"""A claim that waited for a thread is judged by what is stored now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notify import states
from services.notify.channels.base import Parcel, Sent
from services.notify.desks import AlertDesk
from services.notify.lane import Lane
from services.notify.store.claims import LEASE, Held
from shared.failures import DependencyDown, Temporary
from shared.stopping import Stopping
from tests.unit.notify.made import alert, hours

CLAIMED = hours(1)
HELD = Held("d", "ca-1", "sms", "+84000000111", 1, "claim", 0, 0, hours(24), CLAIMED + LEASE)
ROW = {"id": "d", "generation": 1, "contact": "ca-1"}


class Phone:
    repeats_safely = True

    def __init__(self) -> None:
        self.sent: list[Parcel] = []

    def send(self, parcel: Parcel) -> Sent:
        self.sent.append(parcel)
        return Sent()


class Desk(AlertDesk):
    """`stored`: what the database has now."""

    def __init__(self, stored) -> None:
        super().__init__(self, lambda *_: None)
        self.stored, self.outcomes = stored, []

    def read(self, document_id: str):
        if isinstance(self.stored, Exception):
            raise self.stored
        return self.stored

    def parcel(self, document, held) -> Parcel:
        return Parcel(held.id, held.to, "text", "", "", CLAIMED)

    def tells(self, *_) -> bool:
        return False

    def record_all(self, finished, now) -> int:
        self.outcomes += [outcome for _, _, outcome in finished]
        return 0


def delivered(stored, *, waited: float):
    phone, desk = Phone(), Desk(stored)
    lane = Lane("sms", phone, [desk], Stopping(), now=lambda: CLAIMED + timedelta(seconds=waited))
    lane._deliver(desk, alert(deliveries=[ROW]), HELD)
    [outcome] = desk.outcomes
    return len(phone.sent), outcome


@pytest.mark.parametrize(
    "stored",
    [
        alert(deliveries=[{**ROW, "ended_at": hours(1)}]),
        alert(state="withdrawn", deliveries=[ROW]),
        alert(acknowledged_at=hours(1), deliveries=[ROW]),
        alert(deliveries=[{**ROW, "generation": 2}]),
        None,
    ],
)
def test_a_conflict_that_was_stored_while_it_waited_stops_the_message(stored):
    sent, outcome = delivered(stored, waited=20)

    assert (sent, outcome.state) == (0, states.EXPIRED)


def test_what_is_still_wanted_goes():
    assert delivered(alert(deliveries=[ROW]), waited=20)[0] == 1


def test_a_claim_of_this_moment_is_not_read_again():
    assert delivered(RuntimeError("read"), waited=0.5)[0] == 1


@pytest.mark.parametrize("error", [DependencyDown("mongodb"), Temporary("refused")])
def test_what_cannot_be_read_is_not_sent_and_comes_again(error):
    sent, outcome = delivered(error, waited=20)

    assert (sent, outcome.state, outcome.next_at) == (0, states.PENDING, CLAIMED + timedelta(seconds=20))


def test_the_time_of_a_claim_is_its_lease_backwards():
    assert replace(HELD, lease_ends=hours(2)).claimed_at == hours(2) - LEASE
