"""`POST /v1/incidents`: what a partner's body means where it says little or too much."""

from __future__ import annotations

import pytest

from .stand import NOW

BODY = {"kinds": ["VIOLENCE"], "commune": "binh-luong"}


def post(stand, partner, **more):
    return stand.app.test_client().post(
        "/v1/incidents", json={**BODY, **more}, headers={"Authorization": f"Bearer lt_{partner}"}
    )


def pointers(answer):
    return [error["pointer"] for error in answer.json["errors"]]


@pytest.mark.parametrize("field", ["received_at", "occurred_at"])
@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59Z", f"{NOW.year + 2}-01-01T00:00:00Z", "0001-01-01T00:00:00Z"])
def test_a_year_that_has_no_local_day_is_named_and_is_no_fault_of_ours(stand, field, moment):
    answer = post(stand, "app", **{field: moment})

    assert (answer.status_code, pointers(answer)) == (422, [f"/{field}"])
    assert stand.events() == []


def test_a_year_ahead_is_still_a_clock_that_is_wrong(stand):
    answer = post(stand, "app", received_at=f"{NOW.year + 1}-01-01T00:00:00Z")

    assert (answer.status_code, pointers(answer)) == (422, ["/received_at"])


def test_a_report_that_names_no_channel_comes_by_the_one_of_its_token(stand):
    assert [post(stand, partner).status_code for partner in ("app", "hotline")] == [202, 202]
    assert [event.data["channel"] for event in stand.events()] == ["APP", "HOTLINE_111"]


def test_of_several_channels_one_has_to_be_named_and_no_other(stand):
    answers = [post(stand, "desk"), post(stand, "desk", channel="APP"), post(stand, "desk", channel="HEALTH")]

    assert [answer.status_code for answer in answers] == [422, 403, 202]
    assert pointers(answers[0]) == ["/channel"]
    assert [event.data["channel"] for event in stand.events()] == ["HEALTH"]
