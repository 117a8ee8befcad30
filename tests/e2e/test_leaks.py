"""A report full of markers goes through the whole system; no marker is in a message, log, spool, broker or database."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterator

import bson
import pika
import pymongo
import pytest

from tests.e2e.conftest import FULL
from tests.e2e.newcomers import forgot
from tests.e2e.who import case_path, record, steps_on
from tests.harness.forms import form, forms
from tests.harness.leaks import Markers, files
from tests.harness.waiting import until


class Spy:
    """A queue of its own that gets a copy of every event."""

    def __init__(self, url: str) -> None:
        self.connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self.connection.channel()
        self.queue = self.channel.queue_declare("", exclusive=True).method.queue
        self.channel.queue_bind(self.queue, "events", "#")

    def take(self) -> Iterator[bytes]:
        while True:
            method, properties, body = self.channel.basic_get(self.queue, auto_ack=True)
            if method is None:
                return
            yield repr((method.routing_key, properties)).encode() + body


@pytest.fixture
def spy(stack) -> Iterator[Spy]:
    spy = Spy(stack.engines.amqp_for(vhost=stack.vhost))
    yield spy
    spy.connection.close()


def databases(stack) -> dict[str, bytes]:
    """Every document of notify and reporting as BSON and as text."""
    found = {}
    with pymongo.MongoClient(stack.engines.mongo, timeoutMS=10_000) as client:
        for name in client.list_database_names():
            if name.startswith(stack.mongo_prefix):
                for collection in client[name].list_collection_names():
                    rows = [bson.encode(row) + repr(row).encode() for row in client[name][collection].find()]
                    found[f"database {name.removeprefix(stack.mongo_prefix)}.{collection}"] = b"\n".join(rows)
    return found


def places_of(people, stack, published: bytes) -> dict[str, bytes]:
    """Everything that was written: files but the secrets' own, every document, every event, every message."""
    ours = ("secrets/", "ready.json")
    places = {f"file {name}": content for name, content in files(stack.home).items() if not name.startswith(ours)}
    places |= databases(stack)
    places["broker"] = published
    places["messages"] = people.http.get(f"{people.ready['sandbox']}/messages").content
    assert {"broker", "messages", "database notify.alerts", "database reporting.facts"} <= set(places)
    assert any(name.endswith(".log") for name in places)
    return places


def test_no_marker_leaves_the_seal(people, stack, spy, browser):
    markers = Markers()
    body = markers.fill(copy.deepcopy(FULL))
    key = {"Authorization": f"Bearer {people.ready['partner_key']}"}
    url = f"{people.ready['intake']}/v1/incidents"
    told = people.http.post(
        url, json={**body, "external_id": f"{body['external_id']}-{uuid.uuid4()}"}, headers=key
    ).json()
    unknown = {**FULL, markers.new("unknown field name"): markers.new("unknown field"), "kinds": [markers.new("kind")]}
    assert people.http.post(url, json=unknown, headers=key).status_code == 422
    people.http.get(f"{people.ready['notify']}/a/{markers.new('token')}")
    people.http.get(
        f"{people.ready['reporting']}/v1/indicators/{markers.new('code')}", params={"unit": markers.new("unit")}
    )
    people.http.get(f"{people.ready['notify']}/v1/alerts", params={"incident": markers.new("incident")}, headers=key)
    page = browser.new_page()
    page.goto(people.ready["intake"] + "/")
    for field in ("description", "place", "child_name", "where_now", "reporter_name", "reporter_phone"):
        page.fill(f"#{field}", markers.new(f"form {field}"))
    page.get_by_role("button", name="Gửi tin báo").click()
    form_code = page.locator(".code").inner_text()
    page.close()

    people.sent(told["incident_id"])
    people.stored(told["incident_id"])
    until(lambda: people.messages(form_code), what="the form's alerts")
    published = b"\n".join(spy.take())
    assert told["incident_id"].encode() in published

    places = places_of(people, stack, published)
    assert markers.found_in(places) == []


