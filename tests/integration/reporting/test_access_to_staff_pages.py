"""Which page of staff is for whom, and where somebody is led who asks for none."""

from __future__ import annotations


def test_an_unknown_address_in_a_browser_leads_to_the_pages_of_staff(office):
    visitor = office.browser().client
    page = visitor.get("/", headers={"Accept": "text/html,*/*;q=0.8"})

    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert 'href="/staff/vao"' in page.text
    assert visitor.get("/", headers={"Accept": "application/json"}).mimetype == "application/problem+json"
