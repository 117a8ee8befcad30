"""One report in, three agencies told, one number up."""

from __future__ import annotations

import re
import time

from tests.harness.waiting import until


def test_police_school_and_committee_have_sms_and_mail_within_five_seconds(people):
    started = time.monotonic()
    told = people.report()

    def everybody():
        got = {(one["channel"], kind) for one in people.messages(told["code"]) for kind in kinds(one)}
        return {(channel, kind) for channel in ("sms", "email") for kind in ("police", "school", "committee")} <= got

    until(everybody, timeout=5, what="SMS and e-mail to police, school and committee")
    assert time.monotonic() - started < 5


def settled_total(people):
    """The number once everything that was sent before is counted: a marker of its own month goes through behind it."""
    month = people.total(period="2023-01")
    people.report(received_at="2023-01-10T08:00:00+07:00", occurred_at=None, children=[{}])
    people.total_becomes(month + 1, period="2023-01")
    return people.total()


def kinds(message):
    return message.get("agency_kinds") or [message["agency_kind"]]


def test_the_number_of_the_month_goes_up_by_the_number_of_children(people):
    before = settled_total(people)
    told = people.report()

    assert len(told["case_ids"]) == 2
    people.total_becomes(before + 2)


def test_tables_agree_with_the_total(people):
    told = people.report(children=[{"sex": "FEMALE", "age": 4}, {"sex": "MALE", "age": 12}, {}], village="thon-5")
    people.stored(told["incident_id"])

    for by in ("sex", "age_band", "village"):
        table = people.indicator(token="operator_token", by=by).json()
        values = [cell["value"] for cell in table["cells"]]
        assert None in values or sum(values) == table["total"]


def test_the_district_reads_its_time_and_its_successor_the_later_one(people):
    answers = {
        (token, period): people.indicator(token=token, period=period).status_code
        for token in ("district_token", "successor_token")
        for period in ("2023-06", "2025-06", "2025-07", "2025-08")
    }

    assert answers == {
        ("district_token", "2023-06"): 200,
        ("district_token", "2025-06"): 200,
        ("district_token", "2025-07"): 403,
        ("district_token", "2025-08"): 403,
        ("successor_token", "2023-06"): 403,
        ("successor_token", "2025-06"): 403,
        ("successor_token", "2025-07"): 200,
        ("successor_token", "2025-08"): 200,
    }


def test_opening_a_link_changes_nothing_and_its_button_acknowledges_for_that_agency_alone(people, browser):
    told = people.report()
    people.sent(told["incident_id"])
    police = next(one for one in people.messages(told["code"]) if one["channel"] == "sms" and "police" in kinds(one))
    (link,) = police["links"]

    page = browser.new_page()
    page.goto(link)
    assert told["code"] in page.content()
    assert {alert["state"] for alert in people.alerts(told["incident_id"])}.isdisjoint({"acknowledged"})

    page.get_by_role("button").click()
    page.wait_for_load_state()
    states = {alert["agency"]: alert for alert in people.alerts(told["incident_id"])}
    assert states["ca-binh-luong"]["state"] == "acknowledged"
    assert states["ca-binh-luong"]["acknowledged_at"]
    assert {states[agency]["state"] == "acknowledged" for agency in states if agency != "ca-binh-luong"} == {False}
    page.close()


def test_an_sms_is_one_plain_segment_with_code_deadline_and_link_only(people):
    told = people.report()
    people.sent(told["incident_id"])
    texts = [one["text"] for one in people.messages(told["code"]) if one["channel"] == "sms"]

    assert texts
    for text in texts:
        assert text.isascii()
        assert len(text) <= 160
        assert told["code"] in text
        assert re.search(r"https?://\S+/a/\w{16}", text)
        assert "bao luc" not in text.lower()


def test_the_same_report_again_tells_nobody_again(people):
    told = people.report(external_id="e2e-twice")
    people.sent(told["incident_id"])
    people.stored(told["incident_id"])
    calls, total = len(people.messages(told["code"])), settled_total(people)

    again = people.report(external_id="e2e-twice")
    probe = people.report()
    people.sent(probe["incident_id"])

    assert again == told
    people.total_becomes(total + 2)
    assert len(people.messages(told["code"])) == calls


def test_a_drill_is_projected_and_in_no_indicator(people):
    before = settled_total(people)
    told = people.report(drill=True)
    people.stored(told["incident_id"])
    people.report()

    people.total_becomes(before + 2)


def test_a_report_from_the_public_form_reaches_the_agencies(people, browser):
    page = browser.new_page()
    page.goto(people.ready["intake"] + "/")
    page.fill("#description", "Chuyện bịa ra để thử.")
    page.get_by_label("Có", exact=True).first.check()
    page.select_option("#environment", "FAMILY")
    page.select_option("#child_school", "th-binh-luong")
    page.get_by_role("button", name="Gửi tin báo").click()
    page.wait_for_selector(".digits")
    code = page.locator(".code").inner_text()

    assert re.fullmatch(r"(\d{4} ){4}\d{4}", page.locator(".digits:not(.code)").inner_text())
    until(
        lambda: {"police", "school", "committee"} <= {kind for one in people.messages(code) for kind in kinds(one)},
        what="the three agencies",
    )
    assert page.url == people.ready["intake"] + "/"
    page.close()
