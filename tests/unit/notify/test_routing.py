from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.routing import has_unknown_codes, route
from shared.authority import Clear
from shared.directory import load

SAMPLE = load(Path(__file__).resolve().parents[3] / "deploy/directory/binh-luong")
NOW = datetime(2026, 1, 5, 3, tzinfo=UTC)
RECEIVED = NOW - timedelta(hours=1)
BEATEN_AT_HOME = Clear(
    commune="binh-luong", kinds=("VIOLENCE",), environment="FAMILY", danger=True, relations=("PARENT",)
)
AT_SCHOOL = replace(BEATEN_AT_HOME, environment="SCHOOL", danger=False, schools=("th-binh-luong",))


def routed(clear, directory, contacts):
    return route(clear, directory, contacts, at=NOW, received_at=RECEIVED)


def agencies(clear, directory, contacts):
    return {duty.agency for duty in routed(clear, directory, contacts).duties}


@pytest.mark.parametrize(
    ("clear", "expected"),
    [
        (BEATEN_AT_HOME, {"bvte-binh-luong", "ca-binh-luong"}),
        (replace(AT_SCHOOL, relations=("PUPIL",)), {"bvte-binh-luong", "ca-binh-luong", "th-binh-luong"}),
        (replace(AT_SCHOOL, relations=("TEACHER",)), {"bvte-binh-luong", "ca-binh-luong", "gd-ke-nhiem-nhu-xuan"}),
        (replace(AT_SCHOOL, relations=("UNKNOWN",)), {"bvte-binh-luong", "ca-binh-luong", "gd-ke-nhiem-nhu-xuan"}),
        (replace(BEATEN_AT_HOME, relations=("POLICE_OFFICER",)), {"bvte-binh-luong", "ca-ke-nhiem-nhu-xuan"}),
        (replace(BEATEN_AT_HOME, relations=("COMMITTEE_MEMBER",)), {"te-ke-nhiem-nhu-xuan", "ca-binh-luong"}),
        (replace(BEATEN_AT_HOME, withhold_from=frozenset({"police"})), {"bvte-binh-luong", "ca-ke-nhiem-nhu-xuan"}),
        (Clear(commune="binh-luong", kinds=("DISASTER",), danger=False), {"bvte-binh-luong"}),
    ],
)  # fmt: skip
def test_who_owes_the_child_an_action(clear, expected, directory, contacts):
    assert agencies(clear, directory, contacts) == expected


def test_the_duty_of_an_agency_that_must_not_know_goes_to_its_superior(directory, contacts):
    duties = routed(replace(AT_SCHOOL, relations=("TEACHER",)), directory, contacts).duties
    [moved] = [duty for duty in duties if duty.why != "matrix"]

    assert (moved.agency, moved.duty) == ("gd-ke-nhiem-nhu-xuan", "STOP_VIOLENCE_AT_SCHOOL")
    assert moved.why == "instead_of:th-binh-luong"


def test_a_head_who_also_sits_on_the_committee_is_barred_there_too(directory, contacts):
    barrier = routed(replace(AT_SCHOOL, relations=("TEACHER",)), directory, contacts).barrier

    barred = {contact.id for contact in contacts if barrier.bars(contact)}
    assert "bvte-3" in barred
    assert "bvte-1" not in barred


def test_an_agency_whose_every_contact_is_barred_counts_as_excluded(directory, contacts):
    # The committee of a tiny commune: the head teacher alone.
    tiny = tuple(one for one in contacts if one.agency != "bvte-binh-luong" or one.id == "bvte-3")
    clear = replace(AT_SCHOOL, relations=("TEACHER",))

    result = routed(clear, directory, tiny)

    assert "bvte-binh-luong" in result.barrier.agencies
    assert "te-ke-nhiem-nhu-xuan" in {duty.agency for duty in result.duties}


def test_somebody_is_told_when_everybody_is_excluded(directory, contacts):
    clear = replace(BEATEN_AT_HOME, withhold_from=frozenset(directory.all_agencies))

    assert agencies(clear, directory, contacts) == {"te-thanh-hoa"}


