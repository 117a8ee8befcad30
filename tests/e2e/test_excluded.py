"""Whom authority excludes finds nothing: in no page, list, search, count or figure, and behind no old link."""

from __future__ import annotations

import re

import pytest

from tests.e2e.who import case_path, clock_state, first_number, record, rows_of, sms_link
from tests.harness.forms import form
from tests.harness.waiting import until

NAME = "Cầm Văn Bịa Ra"
CHILD = [{"full_name": NAME, "age": 8, "school": "th-binh-luong"}]
HEAD_PHONE = "+84000000121"


def reported(people, **changes):
    told = people.report(children=CHILD, received_at=None, occurred_at=None, **changes)
    people.sent(told["incident_id"])
    people.stored(told["incident_id"])
    return told


@pytest.fixture(scope="module")
def excluded(people, staff):
    """Somebody of the school is suspected. The figures of the school before it."""
    before = staff.client("school").get("/staff/so-lieu").text
    return reported(people, environment="SCHOOL", suspects=[{"relation": "TEACHER"}]), before


def test_the_committee_sees_the_case(staff, excluded):
    told, _ = excluded
    client = staff.client("committee")

    assert told["code"] in client.get("/staff").text
    assert client.get(case_path(told)).status_code == 200


@pytest.mark.parametrize("path", ["/staff/vu-viec/{}", "/staff/truong-hop/{}-1"])
def test_the_school_is_refused_the_pages_and_told_nothing_by_the_refusal(staff, excluded, path):
    told, _ = excluded
    answer = staff.client("school").get(path.format(told["code"]))
    nowhere = staff.client("school").get(path.format("0000000000"))

    assert answer.status_code == 403
    assert NAME not in answer.text
    assert answer.text.replace(told["code"], "") == nowhere.text.replace("0000000000", "")
    assert answer.status_code == nowhere.status_code


def test_the_school_finds_it_in_no_list_search_or_figure(staff, excluded):
    told, before = excluded
    client = staff.client("school")
    search = client.get("/staff/tim").text
    by_name, by_code = form(search, having="ten"), form(search, having="ma")
    figures_now = client.get("/staff/so-lieu").text
    pages = [
        client.get("/staff"),
        client.get("/staff", params={"xong": "1"}),
        staff.send(client, by_code, "/staff/tim/ma", ma=told["code"], follow=True),
        staff.send(client, by_code, "/staff/tim/ma", ma=f"{told['code']}-1", follow=True),
        staff.send(client, by_name, "/staff/tim", ten=NAME, follow=True),
    ]

    for page in pages:
        assert page.status_code in {200, 404}
        assert f"/truong-hop/{told['code']}" not in page.text
        assert f"/vu-viec/{told['code']}" not in page.text
    assert figures(figures_now) == figures(before)


def figures(page):
    """Every number of the page, without the time at which it was read."""
    return re.findall(r"<(?:b|dd)>(\d+)</", page.split("<main", 1)[1].split("</main>")[0])


def test_the_school_can_open_no_part_of_it_with_a_form_of_another_case(people, staff, stack, excluded):
    told, _ = excluded
    own = reported(people)
    client = staff.client("school")
    shown = form(client.get(case_path(own)).text, action="/mo/child")
    shown.action = shown.action.replace(own["code"], told["code"])
    answer = staff.send(client, shown, case_path(own), reason="HANDLE_CASE")

    assert answer.status_code == 403
    assert NAME not in answer.text
    assert rows_of(stack, told) == []


def test_a_case_that_the_school_may_know_raises_its_figure_by_one(people, staff):
    client = staff.client("school")
    before = first_number(client.get("/staff/so-lieu").text)
    told = reported(people)

    until(lambda: told["code"] in client.get("/staff").text, what="the case in the school's list")
    assert first_number(client.get("/staff/so-lieu").text) == before + 1


def test_a_declared_conflict_takes_the_case_away_from_the_school_and_its_old_link_shows_nothing(people, staff):
    told = reported(people)
    link = sms_link(people, told, "school", to=HEAD_PHONE)
    school = staff.client("school")
    assert told["code"] in people.http.get(link).text
    assert school.get(case_path(told)).status_code == 200

    answer = record(staff, "committee", told, "CONFLICT_DECLARED", withhold_from="th-binh-luong")

    assert answer.status_code == 303, answer.text
    until(lambda: people.http.get(link).status_code == 404, what="the link shows nothing")
    assert told["code"] not in people.http.get(link).text
    until(lambda: school.get(case_path(told)).status_code == 403, what="the page is closed")
    assert told["code"] not in school.get("/staff").text
    until(lambda: "th-binh-luong" not in told_now(people, told), what="the alert is withdrawn")
    assert [agency for agency in told_now(people, told) if agency.startswith("gd-")], "its superior is told instead"


def told_now(people, told):
    return {alert["agency"] for alert in people.alerts(told["incident_id"]) if alert["state"] != "withdrawn"}


def test_declared_against_one_person_it_is_closed_to_that_person_in_every_agency(people, staff):
    """The head teacher also sits on the committee, under the same number."""
    told = reported(people)
    link = sms_link(people, told, "school", to=HEAD_PHONE)

    answer = record(staff, "committee", told, "CONFLICT_DECLARED", withhold_contacts="bvte-3")

    assert answer.status_code == 303, answer.text
    until(lambda: people.http.get(link).status_code == 404, what="the link shows nothing")
    until(lambda: staff.client("school").get(case_path(told)).status_code == 403, what="the page is closed")
    assert staff.client("committee").get(case_path(told)).status_code == 200


def test_three_children_are_three_cases_and_a_step_on_one_leaves_two_clocks_running(people, staff):
    told = people.report(children=[{"age": 5}, {"age": 8}, {"age": 12}], received_at=None, occurred_at=None)
    people.sent(told["incident_id"])
    people.stored(told["incident_id"])
    assert len(set(told["case_ids"])) == 3

    answer = record(staff, "committee", told, "EMERGENCY_NOT_NEEDED", child=2, note="Đã đến nhà (bịa ra).")

    assert answer.status_code == 303, answer.text
    until(lambda: states(staff, told)[1] != states(staff, told)[0], what="the second child's clock is met")
    first, second, third = states(staff, told)
    assert first == third == "running"
    assert second == "met"


def states(staff, told):
    """Of the 12 hours' clock, by child."""
    client = staff.client("committee")
    return [clock_state(client.get(case_path(told, child)).text, "Can thiệp khẩn cấp") for child in (1, 2, 3)]
