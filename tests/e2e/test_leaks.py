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

    places = {f"file {name}": content for name, content in files(stack.home).items()}
    places |= databases(stack)
    places["broker"] = published
    places["messages"] = people.http.get(f"{people.ready['sandbox']}/messages").content
    assert {"broker", "messages", "database notify.alerts", "database reporting.facts"} <= set(places)
    assert any(name.endswith(".log") for name in places)
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
