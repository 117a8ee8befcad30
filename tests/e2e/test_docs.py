"""What the pages tell people to type works as they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```sh(?: (?P<tag>[^\n]+))?\n(?P<code>.*?)^```$", re.M | re.S)
PARTNERS = [
    (match["tag"] or "", match["code"]) for match in BLOCK.finditer((REPOSITORY / "docs" / "partners.md").read_text())
]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
OPERATOR = (REPOSITORY / "docs" / "operator.md").read_text(encoding="utf-8")
# The function that the page defines, and each line of its table that needs nothing filled in.
(DEFINED,) = re.findall(r"^    (svc\(\) .*)$", OPERATOR, re.M)
COMMANDS = [line for line in re.findall(r"`(svc [^`]+)`", OPERATOR) if "<" not in line and len(line.split()) > 3]
LINES = [(tag, code) for tag, code in PARTNERS if not tag.startswith("setup")]
(CASE,) = [code for tag, code in PARTNERS if tag == "setup=case"]


@pytest.fixture(scope="module")
def typed(people):
    """The shell in which the lines are typed: where the services are, and what the page says to keep of an answer."""
    ready = people.ready
    environment = {
        **os.environ,
        "LENTIENG": ready["intake"],
        "REPORTING": ready["reporting"],
        "KEY": ready["partner_key"],
    }
    names = ("INCIDENT", "CASE", "CASE_TOKEN")
    show = "".join(f"printf '%s\\n' \"${name}\"\n" for name in names)
    ran = subprocess.run(["bash", "-euc", CASE + show], env=environment, capture_output=True, text=True, check=True)
    kept = dict(zip(names, ran.stdout.split(), strict=True))
    people.stored(kept["INCIDENT"])
    return environment | kept


@pytest.mark.parametrize(("tag", "code"), LINES, ids=[str(number) for number in range(len(LINES))])
def test_a_partners_line_does_what_the_page_says(typed, tag, code):
    expected = int(tag.removeprefix("expect=")) if tag else None
    shell = code.replace("curl ", "curl -sS -w '\\n%{http_code}' ", 1)
    ran = subprocess.run(["bash", "-euc", shell], cwd=REPOSITORY, env=typed, capture_output=True, text=True, check=True)
    body, status = ran.stdout.rsplit("\n", 1)

    assert int(status) == expected if expected else 200 <= int(status) < 300, body
    assert body.strip()


def test_the_page_has_lines_for_every_call_of_version_1():
    text = "".join(code for _, code in PARTNERS)

    assert len(LINES) >= 6
    for part in (
        "/v1/incidents",
        "dry_run=1",
        "/v1/codes",
        "/v1/openapi/intake.json",
        "incident-full.json",
        "/steps",
        "/state",
    ):
        assert part in text


@pytest.fixture(scope="module")
def repository(stack, tmp_path_factory):
    """A repository whose `.local` is this stack's, as it is after `make run`."""
    folder = tmp_path_factory.mktemp("repository")
    for name in ("deploy", "services", "shared", "tests"):
        (folder / name).symlink_to(REPOSITORY / name)
    (folder / ".local").symlink_to(stack.home)
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def test_the_readmes_report_has_happened_now_whatever_the_ports(people, repository):
    lines = README.partition("    ready() {")[2].partition("\n<img")[0].replace("\n    ", "\n")
    ran = subprocess.run(
        ["bash", "-euc", "ready() {" + lines], cwd=repository, capture_output=True, text=True, check=True
    )
    answer, sandbox = ran.stdout.strip().rsplit("\n", 1)
    told = json.loads(answer)

    assert sandbox == people.ready["sandbox"]
    assert told["warnings"] == []
    today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh"))
    people.sent(told["incident_id"])
    texts = [one["text"] for one in people.messages(told["code"]) if one["channel"] == "sms"]
    assert [text for text in texts if f"{today:%d/%m}" in text or f"{today + timedelta(days=1):%d/%m}" in text] == texts


@pytest.mark.parametrize("line", COMMANDS)
def test_an_operators_line_runs_with_the_settings_of_its_service(repository, line):
    ran = subprocess.run(
        ["bash", "-uc", f"{DEFINED}\n{line}"], cwd=repository, capture_output=True, text=True, timeout=120, check=False
    )

    # `spool status` says 1 while something waits.
    assert ran.returncode == 0 or ("spool status" in line and "waiting" in ran.stdout), ran.stderr
