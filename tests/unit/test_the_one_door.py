"""The door of the containers leads to what is there, and to nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1].parent
CADDYFILE = (ROOT / "deploy/docker/caddy/Caddyfile").read_text(encoding="utf-8")
PATHS = [
    (service, path)
    for service in ("intake", "notify", "reporting")
    for path in re.findall(rf"^\t@{service} path (.+)$", CADDYFILE, re.MULTILINE)[0].split()
]


def source(service: str) -> str:
    files = (ROOT / "services" / service).rglob("*.py")
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@pytest.mark.parametrize(("service", "path"), PATHS)
def test_every_path_of_the_door_is_one_that_its_service_knows(service, path):
    known, text = path.partition("*")[0].rstrip("/") or "/", source(service)
    names = [known]
    if known.startswith("/v1/openapi/"):  # named by its last part alone
        names.append(known.rpartition("/")[2])
    if 'url_prefix="/v1"' in text:
        names.append(known.removeprefix("/v1"))
    assert any(re.search(rf'"{re.escape(name)}["/]', text) for name in names), f"{service} serves nothing at {path}"


def test_no_path_is_two_services():
    assert len({path for _, path in PATHS}) == len(PATHS)