def test_no_link_token_and_no_receipt_is_in_a_log(people, stack):
    told = people.report()
    people.sent(told["incident_id"])
    links = [link for one in people.messages(told["code"]) for link in one["links"]]
    tokens = {link.rsplit("/", 1)[1] for link in links}
    for token in tokens:
        people.http.get(f"{people.ready['notify']}/a/{token}")

    written = b"".join(content for name, content in files(stack.home).items() if name.startswith("log/"))
    assert tokens
    assert b"/a/<" in written
    for secret in (*tokens, told["receipt"], told["receipt"].replace(" ", ""), people.ready["partner_key"]):
        assert secret.encode() not in written


def test_nothing_that_staff_type_or_open_is_written_down_in_clear(people, staff, stack, spy):
    markers = Markers()
    name = markers.new("child")
    told = people.report(children=[{"full_name": name, "age": 8}], received_at=None, occurred_at=None)
    people.stored(told["incident_id"])
    client, path = staff.client("committee"), case_path(told)
    open_child = form(client.get(path).text, action="/mo/child")
    shown = staff.send(client, open_child, path, reason="HANDLE_CASE", follow=True)
    assert name in shown.text
    answer = record(staff, "committee", told, "EMERGENCY_NOT_NEEDED", note=markers.new("note of a step"))
    assert answer.status_code == 303
    search = form(client.get("/staff/tim").text, having="ten")
    assert told["code"] in staff.send(client, search, "/staff/tim", ten=name, follow=True).text
    stranger = staff.stranger()
    sign_in = form(stranger.get("/staff/dang-nhap").text, having="password")
    tried = {"user": markers.new("user"), "password": markers.new("password"), "code": markers.new("code")}
    assert staff.send(stranger, sign_in, **tried).status_code == 401
    stranger.get("/staff", params={"next": markers.new("next")})
    stranger.get(f"/staff/{markers.new('page')}")
    until(lambda: steps_on(client.get(path).text) == 1, what="the step is folded")

    assert markers.found_in(places_of(people, stack, b"\n".join(spy.take()))) == []


def test_no_session_grant_case_token_or_code_to_sign_in_is_written_down(people, staff, stack, spy, newcomer):
    told = people.report(children=[{"age": 8}], received_at=None, occurred_at=None)
    people.stored(told["incident_id"])
    client = staff.client("committee")
    page = client.get(case_path(told)).text
    assert record(staff, "committee", told, "EMERGENCY_NOT_NEEDED", note="Đã đến nhà (bịa ra).").status_code == 303
    step = {"case_token": told["case_token"], "step": "EMERGENCY_APPLIED", "at": "2023-06-01T09:00:00+07:00"}
    url = f"{people.ready['intake']}/v1/cases/{told['case_ids'][0]}/steps"
    key = {"Authorization": f"Bearer {people.ready['partner_key']}"}
    assert people.http.post(url, json=step, headers=key).status_code == 202
    grant = next(one.fields["grant"] for one in forms(page) if "/ghi-nhan/" in one.action)
    number = forgot(staff, newcomer)
    secrets = {
        "session": client.cookies["lentieng"].rpartition(".")[2],
        "grant": grant.rpartition(".")[2],
        "case token": told["case_token"],
        "password": staff.ready["staff"]["committee"]["password"],
        "second factor": staff.ready["staff"]["committee"]["totp_secret"],
        "code of a new account": newcomer.invitation.replace(" ", ""),
        "new password": newcomer.password,
        "new second factor": newcomer.secret,
        "cookie of an enrolment": newcomer.ticket,
        "recovery code": newcomer.recovery[0].replace(" ", ""),
        # Six digits alone are in many a time; as a text of its own they are in none.
        "number of a reset": number,
        "number of a reset, stored": f"'{number.replace(' ', '')}'",
        "number of a reset, logged": f'"{number.replace(" ", "")}"',
    }
    until(lambda: steps_on(client.get(case_path(told)).text) == 2, what="the steps are folded")

    places = places_of(people, stack, b"\n".join(spy.take()))
    found = [(what, place) for what, secret in secrets.items() for place in places if secret.encode() in places[place]]
    assert all(len(secret) >= 6 for secret in secrets.values())
    assert found == []
