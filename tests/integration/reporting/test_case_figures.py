"""Figures for staff: sums of what one may see, and published reports as anybody of one's place may read them."""

from __future__ import annotations

import re

import pytest

from services.reporting.reports.making import Maker
from shared.calendar import local_date, parse
from tests.integration.reporting.case_files import staffed, told

CHILDREN = [{"full_name": f"Bịa {number}"} for number in range(5)]


@pytest.fixture
def published(office, service, reports, sealer):
    """Five children of village 3 and one of village 1, in a report of the commune that was published."""
    staffed(office, service)
    office.account("villager", "village", unit="thon-3")
    office.account("stranger", "member", unit="thanh-hoa")
    service.project(told(reports, sealer, office.clock(), hours_ago=0, children=CHILDREN))
    service.project(told(reports, sealer, office.clock(), hours_ago=0, code="9QX2AB7K3M", village="thon-1"))
    service.clean()
    directory = service.folder.current()
    report = next(iter(directory.reports.values()))
    Maker(service.store, service.rollups, now=office.clock).make(
        report, "binh-luong", parse(f"{local_date(office.clock()):%Y-%m}", "statistical"), directory, "test"
    )


def report_on(page):
    return page.partition("Báo cáo đã công bố")[2].partition("</main>")[0]


def villages(page):
    return dict(re.findall(r"<dt>(Thôn \d)</dt><dd>([0-9…]+)</dd>", report_on(page)))


@pytest.mark.parametrize("user", ["committee", "chairman", "clerk", "member", "auditor", "villager"])
def test_nobody_reads_a_small_number_not_even_of_the_own_commune(office, published, user):
    """Or whoever is kept from one case would find it by taking their own from the commune's."""
    page = office.signed_in(user).get("/staff/so-lieu").text
    assert "Tổng số: <b>6</b>" in page
    assert f"từ 01/{local_date(office.clock()):%m/%Y} đến " in page
    assert set(villages(page).values()) == {"…"}
    assert ("đang xử lý" in page) == (user in {"committee", "chairman"})


def test_a_unit_above_reads_what_it_may_of_those_below(office, published):
    page = office.signed_in("district").get("/staff/so-lieu").text
    assert "Xã Bình Lương" in report_on(page)
    assert set(villages(page).values()) == {"…"}


def test_of_a_unit_that_has_published_its_own_report_that_alone_is_shown(office, service, published):
    """Or six of a hundred communes would stand there, by nobody's choice."""
    directory = service.folder.current()
    report = next(iter(directory.reports.values()))
    period = parse(f"{local_date(office.clock()):%Y-%m}", "statistical")
    Maker(service.store, service.rollups, now=office.clock).make(report, "ke-nhiem-nhu-xuan", period, directory, "test")
    page = report_on(office.signed_in("district").get("/staff/so-lieu").text)
    assert page.count("<h3>") == 1
    assert "Xã Bình Lương" not in page


def test_figures_of_a_unit_that_has_published_nothing(office, published):
    assert "Chưa có báo cáo nào được công bố" in office.signed_in("stranger").get("/staff/so-lieu").text


@pytest.mark.parametrize("user", ["police", "school"])
def test_sums_are_of_the_cases_that_one_sees(office, published, user):
    page = office.signed_in(user).get("/staff/so-lieu").text
    assert re.findall(r"<b>(\d+)</b>", page)[0] == {"police": "6", "school": "0"}[user]
    assert "Báo cáo đã công bố" not in page


def test_an_administrator_has_no_figures(office, published):
    assert office.signed_in("administrator").get("/staff/so-lieu").status_code == 403
