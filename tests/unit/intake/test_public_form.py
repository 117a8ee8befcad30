"""The public form: what it promises is true, and the first card alone can be sent."""

from __future__ import annotations

import re

import pytest

from tests.harness.forms import form, forms

from .stand import STAFF

BROWSER = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def visitor(stand):
    return stand.app.test_client()


def test_it_can_be_sent_after_the_first_card_and_is_one_form(visitor):
    page = visitor.get("/").text

    assert [one.action for one in forms(page)] == ["/"]
    first, _, rest = page.partition("Thêm điều bạn biết")
    assert [first.count(f">{label}</button>") for label in ("Gửi ngay", "Gửi tin báo")] == [1, 0]
    assert ">Gửi tin báo</button>" in rest
    assert 'name="description"' in first
    assert 'name="child_name"' in rest
    # Who must not know comes in a card of its own, and the first card leads to it.
    assert 'href="#withhold"' in first
    card = rest.partition('<section id="withhold">')[2].partition("</section>")[0]
    assert 'name="withhold_from"' in card
    assert 'name="suspect_works_at"' not in card


def test_the_receipt_is_in_groups_that_stay_whole_and_promises_no_page(visitor):
    fields = {**form(visitor.get("/").text, action="/").fields, "description": "Trẻ bị đánh (bịa ra)"}
    page = visitor.post("/", data=fields).text

    groups = re.findall(r"<span>(\d{4})</span>", page)
    assert len(groups) == 5
    assert " ".join(f"<span>{group}</span>" for group in groups) in page
    assert re.search(r'<p class="digits code">[0-9A-Z]{10}</p>', page)
    assert "Ủy ban nhân dân xã Bình Lương" in page
    assert "tra-cuu" not in page
    assert "mở được tin" not in page
    assert all(f'href="tel:{number}"' in page for number in ("111", "113"))


def test_a_receipt_does_not_say_that_what_waits_is_on_its_way(stand, visitor):
    stand.intake.alarm.since = stand.now
    page = visitor.post("/", data={"description": "Trẻ bị đánh (bịa ra)"}).text

    assert "chưa chuyển được" in page
    assert "đang được chuyển đến" not in page
    assert "Hệ thống sẽ chuyển ngay khi được" in page


def test_where_to_follow_up_is_the_state_of_the_report(stand):
    answer = (
        stand.app.test_client()
        .post("/v1/incidents", json={"kinds": ["VIOLENCE"]}, headers={"Authorization": "Bearer lt_app"})
        .json
    )

    assert answer["follow_up_url"] == f"{STAFF}/v1/incidents/{answer['incident_id']}/state"


def test_an_unknown_address_in_a_browser_leads_to_the_form(visitor):
    page, problem = visitor.get("/tra-cuu", headers=BROWSER), visitor.get("/tra-cuu")

    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert '<a href="/">Báo tin về trẻ em</a>' in page.text
    assert "intake.css" in page.text
    assert (problem.status_code, problem.mimetype) == (404, "application/problem+json")
