"""The real processes: started, killed with -9 at the worst moments, stopped politely."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from services.notify import states
from services.notify.documents import connection
from services.notify.store import collections
from shared.events import encode
from shared.messaging.publisher import Publisher
from tests.harness.waiting import until
from tests.integration.notify.system import ROOT, reported

# A lease of seconds, so that what a killed process had claimed comes due within the test.
_LAUNCHER = """
import sys
from datetime import timedelta
from services.notify import dispatching
from services.notify.store import claims
from shared import crashpoints
claims.LEASE = timedelta(seconds=2)
dispatching.CALL = timedelta(seconds=1)
if sys.argv[1]:
    crashpoints.arm({sys.argv[1]: int(sys.argv[2])})
from services.notify.__main__ import main
main(sys.argv[3:])
"""


@pytest.fixture
def launch(environment):
    started = []

    def run(*arguments: str, crash: str = "", at: int = 1, **changed: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-W", "error", "-c", _LAUNCHER, crash, str(at), *arguments]
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment, **changed}
        process = subprocess.Popen(command, cwd=ROOT, env=env)
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait(10)


@pytest.fixture
def publish(vhost):
    publisher = Publisher(vhost, name="test")
    publisher.start()
    yield lambda event: publisher.publish("events", encode(event)).result(10)
    publisher.close()


@pytest.fixture
def looking(settings):
    connection.connect(settings.mongo_url, settings.mongo_database)
    yield
    connection.disconnect()


@pytest.mark.parametrize(
    ("point", "at"),
    [
        ("notify.alert_stored", 1),
        ("notify.alert_stored", 2),
        ("notify.claimed", 1),
        ("notify.before_send", 1),
        ("notify.after_send", 3),
        ("consumer.handled", 1),
    ],
)
def test_whatever_the_moment_of_kill_9_everybody_is_told(launch, publish, gateway, mail, looking, point, at):
    doomed = launch("worker", "run", crash=point, at=at)
    event = reported()
    publish(event)
    assert doomed.wait(30) == -signal.SIGKILL

    after = launch("worker", "run")

    def settled():
        rows = [row for one in collections.alerts().find({"incident_id": event.id}) for row in one["deliveries"]]
        return len(rows) == 10 and all(row["state"] == states.ACCEPTED for row in rows)

    until(settled, timeout=40)
    assert len(gateway.messages) == 5  # the provider knows request ids: a repeat is no second message
    assert {to for to, _ in mail.mails} == {row["to"] for row in _rows(event.id) if row["channel"] == "email"}
    assert all(sum(1 for one, _ in mail.mails if one == to) <= 2 for to, _ in mail.mails)
    until(lambda: collections.alerts().count_documents({"outgoing.0": {"$exists": True}}) == 0)
    after.send_signal(signal.SIGTERM)
    assert after.wait(30) == 0


def _rows(incident):
    return [row for one in collections.alerts().find({"incident_id": incident}) for row in one["deliveries"]]


def test_web_and_worker_come_up_ready_and_leave_on_sigterm(launch, looking):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web, worker = launch("app", "run", PORT=str(port)), launch("worker", "run")

    base = f"http://127.0.0.1:{port}"
    until(lambda: httpx.get(f"{base}/readyz", trust_env=False).status_code == 200, timeout=40)
    page = httpx.get(f"{base}/a/AAAAAAAAAAAAAAAA", trust_env=False)
    assert page.status_code == 404
    style = httpx.get(f"{base}/a/static/notify.css", trust_env=False)
    assert style.status_code == 200
    lost = httpx.get(f"{base}/nowhere", headers={"Accept": "text/html"}, trust_env=False)
    assert (lost.status_code, "/staff/vao" in lost.text) == (404, True)

    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    until(lambda: httpx.get(f"{base}/readyz", trust_env=False).status_code == 503)
    web.send_signal(signal.SIGTERM)
    assert web.wait(30) == 0


def test_a_missing_setting_is_one_sentence_and_status_78(launch):
    assert launch("worker", "run", LINK_KEY="").wait(30) == 78