def test_a_duty_never_falls_on_who_was_withheld_because_the_others_up_there_can_t_be_reached(directory, contacts):
    """All that is left at the top answers a mailbox that somebody of the withheld agency reads too."""
    shared = tuple(
        replace(one, mailboxes=("chung@example.invalid",)) if one.agency.endswith("-thanh-hoa") else one
        for one in contacts
    )
    everyone_but_the_top = {code for code in directory.all_agencies if not code.endswith("-thanh-hoa")}
    clear = replace(BEATEN_AT_HOME, withhold_from=frozenset({*everyone_but_the_top, "te-thanh-hoa"}))

    told = agencies(clear, directory, shared)

    assert told
    assert told <= {"ca-thanh-hoa", "gd-thanh-hoa"}


def test_a_duty_that_moves_up_passes_over_an_agency_of_which_nobody_is_listed(directory, contacts):
    listed = tuple(one for one in contacts if one.agency not in {"ca-ke-nhiem-nhu-xuan", "ca-thanh-hoa"})
    clear = replace(BEATEN_AT_HOME, relations=("POLICE_OFFICER",))

    assert agencies(clear, directory, listed) == {"bvte-binh-luong", "te-ke-nhiem-nhu-xuan"}
    assert agencies(clear, directory, ()) == {"bvte-binh-luong", "ca-ke-nhiem-nhu-xuan"}


@pytest.mark.parametrize(
    "clear",
    [
        replace(BEATEN_AT_HOME, commune="nowhere"),
        replace(BEATEN_AT_HOME, commune=None),
        replace(BEATEN_AT_HOME, kinds=("FROM_THE_FUTURE",)),
        replace(BEATEN_AT_HOME, environment="MOON"),
        replace(BEATEN_AT_HOME, relations=("ROBOT",)),
    ],
)
def test_what_nobody_knows_goes_to_the_committee_and_the_unit_above(clear, directory, contacts):
    assert has_unknown_codes(clear, directory)
    assert {"bvte-binh-luong", "te-ke-nhiem-nhu-xuan"} <= agencies(clear, directory, contacts)


def test_twelve_hours_run_from_the_reception_where_danger_or_abuse_is_not_ruled_out(directory, contacts):
    duties = routed(BEATEN_AT_HOME, directory, contacts).duties
    calm = routed(Clear(commune="binh-luong", kinds=("DISASTER",), danger=False), directory, contacts).duties

    assert {duty.due_at for duty in duties} == {RECEIVED + timedelta(hours=12)}
    assert all(duty.due_at > RECEIVED + timedelta(days=4) for duty in calm)


codes = st.lists(st.sampled_from("VIOLENCE SEXUAL_ABUSE DROWNING DISASTER AT_RISK ODD".split()), max_size=3)


@given(data=st.data())
def test_never_nobody_and_never_an_excluded_agency(data, directory, contacts):
    clear = Clear(
        commune=data.draw(st.sampled_from(["binh-luong", "nowhere", None])),
        kinds=tuple(data.draw(codes)),
        environment=data.draw(st.sampled_from(["FAMILY", "SCHOOL", "ODD", None])),
        danger=data.draw(st.sampled_from([True, False, None])),
        schools=tuple(data.draw(st.lists(st.sampled_from(["th-binh-luong", "mn-binh-luong", "odd"]), max_size=2))),
        relations=tuple(data.draw(st.lists(st.sampled_from(sorted(directory.codes("relations"))), max_size=2))),
        withhold_from=frozenset(data.draw(st.lists(st.sampled_from(sorted(directory.all_agencies)), max_size=9))),
    )

    result = routed(clear, directory, contacts)

    assert result.duties
    told = {duty.agency for duty in result.duties}
    assert not told & result.barrier.agencies
    assert len({(duty.agency, duty.duty) for duty in result.duties}) == len(result.duties)


@pytest.mark.parametrize("place", [*SAMPLE.units, None, "nowhere"])
@pytest.mark.parametrize("day", [datetime(2023, 6, 1, 3, tzinfo=UTC), NOW])
def test_whatever_place_a_report_names_somebody_owes_something(place, day, directory, contacts):
    clear = Clear(commune=place, kinds=("VIOLENCE",), environment="FAMILY", danger=True, relations=("PARENT",))
    duties = route(clear, directory, contacts, at=day, received_at=day).duties

    assert {"bvte-binh-luong", "ca-binh-luong"} <= {duty.agency for duty in duties}
