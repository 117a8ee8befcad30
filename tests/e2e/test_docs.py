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
LINES = [(tag, code) for tag, code in PARTNERS if tag != "setup"]


@pytest.mark.parametrize(("tag", "code"), LINES, ids=[str(number) for number in range(len(LINES))])
def test_a_partners_line_does_what_the_page_says(people, tag, code):
    expected = int(tag.removeprefix("expect=")) if tag else None
    shell = code.replace("curl ", "curl -sS -w '\\n%{http_code}' ", 1)
    environment = {**os.environ, "LENTIENG": people.ready["intake"], "KEY": people.ready["partner_key"]}
    ran = subprocess.run(
        ["bash", "-euc", shell], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True
    )
    body, status = ran.stdout.rsplit("\n", 1)

    assert int(status) == expected if expected else 200 <= int(status) < 300, body
    assert body.strip()


def test_the_page_has_lines_for_every_call_of_version_1():
    text = "".join(code for _, code in PARTNERS)

    assert len(LINES) >= 6
    for part in ("/v1/incidents", "dry_run=1", "/v1/codes", "/v1/openapi/intake.json", "incident-full.json"):
        assert part in text
