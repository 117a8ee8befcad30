"""A step as notify and reporting read it, whether it was told before or after its fields were added."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from services.notify.incident import Fact
from services.notify.incident_events import fact_of
from services.reporting.lifecycle import step_of
from shared.events import Event, validate
from shared.events.staff import StepRecorded

GOLDEN = json.loads((Path(__file__).parent / "events" / "case.step_recorded.v1.json").read_text())["body"]
OLDEST = {name: GOLDEN[name] for name in ("incident_id", "case_id", "step", "at", "recorded_at", "by")}


def event(data):
    return Event("e-1", "case.step_recorded", "/intake/a", datetime(2023, 6, 1, tzinfo=UTC), data)


def test_a_step_is_what_its_event_says():
    step = StepRecorded.from_data(GOLDEN)

    assert step.at == datetime(2023, 6, 1, 3, 0, tzinfo=UTC)
    assert step.until == datetime(2023, 6, 16, 3, 0, tzinfo=UTC)
    assert (step.withhold_from, step.withhold_contacts, step.released) == (("th-binh-luong",), ("th-2",), ())
    assert (step.role, step.agency, step.contact, step.risk) == ("chairman", "bvte-binh-luong", "bvte-1", "HIGH")


def test_a_step_of_before_the_fields_were_added_is_still_read():
    validate(event(OLDEST))
    step = StepRecorded.from_data(OLDEST)

    assert (step.withhold_from, step.withhold_contacts, step.released, step.sealed) == ((), (), (), None)
    assert (step.hats, step.contacts, step.released_contacts) == ((), (), ())


def test_a_step_carries_everything_that_its_author_is():
    step = StepRecorded.from_data({**GOLDEN, "hats": ["th-binh-luong", "school"], "contacts": ["th-1", "bvte-3"]})

    assert (step.hats, step.contacts) == (("th-binh-luong", "school"), ("th-1", "bvte-3"))


def test_that_the_last_resort_told_it_reaches_notify_and_reporting():
    told = event({**GOLDEN, "spared_at": "2023-06-01T10:30:00+07:00"})
    moment = datetime(2023, 6, 1, 3, 30, tzinfo=UTC)
    validate(told)
    _, fact = fact_of(told)

    assert (fact.spared_at, Fact.from_row(fact.as_row()).spared_at) == (moment, moment)
    assert step_of(told)["spared_at"] == moment
    assert (fact_of(event(OLDEST))[1].spared_at, step_of(event(OLDEST))["spared_at"]) == (None, None)


def test_a_field_that_comes_later_is_passed_over():
    told = event({**GOLDEN, "added_in_2031": 1})

    validate(told)
    assert StepRecorded.from_data(replace(told).data).step == "INITIAL_ASSESSED"
