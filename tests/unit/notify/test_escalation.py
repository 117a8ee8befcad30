from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.notify.escalation import Climb, Exhausted, next_step, patience, targets
from shared.authority import Barrier, Contact

NOW = datetime(2026, 1, 5, 3, tzinfo=UTC)
NOBODY = Barrier(frozenset())


def climb(directory, contacts, *, agency="ca-binh-luong", barrier=NOBODY, rounds=20):
    """Who is told, rung by rung, while nobody answers."""
    first = targets(contacts, agency, "first", barrier, ())
    told, level, rungs = [target.to for target in first], 0, []
    for _ in range(rounds):
        step = next_step(
            agency=agency,
            level=level,
            told=told,
            contacts=contacts,
            barrier=barrier,
            directory=directory,
            wait=300,
            now=NOW,
        )
        if isinstance(step, Exhausted):
            return rungs, told
        assert isinstance(step, Climb)
        assert step.level > level
        assert step.next_action_at == NOW + timedelta(seconds=300)
        level = step.level
        told += [target.to for target in step.targets]
        rungs.append((step.agency, sorted({target.contact.id for target in step.targets})))
    raise AssertionError("the ladder has no end")


def test_first_the_second_in_line_then_those_above_each_once(directory, contacts):
    rungs, told = climb(directory, contacts)

    assert rungs == [
        ("ca-binh-luong", ["ca-3"]),
        ("ca-ke-nhiem-nhu-xuan", ["ca-ke-nhiem-1"]),
        ("ca-thanh-hoa", ["ca-tinh-1"]),
        ("te-ke-nhiem-nhu-xuan", ["te-ke-nhiem-1"]),
        ("te-thanh-hoa", ["te-tinh-1"]),
    ]
    assert len(told) == len(set(told))


def test_a_rung_without_anybody_is_passed_over_at_once(directory, contacts):
    without = [one for one in contacts if one.id not in {"ca-3", "ca-ke-nhiem-1"}]

    rungs, _ = climb(directory, without)

    assert rungs[0][0] == "ca-thanh-hoa"


def test_excluded_agencies_are_climbed_past(directory, contacts):
    barrier = Barrier.around({"ca-ke-nhiem-nhu-xuan"}, contacts)

    rungs, _ = climb(directory, contacts, barrier=barrier)

    assert "ca-ke-nhiem-nhu-xuan" not in [agency for agency, _ in rungs]


def test_a_number_that_two_people_share_rings_once():
    shared = [
        Contact("a", "x", "p1", ("0912 345 678",), ("A@x.example",)),
        Contact("b", "x", "p2", ("+84912345678",), ("a@x.example", "b@x.example")),
    ]

    found = targets(shared, "x", "first", NOBODY, ())

    assert [(target.channel, target.to) for target in found] == [
        ("sms", "+84912345678"),
        ("email", "a@x.example"),
        ("email", "b@x.example"),
    ]


def test_patience_is_five_minutes_while_danger_is_not_ruled_out(directory):
    assert [patience(directory, danger, 0) for danger in (True, None, False)] == [300, 300, 1800]
    assert [patience(directory, danger, 1) for danger in (True, None, False)] == [300, 300, 1800]


def test_a_ladder_that_shrinks_while_it_is_climbed_loses_no_rung(directory, contacts):
    told = [target.to for target in targets(contacts, "ca-binh-luong", "first", NOBODY, ())]
    told += [target.to for target in targets(contacts, "ca-binh-luong", "second", NOBODY, ())]
    told += [target.to for target in targets(contacts, "ca-ke-nhiem-nhu-xuan", "first", NOBODY, ())]
    barrier = Barrier.around({"ca-ke-nhiem-nhu-xuan"}, contacts)

    step = next_step(
        agency="ca-binh-luong",
        level=2,
        told=told,
        contacts=contacts,
        barrier=barrier,
        directory=directory,
        wait=300,
        now=NOW,
    )

    assert isinstance(step, Climb)
    assert (step.agency, step.level) == ("ca-thanh-hoa", 3)


def test_above_the_second_in_line_is_told_where_none_of_the_first_may_be(directory, contacts):
    """The first one above has a number of somebody who must not know; without the second, nobody there was told."""
    hat = Contact("hat", "th-binh-luong", "p-x", ("+84000000900",))
    above = [
        Contact("above-1", "ca-ke-nhiem-nhu-xuan", "p-y", ("+84000000900",)),
        Contact("above-2", "ca-ke-nhiem-nhu-xuan", "p-z", ("+84000000901",), order="second"),
    ]
    others = [one for one in contacts if one.agency != "ca-ke-nhiem-nhu-xuan"]
    everyone = [*others, hat, *above]

    rungs, _ = climb(directory, everyone, barrier=Barrier.around({"th-binh-luong"}, everyone))

    assert ("ca-ke-nhiem-nhu-xuan", ["above-2"]) in rungs
    assert ("ca-ke-nhiem-nhu-xuan", ["above-1"]) in climb(directory, everyone)[0]


def test_whoever_may_know_at_the_top_is_told_where_nobody_of_the_line_is_listed(directory, contacts):
    education = [one for one in contacts if one.agency == "gd-thanh-hoa"]

    assert climb(directory, education)[0] == [("gd-thanh-hoa", ["gd-tinh-1"])]
    assert climb(directory, education, barrier=Barrier.around({"gd-thanh-hoa"}, education))[0] == []
    # Where somebody of the line was told, the others up there are none of it.
    assert "gd-thanh-hoa" not in [agency for agency, _ in climb(directory, contacts)[0]]
