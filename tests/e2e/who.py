"""What several of these tests ask: the link of an SMS, the rows of the access log, a part opened in a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pymongo

from tests.harness.forms import Form, forms

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Page

    from tests.e2e.conftest import People
    from tests.harness.stack import Stack
    from tests.harness.staff import Staff


def sms_link(people: People, told: dict[str, Any], kind: str, to: str = "") -> str:
    """The link in the SMS about an incident to an agency of this kind, or to this number."""
    for message in people.messages(told["code"]):
        kinds = message.get("agency_kinds") or [message["agency_kind"]]
        if message["channel"] == "sms" and (message["to"] == to if to else kind in kinds):
            return str(message["links"][0])
    raise AssertionError(f"no SMS to {to or kind} about {told['code']}")


def rows_of(stack: Stack, told: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of the access log about an incident, in their order."""
    with pymongo.MongoClient(stack.engines.mongo, timeoutMS=10_000) as client:
        log = client[f"{stack.mongo_prefix}reporting"].access_log
        return list(log.find({"incident": told["incident_id"]}).sort("_id"))


def opened(page: Page, code: str, part: str = "child") -> None:
    """From the page of an incident or of its first case: the part is open when this returns."""
    if "/vu-viec/" in page.url:
        page.locator(f"a[href*='/staff/truong-hop/{code}-1']").first.click()
    form = page.locator(f"form[action*='/mo/{part}']").first
    closed = form.locator("xpath=ancestor::details[not(@open)]")
    if closed.count():
        closed.first.locator("summary").first.click()
    form.locator("[name=reason][value=HANDLE_CASE]").check()
    form.locator("button").first.click()
    page.wait_for_load_state()


def case_path(told: dict[str, Any], child: int = 1) -> str:
    return f"/staff/truong-hop/{told['code']}-{child}"


def record(staff: Staff, role: str, told: dict[str, Any], step: str, child: int = 1, **fields: str) -> httpx.Response:
    """Fill in the step's form on the page of a case and send it to intake, as this role's browser does."""
    shown = step_form(staff, role, told, step, child)
    return staff.send(staff.client(role), shown, case_path(told, child), **fields)


def first_number(page: str) -> int:
    """The first figure of the page of figures: the open cases."""
    return int(re.findall(r">\s*(\d+)\s*<", page.split("<main", 1)[1])[0])


def steps_on(page: str) -> int:
    """How many steps the page of a case shows."""
    return page.partition('<ol class="steps">')[2].partition("</ol>")[0].count("<li id=")


def step_form(staff: Staff, role: str, told: dict[str, Any], step: str, child: int = 1) -> Form:
    """The form of one step on the page of a case, as this role sees it."""
    page = staff.client(role).get(case_path(told, child))
    assert page.status_code == 200, page.status_code
    return next(one for one in forms(page.text) if "/ghi-nhan/" in one.action and one.fields.get("step") == step)


def clock_state(page: str, label: str) -> str:
    """running, late, met …: of the clock of this label on the page of a case."""
    for line in page.partition('<ul class="clocks">')[2].partition("</ul>")[0].split("<li ")[1:]:
        if label in line:
            return line.split('class="')[1].split('"')[0]
    raise AssertionError(f"no clock {label}")
