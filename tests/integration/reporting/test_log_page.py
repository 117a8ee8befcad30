"""The page of the access log: in words, by account and by case, page by page, with the night marked."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from services.reporting import access_log
from services.reporting.staff import log_rows
from services.reporting.staff.log_pages import by_night
from shared.calendar import LOCAL
from tests.integration.reporting.account_forms import LIST, delegate
from tests.integration.reporting.case_files import conflict

LOG = "/staff/nhat-ky"
CODE = "7K2F93QD0A"
OTHER = "7K2F93QD0B"
AT = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture
def auditor(office):
    office.account("dam.kiemtra", "auditor")
    return office.signed_in("dam.kiemtra")


@pytest.fixture
def looked(office):
    """Rows of two people about two cases, one of them by a search."""
    for code, number in ((CODE, 1), (CODE, 2), (OTHER, 1)):
        case = {"_id": f"id-{code}-{number}", "code": f"{code}-{number}", "incident_code": code, "number": number}
        office.store.cases.insert_one({**case, "incident_id": f"incident-{code}", "counted_in": "binh-luong"})
    for user in ("ha.truc", "vi.hai"):
        office.account(user, "police", agency="ca-binh-luong", contact="ca-1")

    def row(user, action, case=None, note=None, at=AT):
        who = {"account": f"acc-{user}", "role": "police", "unit": "binh-luong"}
        access_log.append(office.store, at=at, action=action, case=case, part="child", note=note, **who)

    row("ha.truc", "case.open", f"{CODE}-1")
    row("ha.truc", "case.open", f"id-{CODE}-2")
    row("vi.hai", "case.open", f"{OTHER}-1", at=AT + timedelta(hours=13))
    row("vi.hai", "case.search", note="3")
    row("vi.hai", "case.found", note=f"{OTHER}-1 {CODE}-1")


def numbers_on(page):
    return [int(number) for number in re.findall(r'data-label="Số">(\d+)<', page.text)]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("?tai-khoan=ha.truc", [2, 1]),
        ("?tai-khoan=vi.hai&vu=", [5, 4, 3]),
        ("?vu=7k2f-93qd-0a-1", [5, 1]),
        (f"?vu={CODE}", [5, 2, 1]),
        (f"?vu={OTHER}-1&tai-khoan=vi.hai", [5, 3]),
        (f"?vu={OTHER}-2", []),
        ("?tai-khoan=khong.co", []),
    ],
)
def test_rows_of_an_account_and_of_a_case(looked, auditor, query, rows):
    page = auditor.get(LOG + query)
    assert (page.status_code, numbers_on(page)) == (200, rows)


def test_what_is_no_code_is_said_and_names_are_no_filter(looked, auditor):
    page = auditor.get(f"{LOG}?vu=Lò Thị Bịa")
    assert (page.status_code, numbers_on(page)) == (422, [])
    assert 'aria-describedby="vu-error"' in page.text


def test_what_is_asked_for_stays_on_the_pages_that_are_older(office, looked, auditor):
    for _ in range(60):
        who = {"account": "acc-ha.truc", "role": "police", "unit": "binh-luong"}
        access_log.append(office.store, at=AT, action="SIGNED_IN", **who)
    first = auditor.get(f"{LOG}?tai-khoan=ha.truc")
    older = re.search(r'href="(/staff/nhat-ky\?[^"]+)"', first.text).group(1).replace("&amp;", "&")
    assert "tai-khoan=ha.truc" in older
    assert numbers_on(auditor.get(older))[-2:] == [2, 1]


def test_nobody_elses_rows_are_found_by_a_filter(office, looked, auditor):
    who = {"account": "acc-ha.truc", "role": "police", "unit": "khac"}
    access_log.append(office.store, at=AT, action="case.open", case=f"{CODE}-1", **who)
    for query in ("?tai-khoan=ha.truc", f"?vu={CODE}-1"):
        assert 6 not in numbers_on(auditor.get(LOG + query))


@pytest.mark.parametrize(("hour", "night"), [(21, False), (22, True), (0, True), (5, True), (6, False), (12, False)])
def test_the_night_is_from_ten_to_six_here(hour, night):
    assert by_night(datetime(2026, 11, 23, hour, 59 if hour in {5, 21} else 0, tzinfo=LOCAL)) is night


def test_rows_of_the_night_are_marked_and_a_search_has_no_part(looked, auditor):
    text = auditor.get(LOG).text
    assert text.count('class="badge night"') == 1
    assert "Tìm theo tên<" in text
    assert "Tìm theo tên: " not in text
    assert "Lý do, nội dung" in text


def test_changes_and_delegations_are_told_in_words(office, admin, chairman, auditor):
    office.account("ha.truc", "village", agency=None, contact=None)
    page = f"{LIST}/acc-ha.truc/sua"
    assert admin.send(page, agency="ca-binh-luong", contact="ca-2", role="police").status_code == 303
    assert delegate(office, chairman).status_code == 303
    chairman.send("/staff/uy-quyen", "/staff/uy-quyen/thu-hoi")
    assert office.rows()[-1]["note"] == "của le.pho"
    text = auditor.get(LOG).text
    assert "của Người le.pho" in text
    assert "ha.truc: vai trò Trưởng thôn" in text
    assert "mã liên hệ không có → ca-2" in text
    for raw in ("contact", "None", "role village", "acc-le.pho"):
        assert raw not in text


def test_a_revoked_delegation_of_before_is_named_too(office, chairman, auditor):
    who = {"account": "acc-vi.hai", "role": "chairman", "unit": "binh-luong"}
    access_log.append(office.store, at=AT, action="DELEGATION_REVOKED", note="của acc-le.pho", **who)
    assert "của Người le.pho" in auditor.get(LOG).text


def test_the_auditor_reads_who_did_what_and_nobody_elses_business(office, chairman):
    office.account("dam.kiemtra", "auditor")
    delegate(office, chairman)
    office.account("xa.khac", "chairman", "khac")
    office.store.access_log.insert_one({**office.rows()[0], "_id": 2, "unit": "khac", "note": "không phải ở đây"})
    page = office.signed_in("dam.kiemtra").get("/staff/nhat-ky")
    assert "Người vi.hai" in page.text
    assert "Ủy quyền" in page.text
    assert "không phải ở đây" not in page.text


def test_the_log_is_read_page_by_page(office):
    from services.reporting.staff import entering

    account = office.account("dam.kiemtra", "auditor")
    for number in range(120):
        entering.note(office.store, account, "SESSIONS_ENDED", office.clock(), f"dòng thứ {number + 1};")
    browser, path, seen = office.signed_in("dam.kiemtra"), "/staff/nhat-ky", []
    while path:
        page = browser.get(path)
        seen += re.findall(r"dòng thứ (\d+);", page.text)
        older = re.search(r'href="(/staff/nhat-ky\?truoc=\d+)"', page.text)
        path = older.group(1) if older else None
    assert seen == [str(number) for number in range(120, 0, -1)]
    assert browser.get("/staff/nhat-ky?truoc=x").status_code == 200


# --- cases of others, and cases from which the auditor is kept ------------------------------------------------------


def looked_at(office, user, *cases, unit="ke-nhiem-nhu-xuan"):
    who = {"account": f"acc-{user}", "role": "district", "unit": unit, "part": "child"}
    for case in cases:
        access_log.append(office.store, at=AT, action="case.open", case=case, **who)
    access_log.append(office.store, at=AT, action="case.search", note="2", **who)
    access_log.append(office.store, at=AT, action="case.found", note=" ".join(cases), **who)


def test_of_those_above_the_auditor_reads_what_they_did_with_cases_of_here(office, report):
    report()
    report(code="0000000BCD")
    office.store.cases.update_one({"incident_code": "0000000BCD"}, {"$set": {"counted_in": "xa-khac"}})
    looked_at(office, "district", f"{CODE}-1", "0000000BCD-1")
    page = office.signed_in("auditor").get(LOG)
    assert numbers_on(page) == [4, 1]
    assert "0000000BCD" not in page.text


def test_an_auditor_finds_no_row_of_a_case_that_is_kept_from_him(office, report, service):
    office.store.accounts.update_one({"_id": "acc-auditor"}, {"$set": {"agency": "th-binh-luong", "contact": "th-1"}})
    kept = report(code="0000000BCD")
    report()
    auditor = office.signed_in("auditor")
    looked_at(office, "district", f"{CODE}-1", "0000000BCD-1", unit="binh-luong")
    assert numbers_on(auditor.get(LOG)) == [4, 3, 2, 1]
    service.project(conflict(kept, withhold_from=["th-binh-luong"]))
    page = auditor.get(LOG)
    assert numbers_on(page) == [4, 3, 1]
    assert "0000000BCD" not in page.text
    assert numbers_on(auditor.get(f"{LOG}?vu=0000000BCD")) == []
    office.store.rosters.delete_many({})  # in doubt he is the one who must not know
    assert numbers_on(auditor.get(LOG)) == [3]


def test_a_page_that_looked_at_enough_leads_on(office, report, monkeypatch):
    monkeypatch.setattr(log_rows, "_AT_ONCE", 2)
    monkeypatch.setattr(log_rows, "_MOST_LOOKS", 2)
    report()
    access_log.append(office.store, at=AT, action="SIGNED_IN", account="acc-police", role="police", unit="binh-luong")
    for _ in range(4):
        access_log.append(office.store, at=AT, action="SIGNED_IN", account="a", role="district", unit="thanh-hoa")
    auditor = office.signed_in("auditor")
    first = auditor.get(LOG)
    assert numbers_on(first) == []
    older = re.search(r'href="(/staff/nhat-ky\?truoc=\d+)"', first.text).group(1)
    assert numbers_on(auditor.get(older)) == [1]


def test_what_was_confirmed_is_told_in_words(office, auditor):
    who = {"account": "console", "role": "console", "unit": "binh-luong", "action": "ACCOUNT_CONFIRMED"}
    access_log.append(office.store, at=AT, note="ha.truc, police, ca-1", **who)
    access_log.append(office.store, at=AT, note="dam.kiem, auditor, None", **who)
    text = auditor.get(LOG).text
    assert "ha.truc: Công an xã, mã liên hệ ca-1" in text
    assert "mã liên hệ không có" in text
