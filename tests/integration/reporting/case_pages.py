"""Where a case has its pages in these tests, and what a browser does and finds on them."""

from __future__ import annotations

import re

from shared import grants
from shared.signing import PublicKeys
from tests.integration.reporting.case_files import ADDRESS, NAME
from tests.integration.reporting.people import forms_of

CODE = "7K2F93QD0A"
CASE, INCIDENT = f"/staff/truong-hop/{CODE}-1", f"/staff/vu-viec/{CODE}"
OPEN = f"{CASE}/mo/child"
PUPIL = {"full_name": NAME, "address": ADDRESS, "school": "th-binh-luong"}


def open_part(browser, part="child", reason="HANDLE_CASE", **fields):
    """Send the form of the page of the case."""
    return browser.followed(browser.submit(browser.get(CASE), f"{CASE}/mo/{part}", reason=reason, **fields))


def shown_codes(page):
    return set(re.findall(r"/staff/(?:truong-hop|vu-viec)/([0-9A-Z]{10})", page))


def grant_in(office, page):
    form = next(fields for action, fields in forms_of(page).items() if "/ghi-nhan/" in action)
    return grants.decode(form["grant"], PublicKeys(office.web.session_public_dir), office.clock()), form
