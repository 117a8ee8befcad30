"""A chairman lets somebody stand in: for the days that were named, and for as long as he is what he was."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from services.reporting.staff import guard
from shared.calendar import local_date
from shared.failures import Temporary
from tests.integration.reporting.account_forms import delegate


def delegated(office, user):
    """What the guard says of somebody who is signed in."""
    browser, found = office.signed_in(user), []
    real = guard._found

    def seen():
        found.append(real())
        return found[-1]

    guard._found = seen
    try:
        assert browser.get("/staff/toi").status_code == 200
    finally:
        guard._found = real
    return set(found[0].viewer.delegated)


def test_a_deputy_stands_in_for_the_days_that_were_named(office, chairman):
    assert delegate(office, chairman).status_code == 303
    assert delegated(office, "le.pho") == {"chairman"}
    assert "Được ủy quyền" in office.signed_in("le.pho").get("/staff/toi").text
    office.clock.forward(days=3, hours=1)
    assert delegated(office, "le.pho") == set()
    assert [row["action"] for row in office.rows()] == ["DELEGATED"]


def test_what_is_delegated_is_not_delegated_on(office, chairman):
    delegate(office, chairman)
    assert office.signed_in("le.pho").get("/staff/uy-quyen").status_code == 403


def test_it_is_taken_back_at_once(office, chairman):
    delegate(office, chairman)
    deputy = office.signed_in("le.pho")
    assert chairman.send("/staff/uy-quyen", "/staff/uy-quyen/thu-hoi").status_code == 303
    assert "Được ủy quyền" not in deputy.get("/staff/toi").text
    assert delegated(office, "le.pho") == set()
    assert "đã thu hồi" in chairman.get("/staff/uy-quyen").text
    assert [row["action"] for row in office.rows()] == ["DELEGATED", "DELEGATION_REVOKED"]


@pytest.mark.parametrize(
    "change",
    [
        {"disabled_at": "now"},
        {"role": "committee"},
        {"unit": "thon-3"},
    ],
)
def test_it_ends_with_what_the_giver_was(office, chairman, change):
    delegate(office, chairman)
    change = {name: office.clock() if value == "now" else value for name, value in change.items()}
    office.store.accounts.update_one({"_id": "acc-vi.hai"}, {"$set": change})
    assert delegated(office, "le.pho") == set()


def test_a_delegation_that_has_not_begun_gives_nothing_yet(office, chairman):
    tomorrow = local_date(office.clock()) + timedelta(days=1)
    assert delegate(office, chairman, first=f"{tomorrow}").status_code == 303
    assert delegated(office, "le.pho") == set()
    assert "chưa đến ngày" in chairman.get("/staff/uy-quyen").text
    office.clock.forward(days=1, hours=0.1)
    assert delegated(office, "le.pho") == {"chairman"}


def test_what_cannot_be_delegated_is_said_beside_its_field(office, chairman):
    office.account("mac.quantri", "administrator")
    office.account("ha.thon3", "village", "thon-3")
    today = local_date(office.clock())
    for fields, words in (
        ({"receiver": ""}, "chọn người"),
        ({"receiver": "acc-vi.hai"}, "chọn người"),
        ({"receiver": "acc-mac.quantri"}, "chọn người"),
        ({"receiver": "acc-ha.thon3"}, "chọn người"),
        ({"first": "hôm nay"}, "ngày bắt đầu"),
        ({"last": ""}, "ngày kết thúc"),
        ({"last": f"{today - timedelta(days=1)}"}, "ngày kết thúc"),
        ({"last": f"{today + timedelta(days=200)}"}, "ba tháng"),
    ):
        answer = delegate(office, chairman, **fields)
        assert answer.status_code == 422, fields
        assert words in answer.text, fields
    assert office.rows() == []


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_beyond_any_calendar_is_a_mistake_of_typing(office, chairman, day):
    assert delegate(office, chairman, last=day).status_code == 422
    assert delegate(office, chairman, first=day).status_code == 422


def test_the_last_minute_is_said_as_it_is_where_it_was_given(office, chairman):
    delegate(office, chairman)
    said = r"đến (23:59 [^<]+)<"
    [given] = re.findall(said, chairman.get("/staff/uy-quyen").text)
    assert re.findall(said, office.signed_in("le.pho").get("/staff/toi").text) == [given]


def test_what_cannot_be_noted_is_not_done(office, chairman, monkeypatch):
    """A row too many is a question to somebody, a power that ended without one is a hole."""
    delegate(office, chairman)

    def fails(*_, **__):
        raise Temporary("no row")

    monkeypatch.setattr("services.reporting.access_log.append", fails)
    assert chairman.send("/staff/uy-quyen", "/staff/uy-quyen/thu-hoi").status_code == 503
    assert delegated(office, "le.pho") == {"chairman"}
    assert chairman.send("/staff/toi", "/staff/toi/dang-xuat-het").status_code == 503
    assert chairman.send("/staff/toi", "/staff/toi/ma-du-phong", code=office.code()).status_code == 503
    assert office.store.accounts.find_one({"_id": "acc-vi.hai"})["recovery"] == []
    assert chairman.get("/staff/toi").status_code == 200
