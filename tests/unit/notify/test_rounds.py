"""Rounds over many documents: one that the database refuses, or that nobody can judge, stops nobody else."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.notify import clock_keeper, ladder_runner, watchdog
from services.notify.clock_keeper import ClockRunner
from services.notify.ladder_runner import LadderRunner
from services.notify.lane import Lane
from services.notify.watchdog import Watchdog
from shared.failures import DependencyDown, Permanent, Temporary
from shared.stopping import Stopping
from tests.unit.notify.made import alert, hours

REFUSALS = [Temporary("mongodb refused: WriteError"), Permanent("not storable"), RuntimeError("changed"), KeyError("x")]


class Notices:
    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def tell(self, kind: str, about: str, text: str, also=(), **_) -> bool:
        new = (kind, about) not in self.told
        self.told.append((kind, about))
        return new


@pytest.fixture
def notices() -> Notices:
    return Notices()


def of(*ids: str):
    """A store with these in it, longest waiting first."""

    def due(_, limit: int, but=()):
        return [{"_id": one} for one in ids if one not in but][:limit]

    return due


def refusing(first: Exception, seen: list[str]):
    """Takes rows by id, and refuses the first."""

    def work(row, *_) -> bool:
        if not seen:
            seen.append("refused")
            raise first
        seen.append(row["_id"])
        return True

    return work


def ladder(notices, directory=None) -> LadderRunner:
    return LadderRunner(
        lambda: directory, notices, link_key=b"k", wake=lambda _: None, told=lambda: None, now=lambda: hours(1)
    )


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: type(error).__name__)
def test_the_ladder_goes_on_with_the_next_alert(monkeypatch, notices, error):
    seen: list[str] = []
    runner = ladder(notices)
    monkeypatch.setattr(ladder_runner.alerts, "due", of("a", "b"))
    monkeypatch.setattr(runner, "_climb", refusing(error, seen))

    assert runner.once() == 1
    assert seen == ["refused", "b"]


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: type(error).__name__)
def test_the_clocks_go_on_with_the_next_incident(monkeypatch, error):
    seen: list[str] = []
    monkeypatch.setattr(clock_keeper.incidents, "due", of("a", "b"))
    monkeypatch.setattr(clock_keeper.contacts, "everyone", lambda: ())
    monkeypatch.setattr(clock_keeper, "judged", lambda row: row)
    monkeypatch.setattr(clock_keeper, "advance", refusing(error, seen))

    assert ClockRunner(lambda: None, None, now=lambda: hours(1)).once() == 2
    assert seen == ["refused", "b"]


def test_a_batch_full_of_what_nobody_can_judge_does_not_hold_what_comes_after(monkeypatch, notices):
    seen: list[str] = []
    now = [hours(1)]
    runner = LadderRunner(
        lambda: None, notices, link_key=b"k", wake=lambda _: None, told=lambda: None, now=lambda: now[0]
    )
    monkeypatch.setattr(ladder_runner, "_BATCH", 2)
    monkeypatch.setattr(ladder_runner.alerts, "due", of("bad-1", "bad-2", "good"))

    def climb(row, *_):
        seen.append(row["_id"])
        if row["_id"].startswith("bad"):
            raise KeyError("x")
        return True

    monkeypatch.setattr(runner, "_climb", climb)

    assert [runner.once() for _ in range(2)] == [0, 1]
    assert seen == ["bad-1", "bad-2", "good"]
    now[0] += timedelta(seconds=2)
    assert runner.once() == 0
    assert seen[3:] == ["bad-1", "bad-2"]
    now[0] += timedelta(seconds=3)  # not yet: each time twice as long
    assert (runner.once(), len(seen)) == (1, 6)


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: type(error).__name__)
def test_the_watchdog_goes_on_with_the_next_document(monkeypatch, notices, error):
    seen: list[str] = []
    dog = Watchdog(notices, lambda: None, now=lambda: hours(1))
    monkeypatch.setattr(watchdog.alerts, "late", lambda *_: [{"_id": "a"}, {"_id": "b"}])
    monkeypatch.setattr(watchdog.incidents, "late", lambda *_: [])
    monkeypatch.setattr(dog, "_stuck", refusing(error, seen))

    assert dog.once() == 1
    assert seen == ["refused", "b"]


def test_an_engine_that_is_down_is_waited_for(monkeypatch, notices):
    runner = ladder(notices)
    monkeypatch.setattr(ladder_runner.alerts, "due", lambda *_, **__: [{"_id": "a"}])
    monkeypatch.setattr(runner, "_climb", refusing(DependencyDown("mongodb"), []))

    with pytest.raises(DependencyDown):
        runner.once()


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: type(error).__name__)
def test_a_lane_whose_question_is_refused_asks_again(error):
    class Waits(Stopping):
        def wait(self, seconds: float) -> bool:
            return self.requested

    stopping, asked = Waits(), []

    class Desk:
        name = "alerts"

        def due(self, channel: str, now: datetime, limit: int) -> list[str]:
            asked.append(channel)
            if len(asked) == 1:
                raise error
            stopping.request()
            return []

    Lane("sms", None, [Desk()], stopping, threads=1, poll=0.0, now=lambda: hours(1)).run()

    assert len(asked) == 2


@pytest.mark.parametrize(
    ("stored", "about"),
    [({}, "a-ca-binh-luong"), ({"acknowledged_at": hours(1)}, f"a-ca-binh-luong/{hours(1).isoformat()}")],
)
def test_nobody_is_left_to_tell_is_told_anew_after_each_acknowledgement_without_a_step(
    monkeypatch, directory, contacts, notices, stored, about
):
    told = [address for one in contacts for address in (*one.phones, *one.mailboxes)]
    written: list[dict] = []
    row = alert(told=told, danger=True, escalation_level=5, **stored)
    monkeypatch.setattr(ladder_runner.alerts, "due", lambda *_, **__: [row])
    monkeypatch.setattr(ladder_runner.incidents, "get", lambda _: None)
    monkeypatch.setattr(ladder_runner.contacts, "everyone", lambda: contacts)
    collection = Collection(written)
    monkeypatch.setattr("services.notify.store.collections.alerts", lambda: collection)

    assert ladder(notices, directory).once() == 1

    assert notices.told == [("exhausted", about)]
    [operators] = written
    fields = operators["$set"]
    assert (fields["state"], fields["next_action_at"], fields["exhausted_at"]) == ("exhausted", None, hours(1))
    assert operators["$push"]["outgoing"]["event"]["name"] == "alert.exhausted"
    if stored:
        assert fields["acknowledged_at"] is None, "or the last one above would be shown no button"
        assert operators["$push"]["lapses"]["$each"][0]["why"] == "no_step"


class Collection:
    def __init__(self, written: list[dict]) -> None:
        self._written = written

    def find_one_and_update(self, condition, operators, **_):
        self._written.append(operators)
        return {"_id": condition["_id"]}
