"""The ledger itself: one loss in a thousand is seen, whatever was lost, and nothing is seen where nothing is."""

from __future__ import annotations

import copy
import itertools
import random
import re
import uuid
from dataclasses import replace
from typing import Any

import pytest

from deploy.local.place import SAMPLE_CONTACTS, SAMPLE_DIRECTORY
from tests.harness.bodies import VARIANTS, body_of, contacts_of
from tests.harness.ledger import Ledger, Seen
from tests.harness.waiting import until
from tests.harness.witness import Witness

THOUSAND = 1000


@pytest.fixture(scope="module")
def told() -> tuple[Ledger, Seen]:
    """A thousand reports and what an installation without a fault would show of them."""
    ledger = Ledger.of(SAMPLE_DIRECTORY, contacts_of(SAMPLE_CONTACTS / "contacts.seed.yaml"))
    for number, variant in zip(range(THOUSAND), itertools.cycle(VARIANTS), strict=False):
        id_ = str(uuid.uuid4())
        cases = [f"{id_}-{child}" for child in (1, 2)]
        ledger.accept(body_of(variant), {"incident_id": id_, "code": f"CODE{number:06}", "case_ids": cases})
    alerts, calls = [], []
    for one in ledger.accepted.values():
        for incident, agency, duty, occasion in sorted(ledger.owed(one)):
            request = str(uuid.uuid4())
            delivery = {"id": request, "channel": "sms", "to": "+84000000999", "agency": agency, "state": "accepted"}
            delivery |= {"next_at": None, "attempts": [{"outcome": "accepted"}]}
            alerts.append(
                {"_id": str(uuid.uuid4()), "incident_id": incident, "code": one.code, "agency": agency, "duty": duty,
                 "occasion": occasion, "deliveries": [delivery]}
            )  # fmt: skip
            calls.append({"request_id": request, "to": delivery["to"], "text": f"{one.code} /a/x"})
    facts = [{"_id": id_, "name": "incident.reported"} for id_ in ledger.accepted]
    cases = [{"_id": case} for one in ledger.accepted.values() for case in one.cases]
    return ledger, Seen(alerts, facts, cases, len(cases), calls, [], [], frozenset())


def test_a_thousand_kept_promises_are_no_problem(told: tuple[Ledger, Seen]) -> None:
    ledger, seen = told
    assert ledger.problems(seen) == []


@pytest.mark.parametrize("lost", ["alerts", "facts", "cases", "calls"])
def test_one_loss_in_a_thousand_is_named(told: tuple[Ledger, Seen], lost: str) -> None:
    ledger, seen = told
    rows = list(getattr(seen, lost))
    del rows[random.randrange(len(rows))]
    assert len(ledger.problems(replace(seen, **{lost: rows}))) == 1


def test_one_report_lost_altogether_is_named_on_both_sides(told: tuple[Ledger, Seen]) -> None:
    ledger, seen = told
    lost = random.choice(list(ledger.accepted))
    without = replace(
        seen,
        alerts=[one for one in seen.alerts if one["incident_id"] != lost],
        facts=[one for one in seen.facts if one["_id"] != lost],
        cases=[one for one in seen.cases if not one["_id"].startswith(lost)],
        total=seen.total - 2,
    )
    assert [problem.split(":")[0] for problem in ledger.problems(without)] == [
        "accepted and nobody alerted",
        "accepted and no fact",
        "accepted and no case",
        f"{2 * THOUSAND - 2} children counted of {2 * THOUSAND} accepted",
    ]


@pytest.mark.parametrize("doubled", ["alerts", "cases", "calls"])
def test_one_thing_done_twice_is_named(told: tuple[Ledger, Seen], doubled: str) -> None:
    ledger, seen = told
    rows = list(getattr(seen, doubled))
    rows.append(copy.deepcopy(random.choice(rows)))
    assert len(ledger.problems(replace(seen, **{doubled: rows}))) == 1


