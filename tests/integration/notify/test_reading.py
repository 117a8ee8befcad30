"""What leaves notify: the read interface, health, and the events that others follow."""

from __future__ import annotations

import pika
import pytest

from services.notify import app as web
from services.notify.store import collections
from shared.events import decode, validate
from shared.messaging.wire import message_of
from shared.tokens import token_hash
from tests.harness.waiting import until

OPERATOR, READER, STRANGER = "lt_o_1", "lt_r_1", "lt_s_1"

_PARTNERS = f"""
partners:
  - {{id: operator, name: Operator, unit: binh-luong, scopes: [operator], expires: 2099-12-31,
      token_sha256: ["{token_hash(OPERATOR)}"]}}
  - {{id: reader, name: Reader, unit: binh-luong, scopes: ["alert:read"], expires: 2099-12-31,
      token_sha256: ["{token_hash(READER)}"]}}
  - {{id: stranger, name: Stranger, unit: binh-luong, scopes: ["incident:write"], expires: 2099-12-31,
      token_sha256: ["{token_hash(STRANGER)}"]}}
"""


@pytest.fixture
def client(tmp_path, environment, start, settings):
    (tmp_path / "directory" / "partners.yaml").write_text(_PARTNERS)
    client = web.create_app(settings).test_client()
    client.system = start()
    return client


def ask(client, path, token=None):
    return client.get(path, headers={"Authorization": f"Bearer {token}"} if token else {})


def test_alerts_are_shown_with_masked_targets_to_those_who_may(client):
    event = client.system.report()
    until(lambda: len(client.system.gateway.messages) == 5 and len(client.system.mail.mails) == 5)

    def settled():
        body = ask(client, f"/v1/alerts?incident={event.id}", READER).get_json()
        return body if all(row["state"] == "accepted" for one in body["alerts"] for row in one["deliveries"]) else None

    body = until(settled)
    whole = ask(client, f"/v1/alerts?incident={event.id}", OPERATOR).get_json()
    assert {alert.pop("why") for alert in whole["alerts"]} == {"matrix"}, "the operator is told in whose place, too"
    assert whole == body
    assert {alert["agency"] for alert in body["alerts"]} == {"bvte-binh-luong", "ca-binh-luong"}
    police = next(alert for alert in body["alerts"] if alert["agency_kind"] == "police")
    assert police["state"] == "sent"
    assert police["acknowledged_at"] is None
    assert {row["to"] for row in police["deliveries"] if row["channel"] == "sms"} == {"+84******111", "+84******112"}
    assert "mau11@" not in str(body)

    assert ask(client, f"/v1/alerts?incident={event.id}").status_code == 401
    refused = ask(client, f"/v1/alerts?incident={event.id}", STRANGER)
    assert (refused.status_code, refused.mimetype) == (403, "application/problem+json")
    assert ask(client, "/v1/alerts", OPERATOR).status_code == 422
    assert ask(client, "/v1/gaps", READER).status_code == 403
    assert ask(client, "/v1/gaps", OPERATOR).get_json() == {"spools": []}
    paths = client.get("/v1/openapi/notify.json").get_json()["paths"]
    assert set(paths) == {"/v1/alerts", "/v1/gaps"}


def test_ready_means_database_worker_and_broker(client):
    ready = until(lambda: (answer := client.get("/readyz")).status_code == 200 and answer, timeout=15)
    assert set(ready.get_json()["checks"]) == {"mongodb", "indexes", "worker"}
    scraped = client.get("/metrics").get_data(as_text=True)
    assert "lentieng_notify_worker_age_seconds" in scraped

    collections.heartbeats().update_many({}, {"$set": {"parts.consumer": False}})
    # The worker's next beat may come between the two; what it says then is true again.
    assert client.get("/readyz").status_code in {200, 503}


def test_what_happens_to_an_alert_is_told_by_events_once_and_without_names(client, vhost):
    event = client.system.report()
    until(lambda: len(client.system.gateway.messages) == 5)
    until(lambda: collections.alerts().count_documents({"state": "sent", "outgoing": []}) == 2)

    connection = pika.BlockingConnection(pika.URLParameters(vhost))
    told = []
    try:
        channel = connection.channel()
        for frame, properties, body in channel.consume("reporting.events", auto_ack=True, inactivity_timeout=0.5):
            if frame is None:
                break
            if frame.routing_key.startswith("alert."):
                told.append(decode(message_of(frame.routing_key, properties, body)))
    finally:
        connection.close()

    assert sorted(one.name for one in told) == ["alert.raised"] * 2 + ["alert.sent"] * 2
    assert len({one.id for one in told}) == 4
    for one in told:
        validate(one)
        assert (one.subject, one.source, one.commune) == (event.id, "/notify", "binh-luong")
        assert "+84" not in str(one.data)
        assert "Mẫu" not in str(one.data)
    assert {(one.data["state"], one.data["version"]) for one in told} == {("raised", 1), ("sent", 2)}
