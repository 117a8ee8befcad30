"""What the operator sees: traces, gaps, health, dead letters."""

from __future__ import annotations

import hashlib
import socket
import time
from dataclasses import replace
from datetime import timedelta

from services.reporting.app import assemble
from services.reporting.deadletters import Cupboard
from services.reporting.documents import Store, dead_letters, heartbeats
from services.reporting.outbox import of_dead_letters
from services.reporting.parts import Parts
from services.reporting.rollups import Rollups
from shared.directory import DirectoryFolder
from shared.events import Message, decode, validate
from shared.messaging.deadletters import DeadLetter
from tests.integration.reporting.conftest import NOW
from tests.integration.reporting.made import accepted_elsewhere

CODE = "REPORTED_CHILDREN"


def test_a_trace_of_what_has_not_arrived(service):
    answer = service.get("/v1/trace/nothing", "operator").get_json()
    assert answer == {"stored": False, "cases": 0, "drill": None, "at": None}


def test_a_trace_counts_the_children(service, reports):
    report = reports.report(children=[{}, {}])
    service.project(report)
    answer = service.get(f"/v1/trace/{report.id}", "operator").get_json()
    assert (answer["stored"], answer["cases"], answer["drill"]) == (True, 2, False)
    assert answer["at"].endswith("+00:00")


def test_only_the_operator_sees_them(service):
    for path in ("/v1/trace/x", "/v1/reconciliation"):
        assert service.get(path, "commune").status_code == 403
        assert service.get(path, "operator").status_code == 200


def test_a_number_that_did_not_arrive_is_a_gap_until_it_does(service, reports):
    first, second, third = reports.report(), reports.report(), reports.report()
    service.project(first, third)
    spool = service.get("/v1/reconciliation", "operator").get_json()["spools"][0]
    assert (spool["accepted"], spool["stored"], spool["gaps"]) == (3, 2, [[2, 2]])
    service.project(second)
    assert service.get("/v1/reconciliation", "operator").get_json()["missing"] == 0


def test_the_tally_shows_a_gap_at_the_end(service, reports):
    service.project(reports.report())
    service.project(reports.tally(4))
    spool = service.get("/v1/reconciliation", "operator").get_json()["spools"][0]
    assert (spool["accepted"], spool["stored"], spool["gaps"]) == (4, 1, [[2, 4]])
    assert service.store.facts.count_documents({}) == 1


def test_a_duplicate_fills_the_place_it_has_in_the_other_spool(service, reports):
    report = reports.report()
    service.project(report)
    service.project(accepted_elsewhere(report, "2023-07-01T08:00:00+07:00"))
    spools = service.get("/v1/reconciliation", "operator").get_json()["spools"]
    assert [(spool["spool"], spool["stored"], spool["gaps"]) for spool in spools] == [
        ("node-1/a", 1, []),
        ("node-2/b", 1, []),
    ]


def test_ready_when_the_worker_lives_and_the_indexes_are_there(service):
    assert service.client.get("/readyz").get_json()["checks"]["worker"] == "the worker has never run"
    heartbeats.beat(service.store.heartbeats, NOW, None)
    assert service.client.get("/readyz").status_code == 200
    heartbeats.beat(service.store.heartbeats, NOW, "not connected to the broker")
    assert service.client.get("/readyz").get_json()["checks"]["worker"] == "not connected to the broker"
    heartbeats.beat(service.store.heartbeats, NOW - timedelta(minutes=1), None)
    assert "no sign of life" in service.client.get("/readyz").get_json()["checks"]["worker"]
    service.store.cases.drop_indexes()
    assert "cases" in service.client.get("/readyz").get_json()["checks"]["indexes"]


def test_the_openapi_document_describes_every_address(service):
    document = service.client.get("/v1/openapi/reporting.json").get_json()
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {
        "/v1/indicators",
        "/v1/indicators/{code}",
        "/v1/reports",
        "/v1/reports/{definition}",
        "/v1/trace/{incident_id}",
        "/v1/reconciliation",
        "/v1/incidents/{incident_id}/state",
    }
    assert service.client.get("/healthz").status_code == 200
    assert service.client.get("/metrics").status_code == 200


