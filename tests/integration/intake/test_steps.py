"""A step on its way: on disk before it is answered, alike on every replica, sealed, and with what proves it nowhere."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from shared import sealing, signing
from shared.sealing import Opener, load_private_dir
from tests.harness.leaks import Markers, files

from .conftest import FULL, PARTNERS
from .staffed import STAFF, desk_of

STEP = {"step": "EMERGENCY_APPLIED", "at": "2023-06-01T08:30:00+07:00", "note": "Cháu an toàn."}


@pytest.fixture
def desk(signing_key):
    return desk_of(signing_key)


def reported(replica, **changes):
    return replica.post({**FULL, **changes}, partner="worker").json()


def by_partner(replica, told, number=1, partner="worker", **changes):
    headers = {"Authorization": f"Bearer {PARTNERS[partner].token}", "Idempotency-Key": "k-1"}
    body = {**STEP, "case_token": told["case_token"], **changes}
    return replica.client.post(f"/v1/cases/{told['case_ids'][number - 1]}/steps", json=body, headers=headers)


def test_the_token_of_a_202_is_the_same_on_every_replica_and_lets_its_own_partner_tell_steps(replicas, broker):
    first, second = replicas("a"), replicas("b")
    told, again = reported(first), reported(second)
    assert told == again
    assert told["case_token"]

    answers = [by_partner(replica, told) for replica in (first, second, first)]
    stranger = by_partner(first, told, partner="stepper")
    elsewhere = by_partner(first, {**told, "case_token": reported(first, external_id="KB-2")["case_token"]})

    assert [answer.status_code for answer in answers] == [202] * 3
    assert len({answer.text for answer in answers}) == 1
    assert (stranger.status_code, elsewhere.status_code) == (403, 403)


def test_a_step_of_staff_reaches_the_broker_sealed(replicas, broker, desk, sealing_keys):
    replica = replicas()
    told = reported(replica)
    answer = desk.post(replica, told, 1, step="EMERGENCY_APPLIED", note="Đưa cháu đến trạm y tế.")

    assert answer.status_code == 303, answer.text
    _, event = broker.events(2)
    where = urlsplit(answer.headers["Location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == f"{STAFF}/staff/truong-hop/{told['code']}-1"
    assert parse_qs(where.query) == {"cho": [event.id]}
    assert (event.name, event.subject, event.commune, event.seq) == (
        "case.step_recorded", told["incident_id"], "binh-luong", 2,
    )  # fmt: skip
    assert (event.data["case_id"], event.data["code"]) == (told["case_ids"][0], told["code"])
    opened = Opener(load_private_dir(sealing_keys / "private")).open(event.subject, event.data["sealed"], "step")
    assert opened == {"note": "Đưa cháu đến trạm y tế.", "fields": {}}


def test_a_step_that_was_answered_is_there_after_a_kill(replicas, broker, desk, vhost):
    replica = replicas(AMQP_URL="amqp://guest:guest@127.0.0.1:1/")
    told = reported(replica)
    assert desk.post(replica, told, step="CONFLICT_DECLARED", withhold_from="th-binh-luong").status_code == 303
    replica.kill()
    assert replica.spool("status")["waiting"] == 2
    replica.environment["AMQP_URL"] = vhost
    replica.start()

    assert [event.name for event in broker.events(2)] == ["incident.reported", "case.step_recorded"]


def test_a_new_sealing_key_is_taken_without_a_restart(replicas, broker, tmp_path):
    public, private = tmp_path / "public.pem", tmp_path / "private"
    first = sealing.generate(private, public)
    replica = replicas(SEALING_PUBLIC_KEY_FILE=str(public))
    told = reported(replica)
    second = sealing.generate(private, tmp_path / "next.pem")
    (tmp_path / "next.pem").replace(public)
    by_partner(replica, told)

    events = broker.events(2)
    assert [event.data["sealed"]["key_id"] for event in events] == [first, second]
    opened = Opener(load_private_dir(private)).open(told["incident_id"], events[1].data["sealed"], "step")
    assert opened["note"] == "Cháu an toàn."


def test_a_new_session_key_is_taken_without_a_restart(replicas, broker, tmp_path):
    folder = tmp_path / "session-public"
    signing.generate(tmp_path / "first.pem", folder)
    replica = replicas(SESSION_PUBLIC_DIR=str(folder))
    told = reported(replica)
    signing.generate(tmp_path / "second.pem", folder)

    for name in ("second", "first"):
        assert desk_of(tmp_path / f"{name}.pem").post(replica, told, step="EMERGENCY_APPLIED").status_code == 303


def test_nothing_written_and_nothing_that_proves_a_right_is_in_spool_log_or_broker(replicas, broker, desk):
    markers = Markers()
    replica = replicas()
    told = reported(replica)
    typed = {"note": markers.new("note"), "next_visit": markers.new("field")}
    assert desk.post(replica, told, step="EMERGENCY_APPLIED", **typed).status_code == 303
    assert desk.post(replica, told, step="EATEN", risk=markers.new("risk"), **typed).status_code == 422
    assert (
        desk.post(replica, told, step="EMERGENCY_APPLIED", grant=markers.new("grant").encode().hex()).status_code == 403
    )
    bad = {"note": markers.new("API note"), "risk": markers.new("API risk"), markers.new("name"): 1}
    assert by_partner(replica, told, **bad).status_code == 422
    fields = {"next_visit": markers.new("API field")}
    assert by_partner(replica, told, note=markers.new("kept note"), fields=fields).status_code == 202
    proofs = told["case_token"].split(".")[1:]

    messages = []
    while len(messages) < 3:
        message = broker.take()
        if message is not None:
            messages.append(repr(message).encode() + message.body)
    assert replica.stop() == 0
    places = {
        f"file {name}": content for name, content in files(Path(replica.environment["SPOOL_FILE"]).parent).items()
    }
    places["broker"] = b"\n".join(messages)

    assert any(name.endswith(".log") for name in places)
    assert markers.found_in(places) == []
    assert [name for name, content in places.items() for proof in proofs if proof.encode() in content] == []


def test_the_contract_of_steps_is_published(replicas, broker):
    described = replicas().client.get("/v1/openapi/intake.json").json()

    assert "/v1/cases/{case_id}/steps" in described["paths"]
    assert {"step", "at", "fields", "case_token"} <= set(described["components"]["schemas"]["Step"]["properties"])
