"""Nothing personal is in the spool, the logs or the broker; and the search for it finds what is not sealed."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from tests.harness.leaks import Markers, files
from tests.harness.waiting import until

from .conftest import FULL


def planted_requests(replica, markers):
    """Markers as values, as names of unknown fields, in keys, tokens, paths, queries and forms."""
    body = markers.fill(copy.deepcopy(FULL))
    assert len(markers.planted) >= 20
    assert replica.post(body).status_code == 202
    unknown = {**FULL, markers.new("unknown field name"): markers.new("its value"), "kinds": [markers.new("bad code")]}
    assert replica.post(unknown).status_code == 422
    assert replica.post({**FULL, "village": markers.new("bad village")}).status_code == 422
    assert replica.post(content=b'{"full_name": "' + markers.new("broken JSON").encode() + b'"').status_code in {
        400,
        415,
    }
    replica.client.get("/" + markers.new("path"))
    replica.client.get("/", params={"name": markers.new("query")})
    token = markers.new("token").encode().hex()
    replica.client.post("/v1/incidents", json=FULL, headers={"Authorization": f"Bearer {token}"})
    form = {name: markers.new(name) for name in ("description", "place", "child_name", "reporter_phone", "village")}
    assert replica.client.post("/", data=form).status_code == 200


def written(replica, broker):
    spool = Path(replica.environment["SPOOL_FILE"]).parent
    messages = []

    def drained():
        message = broker.take()
        if message is not None:
            messages.append(repr(message).encode() + message.body)
        return len(messages) >= 2

    until(drained, timeout=20, what="both reports in the broker")
    assert replica.stop() == 0
    places = {f"file {name}": content for name, content in files(spool).items()}
    assert any(name.endswith(".log") for name in places)
    return {**places, "broker": b"\n".join(messages)}


@pytest.fixture
def markers():
    return Markers()


def test_no_marker_is_in_spool_log_or_broker(replicas, broker, markers):
    replica = replicas()
    planted_requests(replica, markers)

    assert markers.found_in(written(replica, broker)) == []


def test_with_sealing_switched_off_the_search_finds_every_field(replicas, broker, markers):
    replica = replicas(module="tests.harness.unsealed_intake")
    planted_requests(replica, markers)

    found = markers.found_in(written(replica, broker))
    fields = {line.split(" in ")[0] for line in found}
    assert {"/children/full_name", "/reporter/phone", "/description", "/external_id", "/suspects/description"} <= fields
    assert {line.split(" in ")[1].split(" as ")[0] for line in found} >= {"broker", "file spool.db"}


def test_nothing_that_intake_can_read_opens_a_row(replicas, broker, sealing_keys):
    replica = replicas()
    environment = Path(f"/proc/{replica.process.pid}/environ").read_bytes()
    named = [Path(value) for value in replica.environment.values() if value.startswith("/") and Path(value).exists()]
    readable = [
        environment,
        *(one for path in named for one in (files(path).values() if path.is_dir() else [path.read_bytes()])),
    ]
    private = next((sealing_keys / "private").glob("*.pem")).read_bytes()
    secret = b"".join(private.splitlines()[1:-1])

    assert len(readable) > 5
    assert not [content for content in readable if b"PRIVATE KEY" in content or secret in content]