def test_a_second_call_after_an_unknown_one_is_no_problem_and_a_third_is(told: tuple[Ledger, Seen]) -> None:
    ledger, seen = told
    rows = copy.deepcopy(list(seen.alerts))
    delivery = random.choice(rows)["deliveries"][0]
    delivery["attempts"].insert(0, {})
    again = [call for call in seen.calls if call["request_id"] == delivery["id"]]
    assert ledger.problems(replace(seen, alerts=rows, calls=[*seen.calls, *again])) == []
    assert len(ledger.problems(replace(seen, alerts=rows, calls=[*seen.calls, *again, *again]))) == 1


def test_an_alert_to_somebody_who_must_not_know_is_named(told: tuple[Ledger, Seen]) -> None:
    ledger, seen = told
    rows = copy.deepcopy(list(seen.alerts))
    teacher = next(one for one in ledger.accepted.values() if one.clear.relations == ("TEACHER",))
    alert = next(one for one in rows if one["incident_id"] == teacher.incident_id)
    head = next(one for one in ledger.contacts if one.agency == "th-binh-luong")
    alert["deliveries"][0]["to"] = head.phones[0]
    told_him = {"request_id": "x", "to": head.phones[0], "text": f"{teacher.code}: co tin bao"}
    problems = ledger.problems(replace(seen, alerts=rows, calls=[*seen.calls, told_him]))
    assert [problem.split(":")[0] for problem in problems] == [
        "a delivery to somebody who must not know",
        "a message to somebody who must not know",
    ]


@pytest.mark.parametrize(
    ("database", "collection"), [("notify", "alerts"), ("reporting", "facts"), ("reporting", "cases")]
)
def test_what_is_taken_out_of_a_real_database_is_missed(town: Witness, database: str, collection: str) -> None:
    """The control of every other experiment: their ledger is read from these databases."""
    town.reports(5)
    town.settle()
    expected = 2 if collection == "alerts" else 1  # the alert, and mails that nothing accounts for
    rows = town.place.mongo[database][collection]
    wanted: dict[str, Any] = {"name": "incident.reported"} if collection == "facts" else {}
    lost = random.choice(list(rows.find(wanted)))
    rows.delete_one({"_id": lost["_id"]})
    try:
        assert len(town.ledger.problems(town.seen())) == expected
    finally:
        rows.insert_one(lost)
    assert town.ledger.problems(town.seen()) == []


@pytest.mark.long
@pytest.mark.timeout(900)
def test_one_report_in_a_thousand_thrown_away_is_caught_and_can_be_sent_again(town: Witness) -> None:
    """Each consumer says Done to one that it has not handled. The ledger names both, and so does the product."""
    place = town.place
    town.settle()
    before = len(town.notices("gap"))
    for service, at in (("notify", 400), ("reporting", 700)):
        place.terminate(f"{service}-worker")
        place.start(f"{service}-worker", lose=at)
    town.reports(THOUSAND)
    until(lambda: town.moving() == "2 reports neither alerted nor counted", timeout=400, what="all else", every=1)
    lost = {service: place.lost(f"{service}-worker") for service in ("notify", "reporting")}

    problems = town.ledger.problems(town.seen())

    children = len(town.ledger.accepted[lost["reporting"]].cases)
    assert [problem.split(":")[0] for problem in problems] == [
        "accepted and nobody alerted",
        "accepted and no fact",
        "accepted and no case",
        f"{town.ledger.children - children} children counted of {town.ledger.children} accepted",
    ]
    assert lost["notify"] in problems[0]
    assert lost["reporting"] in problems[1]
    ((first, last),) = until(town.gaps, timeout=60, what="reconciliation misses it")
    told = until(lambda: town.notices("gap")[before:], timeout=60, what="the operator is told of the gap")[-1]["text"]
    missing = {first, last, *map(int, re.findall(r"số (\d+) đến", told))}
    assert len(missing) == 2

    for number in missing:
        place.command("intake-1", "spool", "replay", "--from", str(number), "--to", str(number))
    town.settle(timeout=120)
    assert town.gaps() == []
