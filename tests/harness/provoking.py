"""What leads an installation to a given place in its code. Each ends when `done` says that the place was reached."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from tests.harness.poison import publish
from tests.harness.waiting import until
from tests.harness.witness import Witness

# At home, by a parent: nobody is excluded before somebody says so.
CALM = {"kinds": ["VIOLENCE"], "environment": "FAMILY", "suspects": [{"relation": "PARENT"}], "withhold_from": []}

Provoke = Callable[[Witness, Callable[[], bool]], None]


def with_reports(town: Witness, done: Callable[[], bool]) -> None:
    with town.load(rate=15):
        until(done, timeout=30, what="the place is reached", every=0.05)


def with_poison(town: Witness, done: Callable[[], bool]) -> None:
    """Something that goes to the dead queue, in both queues, among reports."""
    for queue in ("notify.events", "reporting.events"):
        publish(town.place.amqp, "replay", queue, b"neither JSON nor a report")
    with_reports(town, done)


def with_a_climb(town: Witness, done: Callable[[], bool]) -> None:
    """An alert whose patience has run out."""
    town.settle()
    town.reports(1)
    town.settle()
    newest = town.place.mongo["notify"].alerts.find_one({"acknowledged_at": None}, sort=[("raised_at", -1)])
    assert newest
    town.place.mongo["notify"].alerts.update_one(
        {"_id": newest["_id"]}, {"$set": {"next_action_at": datetime.now(UTC)}}
    )
    until(done, timeout=20, what="the alert climbs")


def with_an_acknowledgement(town: Witness, done: Callable[[], bool]) -> None:
    code = town.report()["code"]
    town.quiet()
    messages = town.http.get(f"{town.place.url('sandbox')}/messages").json()
    link = next(link for one in messages if code in one["text"] for link in one["links"] if "/a/" in link)

    def pressed() -> bool:
        town.http.post(link)  # until somebody answers: the process dies over the first one
        return True

    until(pressed, timeout=20, what="acknowledged", every=0.3)
    assert done()
    acknowledged = town.place.mongo["notify"].alerts.count_documents({"code": code, "acknowledged_at": {"$ne": None}})
    assert acknowledged == 1


def with_steps(town: Witness, done: Callable[[], bool]) -> None:
    """A step for a child whose clock runs, among those of others."""
    told = [town.report(immediate_danger=True) for _ in range(3)]
    town.quiet()
    for one in told:
        town.step(one)
    until(done, timeout=20, what="the place is reached", every=0.05)


def with_a_conflict(town: Witness, done: Callable[[], bool]) -> None:
    """The police declare that they must not know, of a report that they were alerted of; another goes on as it was."""
    told, other = town.report(**CALM), town.report(**CALM)
    town.quiet()
    town.conflict(told, "ca-binh-luong")
    town.step(other)
    until(done, timeout=20, what="the place is reached", every=0.05)


def with_a_late_key(town: Witness, done: Callable[[], bool]) -> None:
    """Reports sealed to a key that reporting does not have yet: kept as they came, and opened when it has it."""
    place, folder = town.place, town.place.place.sealing_private
    town.settle()
    before = set(folder.glob("*.pem"))
    made = place.command("reporting-worker", "keys", "rotate")
    assert made.returncode == 0, made.stderr
    (key,) = set(folder.glob("*.pem")) - before
    key.rename(key.with_suffix(".late"))
    try:
        until(lambda: town.report() and unread(town), timeout=30, what="intake seals to the new key", every=0.3)
    finally:
        key.with_suffix(".late").rename(key)
    place.terminate("reporting-worker")
    place.start("reporting-worker", wait=False)
    until(done, timeout=30, what="the place is reached", every=0.05)


def unread(town: Witness) -> bool:
    return town.place.mongo["reporting"].facts.count_documents({"sealed_under": {"$gt": ""}}) > 0
