"""A 202 is on disk: whatever dies next, it comes out again; and what is not on disk is never a 202."""

from __future__ import annotations

import shutil
import socket
from concurrent.futures import ThreadPoolExecutor

from tests.harness.waiting import until

from .conftest import FULL

DEAD_BROKER = "amqp://guest:guest@127.0.0.1:9/nowhere"


def body(number: int) -> dict[str, object]:
    return {**FULL, "external_id": f"L-{number}"}


def test_reports_are_accepted_without_a_broker_and_relayed_when_it_is_there(replicas, broker):
    replica = replicas("a", AMQP_URL=DEAD_BROKER)
    accepted = [replica.post(body(n)).json()["incident_id"] for n in range(5)]
    assert replica.client.get("/readyz").status_code == 200
    assert replica.spool("status")["waiting"] == 5

    assert replica.stop() == 0
    replica.environment["AMQP_URL"] = broker.url
    replica.start()

    assert [event.id for event in broker.events(5)] == accepted
    until(lambda: replica.spool("status")["waiting"] == 0, what="the spool is empty")


def test_kill_minus_nine_between_202_and_relay_loses_nothing(replicas, broker):
    replica = replicas("a", AMQP_URL=DEAD_BROKER)
    with ThreadPoolExecutor(8) as pool:
        accepted = {answer.json()["incident_id"] for answer in pool.map(lambda n: replica.post(body(n)), range(40))}
    replica.kill()

    replica.environment["AMQP_URL"] = broker.url
    replica.start()

    events = broker.events(40)
    assert {event.id for event in events} == accepted
    assert sorted(event.seq for event in events) == list(range(1, 41))


def test_sigterm_drains_and_answers_what_it_had_taken(replicas, broker):
    replica = replicas()
    accepted = [replica.post(body(n)).json()["incident_id"] for n in range(20)]

    assert replica.stop() == 0
    assert {event.id for event in broker.events(20)} == set(accepted)
    assert replica.spool("status")["waiting"] == 0


def test_a_replay_publishes_the_same_event_again(replicas, broker):
    replica = replicas()
    replica.post(body(1))
    (first,) = broker.events(1)
    until(lambda: replica.spool("status")["sealed"] == 1)

    assert replica.spool("replay", "--from", "1", "--to", "1")["replayed"] == 1
    (again,) = broker.events(1)
    assert again == first


def test_a_failing_fsync_is_never_a_202(replicas, broker):
    strace, call = shutil.which("strace"), "fsync,fdatasync"
    assert strace, "the fault needs strace (apt-get install strace)"
    replica = replicas("a")
    replica.post(body(0))
    replica.stop()
    replica.wrapper = [
        strace,
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        f"trace={call}",
        "-e",
        f"inject={call}:error=EIO:when=1+",
    ]
    replica.start()

    answers = [replica.post(body(n)) for n in range(1, 5)]

    assert {answer.status_code for answer in answers} == {503}
    assert all(answer.headers["Retry-After"] for answer in answers)
    replica.kill()
    replica.wrapper = []
    replica.start()
    assert replica.post(body(9)).status_code == 202


def test_urgent_reports_that_wait_a_minute_sound_intakes_own_alarm_only_with_a_gateway(replicas, broker):
    replica = replicas("a", AMQP_URL=DEAD_BROKER)
    page = replica.client.post("/", data={"description": "Trẻ bị đánh"})

    assert page.status_code == 200
    assert "chưa chuyển được" not in page.text


def test_half_sent_bodies_do_not_keep_the_others_out(replicas, broker):
    replica = replicas("a", THREADS="4", module="tests.harness.impatient_intake")
    port = int(replica.environment["PORT"])
    head = (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99\r\n\r\na="
    )
    slow = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(8)]
    try:
        for one in slow:
            one.sendall(head)

        assert replica.post().status_code == 202
        assert slow[0].recv(1) in {b"", b"H"}
    finally:
        for one in slow:
            one.close()
