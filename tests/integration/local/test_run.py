"""`make run` as a whole, with engines of its own: what it leaves for others to read, and that nothing is left of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.ports import Ports
from tests.harness.left import mentioning
from tests.harness.stack import Stack
from tests.harness.waiting import until

REPO = Path(__file__).resolve().parents[3]
KEYS = {
    "intake",
    "intake_replicas",
    "notify",
    "reporting",
    "sandbox",
    "amqp",
    "mongo",
    "partner_key",
    "operator_token",
    "district_token",
    "successor_token",
    "staff",
}


def launch(home: Path, ports: Ports) -> subprocess.Popen[bytes]:
    ours = {"LENTIENG_LOCAL": str(home), "LENTIENG_PORT_BASE": str(ports.base), "LENTIENG_DRILL": "0"}
    given = {"AMQP_URL", "MONGO_URL", "RABBITMQ_MANAGEMENT_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in given} | ours
    with (home / "terminal.txt").open("wb") as out:
        return subprocess.Popen([sys.executable, "-m", "deploy.local.run"], cwd=REPO, env=environment, stdout=out,
                                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)  # fmt: skip


@pytest.mark.timeout(400)
def test_the_whole_stack_comes_up_keeps_its_services_up_and_is_gone_when_killed():
    stack = Stack.start(intakes=2, drill=True)
    try:
        assert set(stack.ready) == KEYS
        assert len(stack.ready["intake_replicas"]) == 2
        assert (stack.home / "ready.json").stat().st_mode & 0o777 == 0o600
        assert "đã vào hồ sơ" in stack.output()
        assert "Chưa thấy" not in stack.output()

        worker = next(pid for pid in mentioning(stack.home) if "notify worker" in arguments(pid))
        os.kill(worker, signal.SIGKILL)
        until(lambda: "notify-worker đã dừng" in stack.output(), what="the dead worker is named")
        until(lambda: any("notify worker" in arguments(pid) for pid in mentioning(stack.home)), timeout=20,
              what="and started again")  # fmt: skip

        stack.process.kill()
        stack.process.wait()
        until(lambda: not mentioning(stack.home), timeout=60, what="nothing outlives a run that was killed")
    finally:
        stack.stop()


def arguments(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def broker_starts(home: Path) -> bool:
    """As processes of its own, or in a container, whose process is not on this side."""
    return {"beam.smp", "epmd"} <= set(mentioning(home).values()) or (home / "rabbitmq" / "volume").exists()


@pytest.mark.timeout(200)
def test_a_start_that_is_broken_off_leaves_nothing(tmp_path):
    run = launch(tmp_path, Ports.free())
    try:
        until(lambda: broker_starts(tmp_path), timeout=60, what="the broker starts")
        run.send_signal(signal.SIGTERM)
        assert run.wait(60) == 0
        until(lambda: not mentioning(tmp_path), what="none of ours is left")
        assert not (tmp_path / "ready.json").exists()
    finally:
        run.kill()


def test_a_taken_port_ends_the_start_with_a_sentence_before_anything_runs(tmp_path):

    ports = Ports.free()
    with socket.socket() as other:
        other.bind(("127.0.0.1", ports.of("mongo")))
        other.listen()
        run = launch(tmp_path, ports)
        assert run.wait(30) == 1
    said = (tmp_path / "terminal.txt").read_text(encoding="utf-8")
    assert str(ports.of("mongo")) in said
    assert "LENTIENG_PORT_BASE" in said
    assert not (tmp_path / "log" / "rabbitmq.log").exists()


def test_tokens_and_files_are_the_same_after_a_restart(tmp_path):
    from deploy.local import files
    from deploy.local.place import Place
    from deploy.local.vault import Vault
    from shared.directory import load
    from shared.tokens import token_hash

    place, said = Place(tmp_path), []
    first = files.prepare(place, Ports(), Vault(place.secrets), said.append)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert [str(place.envelope) in sentence for sentence in said] == [True]
    assert files.prepare(place, Ports(), Vault(place.secrets), said.append) == first
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert len(said) == 1, "the envelope is spoken of when it is made, and never again"

    directory = load(place.directory)
    partner = directory.partner_by_token_hash(token_hash(first["partner_key"]))
    assert partner is not None
    assert partner.scopes == {"incident:write", "drill:write", "step:write"}
    assert json.dumps(first).count("lt_") == 4
