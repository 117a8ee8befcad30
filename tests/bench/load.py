"""Two ways to press: as much as 32 connections take (wrk), or so many a second whatever happens (open loop)."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import secrets
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.bench.site import BODY, TOKEN

CONNECTIONS = 32
_SENDERS = 32
_SCRIPT = Path(__file__).with_name("report.lua")


@dataclass(frozen=True)
class Pressed:
    """`refused`: answers that were no 2xx. Latencies in seconds. What was on its way at the end is in none of them."""

    answered: int
    refused: int
    seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        return (self.answered - self.refused) / self.seconds


def press(url: str, seconds: float) -> Pressed:
    """Post the contract's full body, each time with an `external_id` of its own. Skips where there is no wrk."""
    if shutil.which("wrk") is None:
        pytest.skip("wrk is not installed: `make bench` installs it")
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--timeout", "15s", "-s", str(_SCRIPT), url]
    told = {"BENCH_BODY": str(BODY), "BENCH_TOKEN": TOKEN, "BENCH_RUN": secrets.token_hex(6)}
    done = subprocess.run(command, env={**os.environ, **told}, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert not found["broken"], f"connections broke: {done.stdout}"
    return Pressed(
        answered=found["requests"],
        refused=found["refused"],
        seconds=found["microseconds"] / 1e6,
        p50=found["p50"] / 1e6,
        p99=found["p99"] / 1e6,
    )


@dataclass(frozen=True)
class Answer:
    """`late` is from the moment it was due to be sent to its answer, in seconds: waiting for a sender counts."""

    status: int
    incident_id: str
    late: float


def open_loop(url: str, rate: float, count: int, token: str = TOKEN) -> list[Answer]:
    """`count` reports, one every 1/rate seconds, sent when they are due however slow the answers are."""
    raw = json.loads(BODY.read_text())
    run = secrets.token_hex(6)
    place = urlsplit(url).netloc
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    numbers, answers = itertools.count(), [Answer(0, "", 0.0)] * count
    start = time.monotonic() + 0.5

    def send() -> None:
        connection = http.client.HTTPConnection(place, timeout=30)
        while (number := next(numbers)) < count:
            due = start + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            body = json.dumps({**raw, "external_id": f"{run}-{number}"})
            connection.request("POST", "/v1/incidents", body, headers)
            response = connection.getresponse()
            content = json.loads(response.read())
            answers[number] = Answer(response.status, content.get("incident_id", ""), time.monotonic() - due)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(_SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
