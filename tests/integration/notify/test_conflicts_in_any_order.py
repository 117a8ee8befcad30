"""Events around a conflict in any order, twice, and at two workers at once: in the end the same people know."""

from __future__ import annotations

import itertools

import pytest

from shared.events import Event
from tests.integration.notify.by_hand import children
from tests.integration.notify.conflicts import COMMITTEE, POLICE, POLICE_ABOVE, SCHOOL, SCHOOLS_ABOVE, supplement_of
from tests.integration.notify.system import COMMITTEE_FIRST


def events_of_a_busy_night(by_hand) -> list[Event]:
    """A report, two conflicts, a supplement and a release that lets the school know."""
    report = by_hand.report(
        environment="SCHOOL", suspect_relations=["TEACHER"], immediate_danger=False, cases=children("c", 1, SCHOOL)
    )
    supplement = supplement_of(by_hand, report, withhold_from=[SCHOOLS_ABOVE])
    return [
        report,
        by_hand.conflict(report, POLICE),
        by_hand.conflict(report, contacts=("bvte-1",)),
        by_hand.step(report, "AGENCY_RELEASED", released=[SCHOOL]),
        supplement,
    ]


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::7])
def test_in_any_order_and_twice_the_same_people_know(by_hand, order):
    events = events_of_a_busy_night(by_hand)
    for number in order:
        by_hand.handle(events[number])
    [report, *_] = events
    first = by_hand.alerts(report)

    for number in reversed(order):
        by_hand.handle(events[number])
    by_hand.handle(*(events[number] for number in order))

    assert {one["_id"]: one["version"] for one in by_hand.alerts(report)} == {
        one["_id"]: one["version"] for one in first
    }, "a second time changes nothing"
    living = {agency for agency, _ in by_hand.living(report)}
    assert {COMMITTEE, POLICE_ABOVE, SCHOOL} <= living
    assert not living & {POLICE, SCHOOLS_ABOVE}
    open_to = {
        row["contact"] for one in first for row in (*one["links"], *one["deliveries"]) if row.get("ended_at") is None
    }
    assert not open_to & {"ca-1", "ca-2", "bvte-1"}
    assert not any(row["to"] == COMMITTEE_FIRST[0] and row["next_at"] for one in first for row in one["deliveries"])


def test_two_workers_at_once_leave_nothing_open_to_whom_must_not_know(by_hand, monkeypatch):
    """While the first raises the police above, a second is told that they must not know either."""
    from services.notify import settling

    report = by_hand.report()
    by_hand.handle(report)
    second, store = by_hand.conflict(report, POLICE_ABOVE), settling.store_raised
    came = []

    def and_meanwhile(documents, ports):
        if documents and not came:
            came.append(documents)
            by_hand.handle(second)
        return store(documents, ports)

    monkeypatch.setattr(settling, "store_raised", and_meanwhile)
    by_hand.handle(by_hand.conflict(report, POLICE))

    assert [document["agency"] for document in came[0]] == [POLICE_ABOVE]
    living = {agency for agency, _ in by_hand.living(report)}
    assert not living & {POLICE, POLICE_ABOVE}
    assert "ca-thanh-hoa" in living, "and the duty went up past both"
    assert not [row for row in by_hand.alert(report, POLICE_ABOVE)["links"] if row.get("ended_at") is None]
