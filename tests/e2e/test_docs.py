"""What the pages tell people to type works as they say."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```sh(?: (?P<tag>[^\n]+))?\n(?P<code>.*?)^```$", re.M | re.S)
PARTNERS = [
    (match["tag"] or "", match["code"]) for match in BLOCK.finditer((REPOSITORY / "docs" / "partners.md").read_text())
]
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
