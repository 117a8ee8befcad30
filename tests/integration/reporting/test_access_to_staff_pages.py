"""Which page of staff is for whom, and which form does something: one of the same sign-in and of our own pages."""

from __future__ import annotations

import re

from services.reporting.documents import accounts
from tests.integration.reporting.account_forms import LIST, NEW

POSTS = (
    ("mac.quantri", NEW),
    ("mac.quantri", f"{LIST}/acc-le.pho/ma"),
    ("mac.quantri", f"{LIST}/acc-le.pho/sua"),
    ("mac.quantri", f"{LIST}/acc-le.pho/khoa"),
    ("mac.quantri", f"{LIST}/acc-le.pho/mo-lai"),
    ("mac.quantri", "/staff/dat-lai"),
    ("vi.hai", "/staff/uy-quyen"),
    ("vi.hai", "/staff/uy-quyen/thu-hoi"),
    ("vi.hai", "/staff/toi/dang-xuat-het"),
    ("vi.hai", "/staff/toi/ma-du-phong"),
    ("vi.hai", "/staff/dang-xuat"),
)


def test_every_post_wants_a_form_of_this_very_session_and_of_our_own_pages(office, admin, chairman):
    known = {rule.rule for rule in office.app.url_map.iter_rules() if "POST" in rule.methods}
    for user, path in POSTS:
        assert path.replace("acc-le.pho", "<key>") in known
        browser, other = office.signed_in(user), office.signed_in(user)
        own = re.search(r'name="csrf" value="([^"]+)"', browser.get("/staff/toi").text).group(1)
        foreign = re.search(r'name="csrf" value="([^"]+)"', other.get("/staff/toi").text).group(1)
        for given in ({}, {"csrf": ""}, {"csrf": foreign}):
            assert browser.post(path, **given).status_code == 403, path
        for origin in (None, "null", "http://evil.example"):
            assert browser.post(path, origin=origin, csrf=own).status_code == 403, path
        assert browser.get("/staff/toi").status_code == 200  # nothing has happened
    assert office.rows() == []
    assert accounts.one(office.store.accounts, "acc-le.pho")["disabled_at"] is None


def test_pages_are_for_whom_the_table_names(office, admin, chairman):
    office.account("dam.kiemtra", "auditor")
    office.account("ha.truc", "police", agency="ca-binh-luong", contact="ca-1")
    pages = {
        LIST: {"mac.quantri"},
        NEW: {"mac.quantri"},
        f"{LIST}/acc-le.pho": {"mac.quantri"},
        "/staff/dat-lai": {"mac.quantri", "vi.hai", "le.pho"},
        "/staff/uy-quyen": {"vi.hai"},
        "/staff/nhat-ky": {"dam.kiemtra"},
        "/staff/toi": {"mac.quantri", "vi.hai", "le.pho", "dam.kiemtra", "ha.truc"},
    }
    for user in ("mac.quantri", "vi.hai", "le.pho", "dam.kiemtra", "ha.truc"):
        browser = office.signed_in(user)
        for path, allowed in pages.items():
            assert browser.get(path).status_code == (200 if user in allowed else 403), (user, path)
    for path in pages:
        assert office.browser().get(path).status_code == 303


def test_an_unknown_address_in_a_browser_leads_to_the_pages_of_staff(office):
    visitor = office.browser().client
    page = visitor.get("/", headers={"Accept": "text/html,*/*;q=0.8"})

    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert 'href="/staff/vao"' in page.text
    assert visitor.get("/", headers={"Accept": "application/json"}).mimetype == "application/problem+json"


def test_what_was_sent_wrongly_is_no_fault_of_the_system(office):
    office.account("dam.kiemtra", "auditor")
    browser = office.signed_in("dam.kiemtra")
    long = browser.post("/staff/quen", user="x" * 1_100_000)
    assert (long.status_code, "quá dài" in long.text, "phía hệ thống" in long.text) == (413, True, False)
    assert browser.get("/staff/nhat-ky", query_string={"truoc": "9" * 40}).status_code == 200
