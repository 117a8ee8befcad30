"""The contacts of all agencies, from lists that come one by one: until every one is there nobody is recognised."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.integration.reporting.case_files import contacts_listed, rosters, staffed, told

CODE = "7K2F93QD0A"
CASE = f"/staff/truong-hop/{CODE}-1"


@pytest.fixture
def police(office, service, reports, sealer):
    staffed(office, service)
    service.project(told(reports, sealer, office.clock()))
    return office.signed_in("police")


def naming(events, *more):
    """The lists as they are told now, with the agencies that have contacts."""
    agencies = [*sorted(event.data["agency"] for event in events), *more]
    return [replace(event, data={**event.data, "agencies": agencies}) for event in events]


def test_while_the_list_of_an_agency_is_missing_nobody_sees_a_case(service, police):
    lists = naming(rosters(version=2), "newly-founded")
    service.project(*lists)

    assert police.get(CASE).status_code == 403, "who sits there as well would not be recognised"
    assert CODE not in police.get("/staff").text

    service.project(naming([contacts_listed("newly-founded", 2, [])], *(event.data["agency"] for event in lists))[0])
    assert police.get(CASE).status_code == 200


def test_only_the_newest_list_says_which_agencies_there_are(service, police):
    service.project(*naming(rosters(version=2), "long-gone"), *naming(rosters(version=3)))

    assert police.get(CASE).status_code == 200


def test_lists_of_before_they_named_agencies_hold_as_they_are(service, police):
    service.project(*rosters(version=2))

    assert police.get(CASE).status_code == 200