def test_a_stopped_database_counts_as_down_within_seconds(folder, keys):
    """It takes the connection and never answers, as a stopped process does."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = Store(f"mongodb://127.0.0.1:{silent.getsockname()[1]}/?directConnection=true", "reporting")
        directory = DirectoryFolder(folder)
        client = assemble(Parts(store, Rollups(store), directory.current, lambda: NOW)).test_client()
        began = time.monotonic()
        answer = client.get("/readyz")
        numbers = client.get(f"/v1/indicators/{CODE}?period=2023-06", headers={"Authorization": "Bearer commune"})
        assert time.monotonic() - began < 12
        store.close()
    assert answer.get_json()["checks"]["mongodb"] == "MongoDB does not answer"
    assert (answer.status_code, numbers.status_code) == (503, 503)


def letter(body: bytes) -> DeadLetter:
    message = Message("reporting.events", body, "e-1", "vn.lentieng.incident.reported.v9", {"ce-id": "e-1", "a.b": 1})
    return DeadLetter(
        event_id="e-1",
        name="incident.reported",
        queue="reporting.events",
        headers=message.headers,
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        large=len(body) > 1024 * 1024,
        reason="unknown",
        at=NOW,
        message=message,
    )


def test_a_dead_letter_is_kept_once_and_can_be_sent_again_as_it_was(store, keys, tmp_path):
    cupboard = Cupboard(store, tmp_path / "dead", keys)
    one = letter(b'{"full_name": "MARKER-B"')
    cupboard.put(one)
    cupboard.put(one)
    (found,) = dead_letters.listed(store.dead_letters, 10)
    assert "MARKER-B" not in str(found)
    kept = dead_letters.one(store.dead_letters, found["_id"])
    assert dead_letters.message_of(kept, cupboard.body(kept)) == one.message
    dead_letters.replayed(store.dead_letters, found["_id"], NOW)
    assert dead_letters.listed(store.dead_letters, 10) == []


def test_a_large_dead_letter_is_a_sealed_file(store, keys, tmp_path):
    cupboard = Cupboard(store, tmp_path / "dead", keys)
    one = letter(b"MARKER-C" * 200_000)
    cupboard.put(one)
    (found,) = dead_letters.listed(store.dead_letters, 10)
    kept = dead_letters.one(store.dead_letters, found["_id"])
    assert kept["body"] is None
    assert cupboard.body(kept) == one.body
    (file,) = (tmp_path / "dead").iterdir()
    assert b"MARKER-C" not in file.read_bytes()


def test_a_dead_letter_and_the_event_that_tells_of_it_come_into_being_together(store, keys, tmp_path):
    woken = []
    cupboard = Cupboard(store, tmp_path / "dead", keys, told=lambda: woken.append(1))
    cupboard.put(letter(b"{"))
    cupboard.put(letter(b"{"))
    outbox = of_dead_letters(store)
    (item,) = outbox.pending(10, set())
    event = decode(item.message)
    validate(event)
    assert (event.data["event_id"], event.data["incident_id"], event.data["reason"]) == ("e-1", None, "unknown")
    assert outbox.pending(10, {item.key}) == []
    outbox.confirmed([item.key])
    cupboard.put(letter(b"{"))  # its ack was lost: the same death again
    assert outbox.pending(10, set()) == []
    assert woken == [1, 1, 1]


def test_what_a_dead_letter_tells_fits_its_own_schema_whatever_the_letter_says(store, keys, tmp_path):
    odd = letter(b"{")
    headers = {"ce-subject": "x" * 500, "ce-commune": 7}
    odd = replace(odd, event_id=None, name=None, reason="y" * 900, message=replace(odd.message, headers=headers))
    Cupboard(store, tmp_path / "dead", keys).put(odd)
    (item,) = of_dead_letters(store).pending(10, set())
    event = decode(item.message)
    validate(event)
    assert (event.data["event_id"], event.data["name"], event.commune) == (odd.sha256, "unknown", "7")
